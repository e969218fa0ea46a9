/// The digits of a number while prefixes come off its front: values 0 to 9 in memory that the parser owns.
struct DigitString {
    private let storage: UnsafeMutableBufferPointer<UInt8>
    private(set) var start: Int
    private(set) var end: Int

    /// A prefix's replacement may be longer than the prefix: room before the first digit. The longest replacement has
    /// four digits, and at most two are made.
    static let headroom = 16

    init(_ storage: UnsafeMutableBufferPointer<UInt8>) {
        self.storage = storage
        start = Self.headroom
        end = Self.headroom
    }

    var count: Int { end - start }
    var isEmpty: Bool { start == end }
    var all: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: storage[start..<end]) }

    subscript(_ position: Int) -> UInt8 { storage[start + position] }

    mutating func append(_ digit: UInt8) {
        storage[end] = digit
        end += 1
    }

    mutating func removeAll() { self = DigitString(storage) }

    mutating func removeFirst(_ count: Int) { start += count }

    /// Replaces what a national prefix matched by the replacement's digits and the prefix's last group.
    mutating func replace(_ prefix: NationalPrefix) {
        var front = start + prefix.end
        for position in prefix.group.reversed() {
            front -= 1
            storage[front] = storage[start + position]
        }
        var digits = prefix.replacement
        while digits > 9 {
            front -= 1
            storage[front] = UInt8(truncatingIfNeeded: digits % 10)
            digits /= 10
        }
        start = front
    }
}

/// A national prefix at the start of a number, and what takes its place.
struct NationalPrefix {
    /// How many digits it took.
    var end: Int
    /// The digits among them that stay.
    var group: Range<Int>
    /// Digits that go before those, with a 1 before them as a mark; 1 or 0 for none.
    var replacement: Int
}
