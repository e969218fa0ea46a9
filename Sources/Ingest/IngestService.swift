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

        package init() {}
    }

    private let store: ContactStore
    private let folders: SpoolFolders
    private let importer: FileImporter
    private let options: Options
    private let logger: Logger
    private let stopping = StopFlag()

    package init(
        store: ContactStore, folders: SpoolFolders, settings: ImportSettings, options: Options, logger: Logger
    ) {
        self.store = store
        self.folders = folders
        self.options = options
        self.logger = logger
        let flag = stopping
        importer = FileImporter(store: store, folders: folders, settings: settings, isStopping: { flag.isSet })
    }

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
            if once { await intake.drain() }
            for _ in 0..<max(1, options.workers) { group.addTask { await work(intake) } }
            try await group.waitForAll()
            watching.cancel()
            stop.cancel()
            await watching.value
        }
        try? store.checkpoint()
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
                if let manifest = try await importOffPool(claim, waited: waited) { say(manifest) }
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
    private func importOffPool(_ claim: @escaping @Sendable () throws -> Claim?, waited: Int) async throws -> Manifest? {
        try await withCheckedThrowingContinuation { continuation in
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
