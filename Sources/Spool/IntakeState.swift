internal import SystemPackage

/// A file that is waiting in a drop folder.
struct Candidate {
    enum Phase: Hashable {
        /// Looked at again when its quiet time is over.
        case settling
        /// Not complete, or put back: looked at again after a pause, or when an event tells of it.
        case heldBack(Incomplete)
        case ready
        case inHand

        var isHeldBack: Bool { if case .heldBack = self { true } else { false } }
    }

    var facts: FileFacts
    var phase: Phase
    /// Tells a timer or a place in a queue that is still meant from one that is not.
    var turn: UInt64
    /// How often it was held back in a row: its pauses grow.
    var attempts = 0
    var quietTime: Duration
    /// By the intake's clock.
    let firstSeen: Duration
    let seenAt: FileTime
    var reported = false
}

/// A moment to look at a candidate again.
struct Timer: Comparable {
    var due: Duration
    var folder: DropFolder
    var name: FilePath.Component
    var turn: UInt64

    static func < (left: Timer, right: Timer) -> Bool { left.due < right.due }
    static func == (left: Timer, right: Timer) -> Bool { left.due == right.due && left.turn == right.turn }
}

/// A complete file's place in its campaign's queue: oldest first.
struct ReadyFile: Comparable {
    var modified: FileTime
    var turn: UInt64
    var isCheck: Bool
    var name: FilePath.Component

    static func < (left: ReadyFile, right: ReadyFile) -> Bool {
        (left.modified, left.turn) < (right.modified, right.turn)
    }
}

/// A campaign's place among those that have a complete file: the one that waited longest since it was served,
/// then the one with the oldest file.
struct ReadyCampaign: Comparable {
    var served: UInt64
    var oldest: FileTime
    var campaign: String

    static func < (left: ReadyCampaign, right: ReadyCampaign) -> Bool {
        (left.served, left.oldest) < (right.served, right.oldest)
    }
}

/// What is known of one drop folder.
struct FolderState {
    var held: [FilePath.Component: Candidate] = [:]
    /// When the folder changed last before the last look, if that was some time before.
    var modified: FileTime?
    /// Files seen by the last look but not held.
    var beyond = 0
    var leftAlone: [FolderScan.LeftAlone] = []
    /// Files that were put back, by inode, and how often.
    var gaveBack: [UInt64: Int] = [:]
    var isUnwatched = false
    /// What keeps it from being read.
    var trouble: SpoolTrouble?
    var isOnOtherFileSystem = false

    /// Nothing is to be told of it.
    var isQuiet: Bool {
        held.isEmpty && beyond == 0 && leftAlone.isEmpty && !isUnwatched && trouble == nil && !isOnOtherFileSystem
    }
}

struct CampaignState {
    var drop = FolderState()
    var check: FolderState?
    var ready = Heap<ReadyFile>()
    var inHand: DroppedFile?
    /// The turn in which it was served last.
    var served: UInt64 = 0
    var isQueued = false

    var isQuiet: Bool { inHand == nil && drop.isQuiet && check?.isQuiet != false }

    subscript(isCheck isCheck: Bool) -> FolderState {
        get { isCheck ? check ?? FolderState() : drop }
        set { if isCheck { check = newValue } else { drop = newValue } }
        _modify {
            if isCheck {
                if check == nil { check = FolderState() }
                yield &check!  // made the line before
            } else {
                yield &drop
            }
        }
    }
}
