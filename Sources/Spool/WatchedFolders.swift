internal import Glibc
internal import SystemPackage

/// What one run of `rollcall-watch` has been told to watch, and what its records mean.
struct WatchedFolders {
    /// What a record leads to.
    struct Step {
        var commands: [UInt8] = []
        var events: [SpoolEvent] = []
        /// Folders in the spool whose names are no campaign keys, or that are no real folders.
        var leftAlone: [String] = []
        /// The first folder that could not be watched; one that may not be read is told of when it is looked at.
        var failure: (DropFolder, Errno)?
        /// Watching cannot go on: the root is gone, or inotify is not to be had.
        var end: Errno?
    }

    let folders: SpoolFolders
    private let root: [UInt8]
    private var watched: [[UInt8]: DropFolder] = [:]
    private var failed: Set<[UInt8]> = []
    private var toldAbout: Set<String> = []
    private var toldAboutFailure = false

    init(_ folders: SpoolFolders) {
        self.folders = folders
        root = WatchRecord.bytes(of: folders.root)
    }

    /// To be written first, and again from time to time: its answer makes every unwatched folder be tried.
    var begin: [UInt8] { WatchRecord.add(folders.root) }

    mutating func take(_ record: WatchRecord) -> Step {
        if record.kind == .overflow { return Step(events: [.rescan(.overflow)]) }
        if record.folder == root || record.folder.isEmpty { return takeRoot(record) }
        guard let folder = watched[record.folder] else { return Step() }
        return take(record, in: folder)
    }

    private mutating func takeRoot(_ record: WatchRecord) -> Step {
        switch record.kind {
        case .armed: return findCampaigns()
        case .folder: return FileNames.component(record.name).map { addCampaign($0) } ?? Step()
        case .gone: return Step(end: .noSuchFileOrDirectory)
        case .failed where record.errno == .fileNameTooLong: return Step()
        case .failed: return Step(end: record.errno)
        default: return Step()
        }
    }

    private mutating func take(_ record: WatchRecord, in folder: DropFolder) -> Step {
        switch record.kind {
        case .armed:
            failed.remove(record.folder)
            var step = Step(events: [.appeared(folder)])
            if !folder.isCheck, isThere(DropFolder(campaign: folder.campaign, isCheck: true)) {
                step.commands = add(DropFolder(campaign: folder.campaign, isCheck: true))
            }
            return step
        case .failed:
            failed.insert(record.folder)
            defer { toldAboutFailure = true }
            return Step(
                events: [.unwatched(folder, record.errno), .appeared(folder)],
                failure: toldAboutFailure || record.errno == .permissionDenied ? nil : (folder, record.errno))
        case .gone:
            watched[record.folder] = nil
            // Renamed away and made again faster than the news of it arrived.
            if isThere(folder) { return Step(commands: add(folder), events: [.gone(folder)]) }
            return Step(events: [.gone(folder)])
        case .folder:
            guard !folder.isCheck, record.name == Array("check".utf8) else { return Step() }
            return Step(commands: add(DropFolder(campaign: folder.campaign, isCheck: true)))
        case .created, .written, .movedIn:
            guard let name = FileNames.component(record.name) else { return Step() }
            return Step(events: [.changed(folder, name: name, movedIn: record.kind == .movedIn)])
        case .overflow: return Step()
        }
    }

    private mutating func findCampaigns() -> Step {
        var all = Step(events: [.watching])
        for name in unwatchedNames() {
            let step = addCampaign(name)
            all.commands += step.commands
            all.leftAlone += step.leftAlone
        }
        // A check folder is found when its campaign's folder is armed; one whose own watch failed is tried here.
        for path in failed { if let folder = watched[path], folder.isCheck { all.commands += add(folder) } }
        return all
    }

    /// Of what lies in the root. Nearly all is watched by now: each of ten thousand is not opened for that.
    private func unwatchedNames() -> [FilePath.Component] {
        var names: [FilePath.Component] = []
        try? OpenFolder(at: folders.root).forEachName { name, kind in
            let path = root + [0x2F] + UnsafeRawBufferPointer(start: name, count: strlen(name))
            if kind == .folder && watched[path] != nil && !failed.contains(path) { return }
            if let name = FilePath.Component(platformString: name) { names.append(name) }
        }
        return names
    }

    private mutating func addCampaign(_ name: FilePath.Component) -> Step {
        let key = name.string
        guard SpoolFolders.isDropFolderName(key) else {
            let isHidden = key.hasPrefix(".")
            return Step(leftAlone: !isHidden && toldAbout.insert(key).inserted ? [key] : [])
        }
        let folder = DropFolder(campaign: key)
        let path = WatchRecord.bytes(of: folders.path(of: folder))
        if watched[path] != nil && !failed.contains(path) && isThere(folder) { return Step() }
        guard isThere(folder) else {
            return Step(leftAlone: toldAbout.insert(key).inserted ? [key] : [])
        }
        return Step(commands: add(folder))
    }

    private mutating func add(_ folder: DropFolder) -> [UInt8] {
        let path = folders.path(of: folder)
        watched[WatchRecord.bytes(of: path)] = folder
        return WatchRecord.add(path)
    }

    /// A folder, and no link to one.
    private func isThere(_ folder: DropFolder) -> Bool {
        ((try? folders.open(folder)) ?? nil) != nil
    }
}
