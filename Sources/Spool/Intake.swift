package import Logging
internal import SystemPackage

/// Finds the complete files in the drop folders and hands them out: oldest first, campaigns in turn, one file
/// of a campaign at a time. Events only wake it; what lies in the folders decides.
package actor Intake {
    let folders: SpoolFolders
    let settings: Settings
    let logger: Logger
    /// The time since the intake was made, and a sleep, of the clock that it was given.
    let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    struct Settings {
        var settle: Duration
        /// Where no lease can tell that nobody writes.
        var settleWithoutLease: Duration
        var rescan: Duration
        /// A file that is held back so long is logged once.
        var report = Duration.seconds(600)
        /// Files held of one folder, and of all together before each folder is held to a few.
        var mostPerFolder = 1000
        var mostInAll = 50_000
        var fewPerFolder = 8
        /// A file that nobody touched for so many seconds was complete before it was seen.
        var restedSeconds: Int64 = 60
    }

    var campaigns: [String: CampaignState] = [:] { didSet { foldersStatus = nil } }
    /// What `status` found in them, until one changes.
    var foldersStatus: IntakeStatus?
    var timers = Heap<Timer>()
    var queue = Heap<ReadyCampaign>()
    /// What keeps all of the spool from being read, and how often that was met.
    var trouble: SpoolTrouble?
    var troublesMet = 0
    /// Folders to look into, in order, each once.
    var toScan: [DropFolder] = []
    var toScanNext = 0
    var isToScan: Set<DropFolder> = []
    var isRootToScan = true
    /// Nothing but the time says so: folders that are as they were may be passed over.
    var isDueByTheClock = false
    var lastTurn: UInt64 = 0
    /// Candidates by phase, kept along.
    var heldInAll = 0
    var settling = 0
    var readyFiles = 0
    var inHand = 0

    /// Campaigns whose files wait, and for how many that were claimed before.
    var holds: [String: Int] = [:]

    private(set) var hasScanned = false
    /// Events come from the spool's folder.
    var isWatching = false
    private var isDraining = false
    private var isStopped = false
    private var isPoked = false
    private var sleeper: CheckedContinuation<Void, Never>?
    private var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]

    /// - Parameters:
    ///   - settleTime: how long a file must be quiet before it is taken, unless it was renamed into place.
    ///   - rescanInterval: how often all folders are looked into, events or not.
    package init<C: Clock>(
        folders: SpoolFolders, settleTime: Duration, rescanInterval: Duration, clock: C = ContinuousClock(),
        logger: Logger
    ) where C.Duration == Duration {
        let start = clock.now
        self.folders = folders
        settings = Settings(
            settle: settleTime, settleWithoutLease: max(settleTime * 10, .seconds(5)),
            rescan: max(rescanInterval, .milliseconds(10)))
        self.logger = logger
        now = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
    }

    /// Looks into the folders at once, when events tell and from time to time, until `stop`, the end of a
    /// `drain`, or the task's cancellation. For a single pass the events may be none.
    package func run(_ events: some AsyncSequence<SpoolEvent, Never> & Sendable) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await event in events { await self.take(event) } }
            await withTaskCancellationHandler {
                await self.work()
            } onCancel: {
                Task { await self.stop() }
            }
            group.cancelAll()
        }
    }

    private func work() async {
        var nextRescan = now() + settings.rescan
        while !isStopped {
            if now() >= nextRescan {
                isDueByTheClock = !isRootToScan
                isRootToScan = true
                nextRescan = now() + settings.rescan
            }
            await scanAll()
            hasScanned = true
            wakeWaiters()
            if isDraining && isIdle { return }
            let due = min(timers.first?.due ?? nextRescan, nextRescan)
            await pause(due - now())
        }
    }

    /// The next complete file; waits for one. Give it back with `finished`.
    /// - Parameter isElsewhere: asked first, and again after each `wake`: `true` ends the wait.
    /// - Returns: nil after `stop`, when a `drain` is done, or when the task is cancelled.
    package func next(unless isElsewhere: @Sendable () -> Bool = { false }) async -> DroppedFile? {
        while !isStopped && !Task.isCancelled && !isElsewhere() {
            if let file = handOut() { return file }
            if isDraining && hasScanned && isIdle { return nil }
            await wait()
        }
        return nil
    }

    /// Frees the file's campaign. A file that is still there, since it could not be claimed or was released,
    /// comes again after a pause that grows.
    package func finished(_ file: DroppedFile) {
        takeBack(file)
        poke()
        wakeWaiters()
    }

    /// Keeps a campaign's files back: one that was claimed before them is not done with.
    package func hold(_ campaign: String) { holds[campaign, default: 0] += 1 }

    /// Undoes one `hold`.
    /// - Returns: whether files are ready to be taken.
    @discardableResult
    package func letGo(_ campaign: String) -> Bool {
        guard let count = holds[campaign] else { return readyFiles > 0 }
        holds[campaign] = count > 1 ? count - 1 : nil
        enqueue(campaign)
        poke()
        wakeWaiters()
        return readyFiles > 0
    }

    /// Has everybody who waits in `next` look again.
    package func wake() { wakeWaiters() }

    /// From now on `next` returns nil once nothing complete or settling is left.
    package func drain() {
        isDraining = true
        poke()
        wakeWaiters()
    }

    /// `next` returns nil at once, and `run` ends.
    package func stop() {
        isStopped = true
        poke()
        wakeWaiters()
    }

    private var isIdle: Bool {
        settling == 0 && readyFiles == 0 && inHand == 0 && isToScan.isEmpty && !isRootToScan
    }

    // MARK: Waiting

    private func wait() async {
        lastTurn += 1
        let turn = lastTurn
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if Task.isCancelled { waiter.resume() } else { waiters[turn] = waiter }
            }
        } onCancel: {
            Task { await self.wakeWaiters() }
        }
    }

    func wakeWaiters() {
        guard !waiters.isEmpty else { return }
        let woken = waiters
        waiters = [:]
        for waiter in woken.values { waiter.resume() }
    }

    /// Ends the pause of `run`, or keeps the next one from beginning.
    func poke() {
        isPoked = true
        sleeper?.resume()
        sleeper = nil
    }

    private func pause(_ duration: Duration) async {
        guard !isPoked, duration > .zero else {
            isPoked = false
            return
        }
        let alarm = Task {
            try? await sleep(duration)
            if !Task.isCancelled { self.poke() }
        }
        await withCheckedContinuation { sleeper = $0 }
        alarm.cancel()
        isPoked = false
    }
}
