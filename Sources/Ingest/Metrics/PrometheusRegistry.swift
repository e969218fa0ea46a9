package import CoreMetrics
import Synchronization

/// Keeps what the service measures, and writes it as Prometheus reads it.
///
/// A backend of swift-metrics: bootstrap it once, before anything is measured.
package final class PrometheusRegistry: MetricsFactory {
    private enum Series {
        case value(SingleValue)
        case histogram(Histogram)
    }

    private struct Family {
        let declared: MetricFamily
        /// By the series' name with its labels.
        var series: [String: Series] = [:]
        var labels: [String: [(String, String)]] = [:]
    }

    private let families: Mutex<[String: Family]>
    /// Of a histogram that nobody declared.
    private static let buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// - Parameter families: names that have a meaning and, if they are histograms, buckets of their own; others are taken
    ///   as they come.
    package init(_ families: [MetricFamily] = []) {
        self.families = Mutex(Dictionary(families.map { ($0.name, Family(declared: $0)) }) { first, _ in first })
    }

    /// Everything measured so far: UTF-8, to be served as `text/plain; version=0.0.4`. A family that nothing was measured
    /// of is left out.
    package func prometheusText() -> String {
        let families = families.withLock { $0 }
        return families.values.filter { !$0.series.isEmpty }.sorted { $0.declared.name < $1.declared.name }
            .map { Self.text($0) }.joined()
    }

    // MARK: swift-metrics

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        value(.counter, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        value(.counter, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        value(.gauge, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if !aggregate { return value(.gauge, label, dimensions) ?? NOOPMetricsHandler.instance }
        return histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    // A series stays for as long as the process: one that comes and goes reads as a reset.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func value(_ kind: MetricFamily.Kind, _ label: String, _ dimensions: [(String, String)]) -> SingleValue? {
        guard case .value(let value) = series(kind, label, dimensions) else { return nil }
        return value
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> Histogram? {
        guard case .histogram(let histogram) = series(.histogram, label, dimensions) else { return nil }
        return histogram
    }

    /// `nil` when the name has another kind: a name has one alone.
    private func series(_ kind: MetricFamily.Kind, _ label: String, _ dimensions: [(String, String)]) -> Series? {
        let name = PrometheusText.metricName(label)
        let labels = dimensions.sorted { $0.0 < $1.0 }
        let key = PrometheusText.series(name, labels)
        return families.withLock { families in
            var family = families[name] ?? Family(declared: MetricFamily(kind, name, "", buckets: Self.buckets))
            guard family.declared.kind == kind else { return nil }
            if let series = family.series[key] { return series }
            let made: Series = kind == .histogram ? .histogram(Histogram(bounds: family.declared.buckets)) : .value(SingleValue())
            family.series[key] = made
            family.labels[key] = labels
            families[name] = family
            return made
        }
    }
}

// MARK: - The text

extension PrometheusRegistry {
    private static func text(_ family: Family) -> String {
        let name = family.declared.name
        var text = family.declared.help.isEmpty ? "" : "# HELP \(name) \(PrometheusText.help(family.declared.help))\n"
        text += "# TYPE \(name) \(family.declared.kind.rawValue)\n"
        for (key, series) in family.series.sorted(by: { $0.key < $1.key }) {
            switch series {
            case .value(let value): text += "\(key) \(PrometheusText.number(value.current))\n"
            case .histogram(let histogram): text += Self.text(histogram, name, family.labels[key] ?? [])
            }
        }
        return text
    }

    private static func text(_ histogram: Histogram, _ name: String, _ labels: [(String, String)]) -> String {
        let state = histogram.current
        var text = ""
        var count = 0
        for (bound, own) in zip(histogram.bounds + [.infinity], state.counts) {
            count += own
            let bucket = PrometheusText.series(name + "_bucket", labels + [("le", PrometheusText.number(bound))])
            text += "\(bucket) \(count)\n"
        }
        text += "\(PrometheusText.series(name + "_sum", labels)) \(PrometheusText.number(state.sum))\n"
        return text + "\(PrometheusText.series(name + "_count", labels)) \(count)\n"
    }
}
