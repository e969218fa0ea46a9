import Synchronization

/// Buckets that fill with time: each key may do `rate` things a second, and twice as many at once after a rest.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: ContinuousClock.Instant
    }

    private let rate: Double
    private let buckets = Mutex<[String: Bucket]>([:])
    private static let mostBuckets = 10_000

    /// - Parameter rate: a second; 0 lets everything pass.
    init(rate: Int) { self.rate = Double(rate) }

    /// `nil`: go on. Otherwise how many seconds to wait for the next.
    func take(_ key: String, at now: ContinuousClock.Instant = .now) -> Int? {
        guard rate > 0 else { return nil }
        return buckets.withLock { buckets in
            if buckets.count >= Self.mostBuckets, buckets[key] == nil { forgetFull(&buckets, now) }
            var bucket = buckets[key] ?? Bucket(tokens: rate * 2, filledAt: now)
            bucket.tokens = filled(bucket, now)
            bucket.filledAt = now
            let isFree = bucket.tokens >= 1
            if isFree { bucket.tokens -= 1 }
            buckets[key] = bucket
            return isFree ? nil : max(1, Int(((1 - bucket.tokens) / rate).rounded(.up)))
        }
    }

    private func filled(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        min(rate * 2, bucket.tokens + (bucket.filledAt.duration(to: now) / .seconds(1)) * rate)
    }

    /// Whoever has rested long enough is as good as unknown; should all be busy, all begin anew.
    private func forgetFull(_ buckets: inout [String: Bucket], _ now: ContinuousClock.Instant) {
        buckets = buckets.filter { filled($0.value, now) < rate * 2 }
        if buckets.count >= Self.mostBuckets { buckets = [:] }
    }
}
