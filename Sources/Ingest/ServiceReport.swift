package import Spool
import Synchronization

/// What a running service says about itself from time to time.
package struct ServiceReport: Sendable {
    package var intake: IntakeStatus
    /// What was left by the last run is done with, the folders are watched, and all have been looked into.
    package var isReady: Bool
    /// How long the file that has been silent longest has made no headway; zero when none is in hand.
    package var longestSilence: Duration
}

/// When each file in hand last made headway.
final class WorkPulse: Sendable {
    private let beats = Mutex<[String: ContinuousClock.Instant]>([:])

    func beat(_ id: String) { beats.withLock { $0[id] = .now } }

    /// The file is done with, or waits to be tried again.
    func rest(_ id: String) { beats.withLock { $0[id] = nil } }

    var longestSilence: Duration {
        let oldest = beats.withLock { $0.values.min() }
        return oldest?.duration(to: .now) ?? .zero
    }
}
