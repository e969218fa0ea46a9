internal import Glibc
internal import SystemPackage

/// One ingest's folder in `.processing`, locked while a process works on it:
/// `<ingest id>/<campaign>/<file>`, or `<ingest id>/<campaign>/check/<file>` for a dry run.
/// The folders say where the file came from, so that after a kill between any two calls it can go on or go back.
struct ClaimSlot: ~Copyable {
    let id: FilePath.Component
    let origin: DropFolder
    let processing: OpenFolder
    /// Holds the lock.
    let folder: OpenFolder
    /// Where the file lies.
    let leaf: OpenFolder
    /// The names of the two folders are on disk.
    private let isFlushed: Bool

    init(
        id: FilePath.Component, origin: DropFolder, processing: consuming OpenFolder,
        folder: consuming OpenFolder, leaf: consuming OpenFolder, isFlushed: Bool = false
    ) {
        self.id = id
        self.origin = origin
        self.processing = processing
        self.folder = folder
        self.leaf = leaf
        self.isFlushed = isFlushed
    }

    /// Makes the folders for a new claim.
    static func make(
        _ id: String, for origin: DropFolder, in folders: SpoolFolders
    ) throws(SpoolError) -> ClaimSlot {
        guard Claim.isIngestID(id), let name = FilePath.Component(id) else {
            throw SpoolError(.create, folders.processing, .invalidArgument, hint: "\"\(id)\" is no ingest id")
        }
        guard let key = FilePath.Component(origin.campaign), SpoolFolders.isDropFolderName(origin.campaign) else {
            throw SpoolError(
                .create, folders.processing, .invalidArgument,
                hint: "\"\(OneLine.text(origin.campaign))\" is no campaign key")
        }
        if !origin.isCheck, let slot = reuse(name, key, in: folders) { return slot }
        let processing = try folders.openProcessing()
        // A recovery running beside may take the new folder for a left-over and remove it before it is locked.
        for _ in 0..<8 {
            let folder = try processing.madeFolder(name, mode: 0o700)
            guard try folder.lock() else { throw SpoolError(.lock, folder.path, .wouldBlock) }
            guard try folder.facts().links > 0, try processing.facts(of: name) != nil else { continue }
            let leaf = try makeLeaf(key, isCheck: origin.isCheck, in: folder)
            return ClaimSlot(id: name, origin: origin, processing: processing, folder: folder, leaf: leaf)
        }
        throw SpoolError(.create, processing.path.appending(name), .resourceBusy)
    }

    private static func makeLeaf(
        _ key: FilePath.Component, isCheck: Bool, in folder: borrowing OpenFolder
    ) throws(SpoolError) -> OpenFolder {
        let campaign = try folder.madeFolder(key, mode: 0o700)
        guard isCheck else { return campaign }
        return try campaign.madeFolder(SpoolFolders.checkName, mode: 0o700)
    }

    /// The slot of an earlier process; nil when there is none, or a living process holds it.
    static func open(_ id: FilePath.Component, in folders: SpoolFolders, tries: Int = 20) throws(SpoolError) -> Reopened? {
        let processing = try folders.openProcessing()
        guard let folder = try processing.folder(id), try folder.lock(tries: tries) else { return nil }
        guard let (origin, name) = try claimed(in: folder), let key = FilePath.Component(origin.campaign),
            let campaign = try folder.folder(key)
        else { return .empty(processing, folder) }
        guard origin.isCheck else {
            return .file(
                ClaimSlot(id: id, origin: origin, processing: processing, folder: folder, leaf: campaign), name)
        }
        guard let check = try campaign.folder(SpoolFolders.checkName) else { return .empty(processing, folder) }
        return .file(
            ClaimSlot(id: id, origin: origin, processing: processing, folder: folder, leaf: check), name)
    }

    enum Reopened: ~Copyable {
        case file(ClaimSlot, FilePath.Component)
        case empty(OpenFolder, OpenFolder)
    }

    static func claimed(
        in folder: borrowing OpenFolder
    ) throws(SpoolError) -> (DropFolder, FilePath.Component)? {
        for key in try folder.names() where SpoolFolders.isDropFolderName(key.string) {
            guard try folder.facts(of: key)?.kind == .folder, let campaign = try folder.folder(key) else { continue }
            for name in try campaign.names() {
                guard try campaign.facts(of: name)?.kind == .folder else {
                    return (DropFolder(campaign: key.string), name)
                }
                guard name == SpoolFolders.checkName, let check = try campaign.folder(name) else { continue }
                if let name = try check.names().first {
                    return (DropFolder(campaign: key.string, isCheck: true), name)
                }
            }
        }
        return nil
    }

    /// What has to be flushed for the file's new place to be durable, from the inside out.
    var places: [FlushedPlace] { isFlushed ? [leaf.place] : [leaf.place, folder.place, processing.place] }

    /// For what is not flushed beside its reading.
    func flush() throws(SpoolError) {
        try leaf.flush()
        try folder.flush()
        try processing.flush()
    }

    /// Removes the folders, which are empty by now; one that is not stays for recovery.
    func remove() {
        Self.remove(folder, named: id, from: processing)
    }

    /// The half copy that a killed `Claim.copy` leaves.
    static let partialName: FilePath.Component = "copy"
    /// What came along with an uploaded file: how its columns are to be read.
    static let rulesName: FilePath.Component = "rules.json"

    /// A byte for each process that came to a bad end with the claim in hand.
    static let badEndsName: FilePath.Component = "bad-ends"

    static let ownNames = [partialName, rulesName, badEndsName]

    static func remove(
        _ folder: borrowing OpenFolder, named id: FilePath.Component, from processing: borrowing OpenFolder
    ) {
        for own in ownNames { _ = own.withPlatformString { unlinkat(folder.descriptor, $0, 0) } }
        for key in (try? folder.names()) ?? [] {
            if let campaign = try? folder.folder(key) { campaign.removeEmptyFolder(SpoolFolders.checkName) }
            folder.removeEmptyFolder(key)
        }
        processing.removeEmptyFolder(id)
    }
}
