import Ingest
import Spool
import Logging
import Synchronization

/// Passes on to systemd what the service says about itself.
final class ServiceReporter: Sendable {
    private let notifier: SystemdNotifier
    private let said = Mutex<String?>(nil)

    init(_ notifier: SystemdNotifier) { self.notifier = notifier }

    /// How often a report is wanted: three times in the watchdog's time, and every few seconds for the status.
    var interval: Duration { min(notifier.watchdog.map { $0 / 3 } ?? .seconds(5), .seconds(5)) }

    func take(_ report: ServiceReport) {
        guard report.isReady else { return }
        let text = Self.text(report)
        let before = said.withLock { said in
            defer { said = text }
            return said
        }
        if before == nil { notifier.ready(text) } else if before != text { notifier.status(text) }
        // A file that makes no headway for so long is what the watchdog is there to end.
        if report.longestSilence < notifier.watchdog ?? .seconds(3600) { notifier.isAlive() }
    }

    /// Around what `reload` does.
    func reload(_ reload: () -> Void) {
        guard let text = said.withLock({ $0 }) else { return reload() }
        notifier.reloading()
        reload()
        notifier.ready(text)
    }

    func stopping() { notifier.stopping() }

    private static func text(_ report: ServiceReport) -> String {
        let intake = report.intake
        var parts = ["\(intake.campaigns) campaigns", "\(intake.waiting) files waiting", "\(intake.inHand.count) in hand"]
        if intake.incomplete > 0 { parts.append("\(intake.incomplete) incomplete") }
        if intake.unwatched > 0 { parts.append("\(intake.unwatched) folders unwatched") }
        if let trouble = intake.troubles.first { parts.append("\(trouble.error)") }
        return parts.joined(separator: ", ")
    }
}
