import Foundation
import Spool

/// Ends the service, after a line that says why, when a memory limit is used up while it runs. Without it, Swift's
/// runtime would wait for ever for a thread that cannot be made. What was in hand goes on at the next start.
enum MemoryGuard {
    private static let interval = 1.0

    /// Makes a thread where a limit is set; called before there are others.
    static func start(_ limits: MemoryLimits) {
        guard limits.areSet else { return }
        let thread = Thread {
            var wasExhausted = false
            while true {
                Thread.sleep(forTimeInterval: interval)
                let exhaustion = MemoryLimits().exhaustion
                if let exhaustion, wasExhausted {
                    Output.complain(exhaustion)
                    _exit(Status.noMemory)
                }
                wasExhausted = exhaustion != nil
            }
        }
        thread.stackSize = 1 << 18
        thread.start()
    }
}
