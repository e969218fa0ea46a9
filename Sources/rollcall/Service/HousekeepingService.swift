import ContactStore
import Foundation
import Ingest
import Logging
import ServiceLifecycle

/// Once an hour, forgets what is no longer kept for an undo, and what retention says.
struct HousekeepingService: Service {
    let store: CurrentStore
    let settings: Settings
    let metrics: ServiceMetrics
    let logger: Logger

    /// How long a request may be repeated under its Idempotency-Key, in milliseconds: seven days.
    private static let requestKeep: Int64 = 7 * 86_400_000

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                keepHouse()
                if let retention = settings.retentionRun(store.value) { await clean(retention) }
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }

    private func keepHouse() {
        let kept = Date.now.addingTimeInterval(-Double(settings.undoKeep.components.seconds))
        do {
            try store.value.forgetImages(before: Int64(kept.timeIntervalSince1970 * 1000))
            try store.value.forgetRequests(before: Int64.now - Self.requestKeep)
        } catch {
            logger.warning("old before-images could not be removed, trying again in an hour: \(error)")
        }
    }

    private func clean(_ retention: Ingest.Retention) async {
        do {
            let result = try await retention.run()
            for (action, count) in result.counts where count > 0 {
                metrics.countRetention(action, count)
                logger.notice("retention: \(count) files \(action.rawValue)")
            }
            for problem in result.problems.prefix(5) { logger.warning("retention: \(problem)") }
        } catch {
            logger.warning("retention stopped, trying again in an hour: \(error)")
        }
    }
}
