import ContactStore
import Ingest
import Logging
import ServiceLifecycle
import Spool
import SystemPackage

/// Writes the figures into a file for the node exporter's textfile collector, every 15 s and once more at the end.
struct MetricsService: Service {
    let registry: PrometheusRegistry
    let metrics: ServiceMetrics
    let store: CurrentStore
    /// `nil`: nothing is written.
    let file: FilePath?
    let logger: Logger

    private static let interval = Duration.seconds(15)

    func run() async throws {
        let told = await cancelWhenGracefulShutdown {
            var told: String?
            while !Task.isCancelled {
                told = write(told)
                try? await Task.sleep(for: Self.interval)
            }
            return told
        }
        _ = write(told)
    }

    /// Says once what is wrong. Returns what it was.
    private func write(_ told: String?) -> String? {
        // Counted where it is cheap to: a store that is out of reach says so elsewhere.
        if let waiting = try? store.value.noticeCount() { metrics.observeNotices(waiting: waiting) }
        guard let file else { return nil }
        do throws(SpoolError) {
            try AtomicFile.write(registry.prometheusText().utf8, to: file, permissions: [.ownerReadWrite, .groupRead, .otherRead])
            return nil
        } catch {
            let message = "\(error)"
            if message != told { logger.warning("the metrics cannot be written: \(message)") }
            return message
        }
    }
}
