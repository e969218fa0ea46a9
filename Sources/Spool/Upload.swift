internal import CLinux
internal import Glibc
import Synchronization
package import SystemPackage

/// A file that comes piece by piece, and is a claim once it is whole: nobody sees it before `finish`, a process that is
/// killed leaves nothing that counts, and nothing stays behind without `finish`.
package final class Upload: Sendable {
    /// The ingest's id, a lower-case UUID.
    package let id: String
    private let open: Mutex<OpenUpload?>

    /// - Parameter id: the ingest's id, a lower-case UUID.
    /// - Throws: `SpoolError`.
    package init(campaign: String, in folders: SpoolFolders, id: String) throws(SpoolError) {
        self.id = id
        open = try Mutex(OpenUpload.make(id, DropFolder(campaign: campaign), folders))
    }

    /// Adds bytes at the end. Throws `SpoolError`.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(SpoolError) {
        try open.withLock { (upload: inout sending OpenUpload?) throws(SpoolError) in try upload?.append(bytes) }
    }

    /// A second descriptor of what came so far, to be read and closed by the caller.
    /// - Throws: `SpoolError`.
    package func reader() throws(SpoolError) -> FileDescriptor {
        try open.withLock { (upload: inout sending OpenUpload?) throws(SpoolError) in
            guard let descriptor = try upload?.reader() else { throw SpoolError(.read, "", .badFileDescriptor) }
            return descriptor
        }
    }

    /// Makes it a claim that is on disk when this returns, together with `rules`, for the service to take up.
    /// - Parameter name: as by `FileNames.uploaded`.
    /// - Throws: `SpoolError`; nothing is left behind then.
    package func finish(named name: FilePath.Component, rules: [UInt8]?) throws(SpoolError) {
        try open.withLock { (upload: inout sending OpenUpload?) throws(SpoolError) in
            try upload?.finish(named: name, rules: rules)
            upload = nil
        }
    }

    /// Removes what came so far.
    package func cancel() { open.withLock { $0 = nil } }
}

/// The claim's folder, locked, with the file in it under a name that recovery takes for a half copy.
private struct OpenUpload: ~Copyable {
    private let slot: ClaimSlot
    private let descriptor: CInt
    private var isClaim = false

    static func make(_ id: String, _ origin: DropFolder, _ folders: SpoolFolders) throws(SpoolError) -> OpenUpload {
        let slot = try ClaimSlot.make(id, for: origin, in: folders)
        let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let descriptor = ClaimSlot.partialName.withPlatformString { openat(slot.folder.descriptor, $0, flags, 0o600) }
        guard descriptor >= 0 else {
            let error = SpoolError(.create, slot.folder.path, .latest)
            slot.remove()
            throw error
        }
        return OpenUpload(slot, descriptor)
    }

    private init(_ slot: consuming ClaimSlot, _ descriptor: CInt) {
        self.slot = slot
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        if !isClaim { slot.remove() }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(SpoolError) {
        let error = bytes.withMemoryRebound(to: UInt8.self) { AtomicFile.writeAll($0, to: descriptor) }
        if let error { throw SpoolError(.write, slot.folder.path, error) }
    }

    func reader() throws(SpoolError) -> FileDescriptor {
        let copy = ClaimSlot.partialName.withPlatformString { openat(slot.folder.descriptor, $0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard copy >= 0 else { throw SpoolError(.open, slot.folder.path, .latest) }
        return FileDescriptor(rawValue: copy)
    }

    mutating func finish(named name: FilePath.Component, rules: [UInt8]?) throws(SpoolError) {
        guard fsync(descriptor) == 0 else { throw SpoolError(.flush, slot.folder.path, .latest) }
        // Before the file has its name: whoever finds the claim finds them too.
        if let rules { try AtomicFile.write(rules, named: ClaimSlot.rulesName, in: slot.folder) }
        DurableStep.claim.begins()
        guard try slot.folder.move(ClaimSlot.partialName, to: slot.leaf, as: name) == .moved else {
            throw SpoolError(.rename, slot.leaf.path.appending(name), .fileExists)
        }
        isClaim = true
        try slot.flush()
        DurableStep.claim.ended()
    }
}

extension FileNames {
    /// The name that an uploaded file may have, as its sender gave it; nil for one that leads elsewhere, says that its file
    /// is not complete, is too long, or has control characters in it.
    package static func uploaded(_ name: String) -> FilePath.Component? {
        let bytes = Array(name.utf8)
        guard bytes.count <= longest, !isTemporary(bytes), name == OneLine.text(name) else { return nil }
        return component(bytes)
    }
}

/// A file in memory that has no name.
package enum MemoryFile {
    /// Holds `bytes`; to be closed by the caller.
    /// - Throws: `SpoolError`.
    package static func make(_ bytes: UnsafeRawBufferPointer) throws(SpoolError) -> FileDescriptor {
        let descriptor = memfd_create("rollcall", memory_file_flags)
        guard descriptor >= 0 else { throw SpoolError(.create, "memory", .latest) }
        let error = bytes.withMemoryRebound(to: UInt8.self) { AtomicFile.writeAll($0, to: descriptor) }
        if let error {
            close(descriptor)
            throw SpoolError(.write, "memory", error)
        }
        return FileDescriptor(rawValue: descriptor)
    }
}

/// A claim as it lies in `.processing`, whoever works on it.
package struct ClaimGlance: Sendable, Hashable {
    package var id: String
    package var campaign: String
    package var isCheck: Bool
    /// The file's name, invalid UTF-8 repaired.
    package var name: String
    /// Bytes.
    package var size: Int64
    package var claimedAt: FileTime
}

extension Claim {
    /// A look at a claim that takes no lock; nil when there is none (any more).
    /// - Throws: `SpoolError`.
    package static func glance(at id: String, in folders: SpoolFolders) throws(SpoolError) -> ClaimGlance? {
        guard isIngestID(id), let name = FilePath.Component(id), let folder = try folders.openProcessing().folder(name),
            let (origin, file) = try ClaimSlot.claimed(in: folder), let campaign = try folder.folder(FilePath.Component(origin.campaign) ?? name)
        else { return nil }
        let facts = origin.isCheck
            ? try campaign.folder(SpoolFolders.checkName)?.facts(of: file) : try campaign.facts(of: file)
        guard let facts, facts.kind == .file else { return nil }
        return ClaimGlance(
            id: id, campaign: origin.campaign, isCheck: origin.isCheck, name: file.string, size: facts.size, claimedAt: facts.changed)
    }

    /// The ids of all claims, newest first.
    /// - Throws: `SpoolError`.
    package static func ids(in folders: SpoolFolders) throws(SpoolError) -> [String] {
        try folders.openProcessing().names().map(\.string).filter(isIngestID).sorted(by: >)
    }

    /// The column rules that came along with an uploaded file, as `Upload.finish` got them.
    package var rules: [UInt8]? {
        let opened = ClaimSlot.rulesName.withPlatformString {
            openat(slot.folder.descriptor, $0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        }
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        var raw = stat()
        guard fstat(opened, &raw) == 0, FileKind(mode: raw.st_mode) == .file, raw.st_size <= 1 << 20 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(raw.st_size))
        return bytes.withUnsafeMutableBytes { read(opened, $0.baseAddress, $0.count) } == bytes.count ? bytes : nil
    }
}
