package import SystemPackage

/// What lies in the spool at this moment.
package struct IntakeStatus: Sendable {
    /// A file that is not taken yet, or that is none of ours.
    package struct Entry: Sendable, Hashable {
        package let folder: DropFolder
        package let name: FilePath.Component
        /// "it is empty", "symbolic link", …
        package let reason: String
        /// When it was first seen, by the system's clock; nil for what is none of ours.
        package let since: FileTime?
    }

    /// Campaigns that have a folder.
    package var campaigns = 0
    /// Complete files, and those that are still settling or not looked at yet.
    package var waiting = 0
    package var inHand: [DroppedFile] = []
    /// When the oldest of both was first seen, by the system's clock.
    package var oldestWaiting: FileTime?
    /// How many files are held back, and the first of them.
    package var incomplete = 0
    package var firstIncomplete: [Entry] = []
    /// What is no regular file, or lies on another file system: the first of them.
    package var leftAlone: [Entry] = []
    /// Drop folders that no events come from.
    package var unwatched = 0
    /// Events come from the spool's folder.
    package var isWatching = false
    /// Every folder has been looked into once.
    package var hasScanned = false
    /// What keeps all of the spool from being read, and then single drop folders, the first of them.
    package var troubles: [SpoolTrouble] = []

    static let most = 100
}

/// What keeps a folder from being read.
package struct SpoolTrouble: Sendable, Hashable {
    package let error: SpoolError
    /// When it was met first, by the system's clock.
    package let since: FileTime
    /// Whose drop folder it is; `nil` when it is all of the spool.
    package let campaign: String?

    init(_ error: SpoolError, campaign: String? = nil) {
        self.error = error
        self.campaign = campaign
        since = .now()
    }
}

extension Intake {
    /// Counts, and the first of what is held back or left alone.
    package var status: IntakeStatus {
        var status = foldersStatus ?? lookThrough()
        foldersStatus = status
        if let trouble { status.troubles.insert(trouble, at: 0) }
        status.isWatching = isWatching
        status.hasScanned = hasScanned
        return status
    }

    private func lookThrough() -> IntakeStatus {
        var status = IntakeStatus()
        status.campaigns = campaigns.count
        // Asked often, with thousands of campaigns: those where nothing is are not even copied.
        for index in campaigns.indices where !campaigns.values[index].isQuiet {
            let (key, campaign) = campaigns[index]
            if let file = campaign.inHand { status.inHand.append(file) }
            status.add(campaign.drop, DropFolder(campaign: key))
            if let check = campaign.check { status.add(check, DropFolder(campaign: key, isCheck: true)) }
        }
        return status
    }
}

extension IntakeStatus {
    fileprivate mutating func add(_ state: FolderState, _ folder: DropFolder) {
        waiting += state.beyond
        if state.isUnwatched { unwatched += 1 }
        if let trouble = state.trouble, troubles.count < Self.most { troubles.append(trouble) }
        for (name, candidate) in state.held {
            if !candidate.phase.isHeldBack { oldestWaiting = min(oldestWaiting ?? candidate.seenAt, candidate.seenAt) }
            switch candidate.phase {
            case .settling, .ready: waiting += 1
            case .inHand: break
            case .heldBack(let reason):
                incomplete += 1
                guard firstIncomplete.count < Self.most else { continue }
                firstIncomplete.append(
                    Entry(folder: folder, name: name, reason: reason.rawValue, since: candidate.seenAt))
            }
        }
        for entry in state.leftAlone where leftAlone.count < Self.most {
            leftAlone.append(Entry(folder: folder, name: entry.name, reason: entry.kind.rawValue, since: nil))
        }
        if state.isOnOtherFileSystem, let name = FilePath.Component(folder.campaign), leftAlone.count < Self.most {
            leftAlone.append(Entry(folder: folder, name: name, reason: "on another file system", since: nil))
        }
    }
}
