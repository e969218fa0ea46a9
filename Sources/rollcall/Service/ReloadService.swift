import Ingest
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the settings again on SIGHUP: bad ones are refused and the old ones kept.
struct ReloadService: Service {
    let ingest: IngestService
    let reporter: ServiceReporter
    let settings: Settings
    let options: SettingsOptions
    let logger: Logger

    /// What a running service takes over; everything else waits for the next start.
    private static let live = ["limits.", "unknown_campaign", "new_campaign.", "redact_numbers"]

    func run() async throws {
        var settings = settings
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            reporter.reload { settings = reload(settings) }
        }
    }

    private func reload(_ old: Settings) -> Settings {
        do {
            let new = try options.settings()
            ingest.update(try new.importSettings())
            let changed = Setting.all.filter { $0.write(old) != $0.write(new) }.map(\.key)
            let waiting = changed.filter { key in !Self.live.contains { key.hasPrefix($0) } }
            logger.notice("settings read again", metadata: ["changed": "\(changed.joined(separator: " "))"])
            if !waiting.isEmpty {
                logger.warning("these take effect at the next start", metadata: ["settings": "\(waiting.joined(separator: " "))"])
            }
            return new
        } catch {
            logger.error("the settings were not read again, the old ones stay: \(error)")
            return old
        }
    }
}
