package import ContactStore
import Foundation
package import Logging
package import Spool
import Synchronization
package import SystemPackage

/// Watches a spool and imports what is dropped there, until it is told to stop.
package struct IngestService: Sendable {
    /// Where and how to watch.
    package struct Options: Sendable {
        /// The `rollcall-watch` program; `nil` looks at the folders by the clock alone.
        package var watchProgram: FilePath?
        package var settleTime = Duration.milliseconds(500)
        package var rescanInterval = Duration.seconds(60)
        /// Files in hand at once, of different campaigns.
        package var workers = 2
        /// Gets a report at once when the service is ready, and then every `reportInterval`.
        package var report: (@Sendable (ServiceReport) -> Void)?
        package var reportInterval = Duration.seconds(5)
        /// How often a file is tried before it is set aside.
        package var attempts = 10
        /// What counts and times the work.
        package var metrics = ServiceMetrics()

        package init() {}
    }

    let store: ContactStore
    let folders: SpoolFolders
    let importer: FileImporter
    let options: Options
    let logger: Logger
    let stopping = StopFlag()
    let troubles: Troubles
    let progress = Progress()
    let pulse = WorkPulse()
    let submissions: Submissions
    let current: CurrentSettings
    /// When this service started to serve.
    let began: Date

    package init(
        store: ContactStore, folders: SpoolFolders, settings: ImportSettings, options: Options, logger: Logger
    ) {
        self.store = store
        self.folders = folders
        self.options = options
        self.logger = logger
        began = .now
        submissions = Submissions()
        current = CurrentSettings(settings)
        troubles = Troubles(logger: logger)
        importer = FileImporter(store: store, folders: folders, settings: settings, metrics: options.metrics)
    }

    /// The same over a store that was opened anew: settings that were changed meanwhile stay so.
    package init(replacingStoreOf old: IngestService, by store: ContactStore) {
        self.store = store
        folders = old.folders
        options = old.options
        logger = old.logger
        began = old.began
        submissions = old.submissions
        current = old.current
        troubles = Troubles(logger: logger)
        importer = FileImporter(store: store, folders: folders, settings: old.current.value, metrics: options.metrics)
    }

    /// From the next file on, files are taken in by these settings.
    package func update(_ settings: ImportSettings) { current.value = settings }

    /// How the next file is taken in.
    package var settings: ImportSettings { current.value }

    /// Serves the spool; with `once`, returns when everything complete in it has been imported.
    ///
    /// `onStop` is awaited beside the work: when it returns, the batches in hand are finished and the call returns.
    /// Throws when the spool or the store cannot be used at all, or when another process serves this spool: a
    /// `StoreError` that `isDamaged` needs a store opened anew.
    package func run(once: Bool, onStop: @escaping @Sendable () async -> Void) async throws {
        try folders.prepare()
        try await serve(SpoolLock(folders), once: once, onStop: onStop)
        if let error = progress.damage { throw error }
    }

    private func serve(_ lock: SpoolLock, once: Bool, onStop: @escaping @Sendable () async -> Void) async throws {
        let intake = Intake(
            folders: folders, settleTime: options.settleTime, rescanInterval: options.rescanInterval, logger: logger)
        let left = Leftovers()
        submissions.deliver(to: { id in Task { await takeUp([id], left, intake) } })
        defer { submissions.deliver(to: nil) }
        await takeUp(try Claim.recover(in: folders), left, intake, isAfterBadEnd: lock.isAfterBadEnd)
        try? store.finishSettled(except: left.ids.compactMap { UUID(uuidString: $0) })
        let (parked, park) = AsyncStream.makeStream(of: Job.self)
        let watching = Task { await watch(intake) }
        folders.spares.keep(atMost: options.workers)
        defer { folders.spares.keep(atMost: 0) }
        let keeping = Task { await keepHouse(intake, left, lock) }
        let stop = Task {
            await onStop()
            stopping.set()
            await intake.stop()
        }
        let reporting = Task { await report(on: intake, left) }
        if once { await intake.drain() }
        await withTaskGroup { group in
            group.addTask { await waitForParked(parked, intake, left, lock, once: once) }
            await withTaskGroup { workers in
                for _ in 0..<max(1, options.workers) { workers.addTask { await work(intake, left, lock, park) } }
            }
            park.finish()
        }
        folders.spares.forget()
        for task in [watching, keeping, stop, reporting] { task.cancel() }
        await watching.value
        await keeping.value
        try? store.checkpoint()
    }

    /// Ready once all has been looked into, with the watches armed before where there are any.
    private func report(on intake: Intake, _ left: Leftovers) async {
        guard let report = options.report else { return }
        var isReady = false
        while !Task.isCancelled {
            let status = await intake.status
            isReady = isReady || (left.isEmpty && status.hasScanned && (status.isWatching || options.watchProgram == nil))
            report(ServiceReport(intake: status, isReady: isReady, longestSilence: pulse.longestSilence))
            try? await Task.sleep(for: isReady ? options.reportInterval : .milliseconds(20))
        }
    }

    private func watch(_ intake: Intake) async {
        if let program = options.watchProgram {
            await intake.run(SpoolWatcher(folders: folders, program: program, logger: logger).events())
        } else {
            await intake.run(AsyncStream<SpoolEvent> { _ in })
        }
    }

    /// What was left by an earlier process, then one dropped file after the other, until there are no more.
    private func work(
        _ intake: Intake, _ left: Leftovers, _ lock: SpoolLock, _ park: AsyncStream<Job>.Continuation
    ) async {
        while !stopping.isSet {
            if let job = left.next() {
                await work(on: job, intake, left, lock, park) { nil }
                continue
            }
            guard let file = await intake.next(unless: { left.hasNext }) else {
                if left.isEmpty { return }
                _ = await stopping.sleep(.milliseconds(100))
                continue
            }
            let job = Job(file)
            await intake.hold(job.campaign)
            await work(on: job, intake, left, lock, park) { try Claim.take(file, in: folders, id: job.id) }
            await intake.finished(file)
        }
    }

    /// The campaign is held by now; it is let go when the file is done with, which may be later.
    private func work(
        on job: Job, _ intake: Intake, _ left: Leftovers, _ lock: SpoolLock, _ park: AsyncStream<Job>.Continuation,
        take: @escaping @Sendable () throws -> Claim?
    ) async {
        progress.begin(job.id)
        if let parked = await attempt(job, lock, orTake: take) {
            park.yield(parked)
        } else {
            await done(with: job, intake, left)
        }
    }

    /// Each file that has troubles of its own waits here, and occupies no worker.
    private func waitForParked(
        _ parked: AsyncStream<Job>, _ intake: Intake, _ left: Leftovers, _ lock: SpoolLock, once: Bool
    ) async {
        await withDiscardingTaskGroup { group in
            for await job in parked {
                group.addTask {
                    var job = job
                    // A single pass does not wait for what cannot even be set aside: the claim stays for the next.
                    while !once || job.failures <= options.attempts, await stopping.sleep(Pause.after(job.failures)),
                        let again = await attempt(job, lock, orTake: { nil })
                    {
                        job = again
                    }
                    await done(with: job, intake, left)
                }
            }
        }
    }

    private func done(with job: Job, _ intake: Intake, _ left: Leftovers) async {
        progress.end(job.id)
        left.finished(job)
        if await !intake.letGo(job.campaign) { folders.spares.forget() }
    }

    func say(_ manifest: Manifest) {
        options.metrics.count(manifest)
        let metadata: Logger.Metadata = [
            "campaign": "\(manifest.campaignID)", "ingest_id": "\(manifest.ingestID)", "file": "\(manifest.file.name)",
        ]
        let counts = manifest.contacts
        logger.info(
            """
            \(manifest.status.rawValue) (\(manifest.code)): \(manifest.rows.read) rows, \(counts.inserted) inserted, \
            \(counts.updated) updated, \(counts.unchanged) unchanged, \(manifest.rows.rejected) refused, \
            \(manifest.timing.totalMs) ms
            """, metadata: metadata)
    }
}

/// Replaced while files are being taken in; each keeps those that it began with.
final class CurrentSettings: Sendable {
    private let settings: Mutex<ImportSettings>

    init(_ settings: ImportSettings) { self.settings = Mutex(settings) }

    var value: ImportSettings {
        get { settings.withLock { $0 } }
        set { settings.withLock { $0 = newValue } }
    }
}
