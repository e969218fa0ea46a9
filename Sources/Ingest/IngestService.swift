package import ContactStore
import Dispatch
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

        package init() {}
    }

    private let store: ContactStore
    private let folders: SpoolFolders
    private let importer: FileImporter
    private let options: Options
    private let logger: Logger
    private let stopping = StopFlag()
    private let pulse = WorkPulse()
    private let current: CurrentSettings

    package init(
        store: ContactStore, folders: SpoolFolders, settings: ImportSettings, options: Options, logger: Logger
    ) {
        self.store = store
        self.folders = folders
        self.options = options
        self.logger = logger
        current = CurrentSettings(settings)
        importer = FileImporter(store: store, folders: folders, settings: settings)
    }

    /// From the next file on, files are taken in by these settings.
    package func update(_ settings: ImportSettings) { current.value = settings }

    /// Serves the spool; with `once`, returns when everything complete in it has been imported.
    ///
    /// `onStop` is awaited beside the work: when it returns, the batches in hand are finished and the call returns.
    /// Throws when the spool or the store cannot be used at all, or when another process serves this spool.
    package func run(once: Bool, onStop: @escaping @Sendable () async -> Void) async throws {
        try folders.prepare()
        let lock = try SpoolLock(folders)
        try await serve(once: once, onStop: onStop)
        _ = consume lock
    }

    private func serve(once: Bool, onStop: @escaping @Sendable () async -> Void) async throws {
        let intake = Intake(
            folders: folders, settleTime: options.settleTime, rescanInterval: options.rescanInterval, logger: logger)
        let left = try Claim.recover(in: folders)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let watching = Task { await watch(intake) }
            let stop = Task {
                await onStop()
                stopping.set()
                await intake.stop()
            }
            for id in left { await importing(id) { try Claim.reopen(id: id, in: folders) } }
            let reporting = Task { await report(on: intake) }
            if once { await intake.drain() }
            for _ in 0..<max(1, options.workers) { group.addTask { await work(intake) } }
            try await group.waitForAll()
            watching.cancel()
            stop.cancel()
            reporting.cancel()
            await watching.value
        }
        try? store.checkpoint()
    }

    /// Ready once all has been looked into, with the watches armed before where there are any.
    private func report(on intake: Intake) async {
        guard let report = options.report else { return }
        var isReady = false
        while !Task.isCancelled {
            let status = await intake.status
            isReady = isReady || (status.hasScanned && (status.isWatching || options.watchProgram == nil))
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

    /// One file after the other, until the intake has no more to give.
    private func work(_ intake: Intake) async {
        while let file = await intake.next() {
            let id = Claim.makeID()
            await importing(id, waited: file.seenAt.millisecondsAgo) { try Claim.take(file, in: folders, id: id) }
            await intake.finished(file)
        }
    }

    /// Imports one claim; what may pass by itself is tried again, with growing pauses, until it does.
    private func importing(
        _ id: String, waited: Int = 0, claim: @escaping @Sendable () throws -> Claim?
    ) async {
        var pause = Duration.milliseconds(250)
        var claim = claim
        var said: String?
        while true {
            do {
                if let manifest = try await importOffPool(id, claim, waited: waited) { say(manifest) }
                return
            } catch is CancellationError {
                return
            } catch {
                let trouble = "\(error)"
                if said != trouble {
                    logger.error("waiting to go on: \(trouble)", metadata: ["ingest_id": "\(id)"])
                    said = trouble
                }
            }
            claim = { try Claim.reopen(id: id, in: folders) }
            guard !stopping.isSet, (try? await Task.sleep(for: pause)) != nil, !stopping.isSet else { return }
            pause = min(pause * 2, .seconds(30))
        }
    }

    /// File and database calls block; they stay off the threads that everything else needs.
    private func importOffPool(
        _ id: String, _ claim: @escaping @Sendable () throws -> Claim?, waited: Int
    ) async throws -> Manifest? {
        var importer = importer
        importer.settings = current.value
        importer.isStopping = { [stopping, pulse] in
            pulse.beat(id)
            return stopping.isSet
        }
        pulse.beat(id)
        defer { pulse.rest(id) }
        return try await withCheckedThrowingContinuation { [importer] continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result {
                    guard let claim = try claim() else { return nil }
                    return try importer.run(claim, waited: waited)
                })
            }
        }
    }

    private func say(_ manifest: Manifest) {
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
private final class CurrentSettings: Sendable {
    private let settings: Mutex<ImportSettings>

    init(_ settings: ImportSettings) { self.settings = Mutex(settings) }

    var value: ImportSettings {
        get { settings.withLock { $0 } }
        set { settings.withLock { $0 = newValue } }
    }
}

/// Set once, read from any thread.
private final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}

extension FileTime {
    fileprivate var millisecondsAgo: Int {
        let now = FileTime.now()
        return max(0, Int(now.seconds - seconds) * 1000 + Int(now.nanoseconds - nanoseconds) / 1_000_000)
    }
}
