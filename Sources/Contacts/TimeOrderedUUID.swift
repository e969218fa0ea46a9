package import Foundation

/// Makes version 7 UUIDs (RFC 9562, section 5.7) that never go backwards within one generator.
///
/// Time order keeps inserts at the right edge of the unique index, which makes a batch several times cheaper.
package struct TimeOrderedUUIDs: Sendable {
    private var milliseconds: UInt64 = 0
    private var counter: UInt64 = 0

    package init() {}

    /// The next id, at `now` or just after the last one made.
    package mutating func next(at now: Date = Date()) -> UUID {
        let clock = UInt64(max(0, now.timeIntervalSince1970 * 1000))
        if clock > milliseconds {
            milliseconds = clock
            counter = UInt64.random(in: 0..<0x400)
        } else {
            counter += 1
        }
        if counter > 0xFFF {
            milliseconds += 1
            counter = 0
        }
        return UUID(high: milliseconds << 16 | 0x7000 | counter, low: UInt64.random(in: 0...UInt64.max) >> 2 | 1 << 63)
    }
}

extension UUID {
    fileprivate init(high: UInt64, low: UInt64) {
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        self.init(uuid: (
            byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3),
            byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
            byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3),
            byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
        ))
    }

    /// The canonical lower-case form (RFC 9562, section 4).
    package var text: String { uuidString.lowercased() }
}
