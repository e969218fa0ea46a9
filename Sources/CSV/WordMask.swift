/// Eight bytes at a time in one ordinary register: which of them equal a given byte.
struct WordPattern: Sendable {
    private let pattern: UInt64

    init(_ byte: UInt8) { pattern = Word.ones &* UInt64(byte) }

    /// The high bit of each byte is 0 exactly where `word` has the pattern's byte; the other bits mean nothing.
    @inline(__always)
    func misses(in word: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return ((difference & Word.lowBits) &+ Word.lowBits) | difference
    }
}

enum Word {
    static let highBits: UInt64 = 0x8080_8080_8080_8080
    static let lowBits: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    static let ones: UInt64 = 0x0101_0101_0101_0101

    @inline(__always)
    static func load(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
    }

    /// Which byte the lowest set high bit belongs to.
    @inline(__always)
    static func firstByte(_ mask: UInt64) -> Int { mask.trailingZeroBitCount &>> 3 }

    /// The high bit of each byte is 0 exactly where `word` has a byte below 0x0E: line ends, tabs, NUL and the like.
    @inline(__always)
    static func printables(in word: UInt64) -> UInt64 {
        ((word | highBits) &- 0x0E0E_0E0E_0E0E_0E0E) | word
    }
}
