import ContactStore
import Foundation
import Logging
import ServiceLifecycle

/// Once an hour, forgets what is no longer kept for an undo.
struct HousekeepingService: Service {
    let store: ContactStore
    let keep: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let kept = Date.now.addingTimeInterval(-Double(keep.components.seconds))
                do { try store.forgetImages(before: Int64(kept.timeIntervalSince1970 * 1000)) } catch {
                    logger.warning("old before-images could not be removed, trying again in an hour: \(error)")
                }
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }
}
