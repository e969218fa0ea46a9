import ContactStore
import Ingest
import Logging
import ServiceLifecycle
import Spool
import SystemPackage

/// Serves the spool until it is told to stop. A store that is damaged meanwhile is waited for, until another is in its
/// place.
struct SpoolService: Service {
    let ingest: IngestService
    let store: CurrentStore
    let once: Bool
    let settings: Settings
    let reporter: ServiceReporter
    let logger: Logger

    func run() async throws {
        var ingest = ingest
        while true {
            do {
                return try await ingest.run(
                    once: once,
                    onStop: {
                        guard (try? await gracefulShutdown()) != nil else { return }
                        reporter.stopping()
                    })
            } catch let error as StoreError where error.isDamaged && !once {
                logger.error("waiting to go on: \(error)")
                guard let new = try await replacedStore() else { return }
                store.value = new
                logger.notice("going on with the new database")
                ingest = IngestService(replacingStoreOf: ingest, by: new)
            }
        }
    }

    /// `nil` when the service was told to stop meanwhile.
    private func replacedStore() async throws -> ContactStore? {
        let damaged = FileStamp(settings.database)
        do {
            return try await cancelWhenGracefulShutdown {
                try await settings.awaitedStore(logger, notBefore: { FileStamp(settings.database) != damaged })
            }
        } catch is CancellationError {
            return nil
        }
    }
}

extension Settings {
    /// The store, once it can be opened: one that is locked, out of reach or damaged is waited for, after saying so.
    ///
    /// - Parameter isTime: asked before each try.
    /// - Throws: `StoreError` when waiting would not help, `CancellationError`.
    func awaitedStore(_ logger: Logger, notBefore isTime: @Sendable () -> Bool = { true }) async throws -> ContactStore {
        var pause = Duration.milliseconds(500)
        var told: String?
        while true {
            do {
                if isTime() { return try store() }
            } catch let error as StoreError where error.mayPass || error.isDamaged {
                if told != error.description { logger.error("waiting to go on: \(error)") }
                told = error.description
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(15))
        }
    }
}
