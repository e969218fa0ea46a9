/// One name with its meaning; each set of labels under it is a series.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case counter, gauge, histogram
    }

    /// In Prometheus' spelling, its unit at the end: `rollcall_batch_seconds`.
    package var name: String
    package var kind: Kind
    package var help: String
    /// Upper bounds of a histogram's buckets, rising; the one without a bound is not named.
    package var buckets: [Double] = []

    package init(_ kind: Kind, _ name: String, _ help: String, buckets: [Double] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.buckets = buckets
    }
}
