internal import SystemPackage

/// One look into a drop folder.
struct FolderScan: Sendable {
    struct Found: Sendable {
        var name: FilePath.Component
        var facts: FileFacts
    }

    /// What is no file of ours, and why.
    struct LeftAlone: Sendable, Hashable {
        var name: FilePath.Component
        var kind: FileKind
    }

    enum Place: Sendable { case there, gone, otherFileSystem }

    var place = Place.there
    /// When the folder changed last; nil when that is so short ago that a later change may have the same time.
    var modified: FileTime?
    /// The oldest files, and those that were asked for by name; oldest first.
    var files: [Found] = []
    /// Files beyond the limit.
    var beyond = 0
    /// Files without content: waiting for it, or never to have any.
    var empty = 0
    /// The first few.
    var leftAlone: [LeftAlone] = []
    var hasCheckFolder = false

    private static let mostLeftAlone = 20
    /// Empty files whose names are told.
    private static let mostEmpty = 20

    /// Looks into a drop folder; temporary names are passed over.
    /// - Parameters:
    ///   - limit: how many files to hold at most.
    ///   - known: names that do not count toward the limit, since they are waiting for something already.
    @concurrent
    static func look(
        into folder: DropFolder, of folders: SpoolFolders, limit: Int, known: Set<FilePath.Component>
    ) async throws(SpoolError) -> FolderScan {
        var scan = FolderScan()
        guard let open = try folders.open(folder) else {
            scan.place = .gone
            return scan
        }
        let facts = try open.facts()
        if FileTime.now().seconds - facts.modified.seconds >= 2 { scan.modified = facts.modified }
        guard try facts.device == OpenFolder(at: folders.root).facts().device else {
            scan.place = .otherFileSystem
            return scan
        }
        try scan.read(open, isCheck: folder.isCheck, limit: max(1, limit), known)
        return scan
    }

    private mutating func read(
        _ folder: borrowing OpenFolder, isCheck: Bool, limit: Int, _ known: Set<FilePath.Component>
    ) throws(SpoolError) {
        var fresh: [Found] = []
        for name in try folder.names() where !FileNames.isTemporary(name) {
            guard let facts = try? folder.facts(of: name) else { continue }
            guard facts.kind == .file else {
                note(name, facts.kind, isCheck: isCheck)
                continue
            }
            if facts.size == 0 { empty += 1 }
            if facts.size == 0 && empty > Self.mostEmpty { continue }
            if known.contains(name) {
                files.append(Found(name: name, facts: facts))
            } else {
                fresh.append(Found(name: name, facts: facts))
                if fresh.count >= 2 * limit + 64 { keepOldest(limit, of: &fresh) }
            }
        }
        keepOldest(limit, of: &fresh)
        files += fresh
    }

    private mutating func keepOldest(_ limit: Int, of found: inout [Found]) {
        found.sort { $0.facts.modified < $1.facts.modified }
        guard found.count > limit else { return }
        beyond += found.count - limit
        found.removeLast(found.count - limit)
    }

    private mutating func note(_ name: FilePath.Component, _ kind: FileKind, isCheck: Bool) {
        if kind == .folder && !isCheck {
            if name == SpoolFolders.checkName {
                hasCheckFolder = true
                return
            }
            if name == SpoolFolders.resultsName || name == SpoolFolders.archiveName { return }
        }
        if leftAlone.count < Self.mostLeftAlone { leftAlone.append(LeftAlone(name: name, kind: kind)) }
    }
}

extension SpoolFolders {
    /// The campaigns that have a folder, in no order.
    @concurrent
    package func campaigns() async throws(SpoolError) -> [String] {
        var keys: [String] = []
        try OpenFolder(at: root).forEachName { name, kind in
            let key = String(cString: name)
            guard kind == nil || kind == .folder, Self.isDropFolderName(key) else { return }
            keys.append(key)
        }
        return keys
    }
}
