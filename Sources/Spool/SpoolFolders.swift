internal import Glibc
package import SystemPackage

/// Where files are dropped: a campaign's folder, or its `check` folder for dry runs.
package struct DropFolder: Sendable, Hashable {
    /// The campaign's key, the name of its folder.
    package var campaign: String
    package var isCheck: Bool

    package init(campaign: String, isCheck: Bool = false) {
        self.campaign = campaign
        self.isCheck = isCheck
    }
}

/// The layout of a spool on disk: one file system, so that claiming and archiving are each one rename.
package struct SpoolFolders: Sendable {
    package let root: FilePath
    /// Of everyone who has a copy of this value.
    package let spares = SpareSlots()

    package init(root: FilePath) { self.root = root }

    /// Claimed files, one folder an ingest.
    package var processing: FilePath { root.appending(Self.processingName) }

    package func campaign(_ key: String) -> FilePath { root.appending(key) }
    package func check(_ key: String) -> FilePath { campaign(key).appending(Self.checkName) }
    package func results(_ key: String) -> FilePath { campaign(key).appending(Self.resultsName) }
    package func archive(_ key: String) -> FilePath { campaign(key).appending(Self.archiveName) }
    package func path(of folder: DropFolder) -> FilePath {
        folder.isCheck ? check(folder.campaign) : campaign(folder.campaign)
    }

    static let processingName: FilePath.Component = ".processing"
    static let checkName: FilePath.Component = "check"
    static let resultsName: FilePath.Component = "results"
    static let archiveName: FilePath.Component = "archive"

    /// Whether a folder's name is a campaign's key: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`.
    package static func isCampaignKey(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, bytes.count <= 128, isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy { isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
    }

    /// The folder for lists of numbers that must not be dialled; it is no campaign's.
    package static let suppressionName = ".suppress"

    /// Whether files dropped into a folder of this name are for Rollcall.
    static func isDropFolderName(_ name: String) -> Bool { isCampaignKey(name) || name == suppressionName }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    /// Makes the root and `.processing` (readable by their owner alone) where they are missing.
    /// - Throws: `SpoolError` when one cannot be made, or `.processing` lies on another file system.
    package func prepare() throws(SpoolError) {
        try makeRoot()
        let root = try OpenFolder(at: root)
        let processing = try root.madeFolder(Self.processingName, mode: 0o700, durable: true)
        guard try root.facts().device == processing.facts().device else {
            throw SpoolError(.rename, processing.path, .improperLink)
        }
    }

    /// Makes sure that files can be claimed, as far as that can be told without writing.
    /// - Throws: `SpoolError` when there is no spool, or it cannot be written.
    package func check() throws(SpoolError) {
        let result = processing.withPlatformString { access($0, R_OK | W_OK | X_OK) }
        guard result == 0 else { throw SpoolError(.write, processing, .latest) }
    }

    /// Makes a campaign's folder where it is missing.
    /// - Throws: `SpoolError`, with `invalidArgument` for a name that is no campaign key.
    package func makeCampaign(_ key: String) throws(SpoolError) {
        _ = try openMade(DropFolder(campaign: key))
    }
}

extension SpoolFolders {
    func open(_ folder: DropFolder) throws(SpoolError) -> OpenFolder? {
        guard let campaign = try OpenFolder(at: root).folder(component(folder.campaign)) else { return nil }
        guard folder.isCheck else { return campaign }
        return try campaign.folder(Self.checkName)
    }

    func openMade(_ folder: DropFolder) throws(SpoolError) -> OpenFolder {
        let campaign = try OpenFolder(at: root).madeFolder(component(folder.campaign), durable: true)
        return folder.isCheck ? try campaign.madeFolder(Self.checkName, durable: true) : campaign
    }

    /// `results` or `archive` of a campaign, made when missing, as is the campaign's folder itself.
    func openMade(
        _ name: FilePath.Component, of key: String, mode: mode_t = 0o777
    ) throws(SpoolError) -> OpenFolder {
        try OpenFolder(at: root).madeFolder(component(key), durable: true).madeFolder(name, mode: mode, durable: true)
    }

    func openProcessing() throws(SpoolError) -> OpenFolder {
        try OpenFolder(at: root).madeFolder(Self.processingName, mode: 0o700)
    }

    /// A key as a name in the spool; refuses everything that could lead elsewhere.
    private func component(_ key: String) throws(SpoolError) -> FilePath.Component {
        guard Self.isDropFolderName(key), let component = FilePath.Component(key) else {
            throw SpoolError(
                .open, root, .invalidArgument,
                hint: "\"\(OneLine.text(key))\" is no campaign key: letters, digits, '.', '_' and '-'")
        }
        return component
    }
}
