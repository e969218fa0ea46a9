/// What a look at eight bytes at a time tells of a text, so that what is rare costs a plain file nothing.
struct TextGlance {
    private(set) var hasZeros = false
    private(set) var isASCII = true
    /// Bytes below the space: line ends and tabs, too.
    private(set) var controls = 0

    init(_ text: [UInt8]) {
        let words = text.count / 8
        var zeros: UInt64 = 0, others: UInt64 = 0
        text.withUnsafeBytes { bytes in
            for index in 0..<words {
                let word = bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
                let low = Word.zeros(in: word & 0xE0E0_E0E0_E0E0_E0E0)
                others |= word
                if low == 0 { continue }
                zeros |= Word.zeros(in: word)
                controls += low.nonzeroBitCount
            }
        }
        hasZeros = zeros != 0
        isASCII = others & Word.highBits == 0
        for byte in text[(words * 8)...] {
            if byte == 0 { hasZeros = true }
            if byte >= 0x80 { isASCII = false }
            if byte < 0x20 { controls += 1 }
        }
    }
}

extension Word {
    /// The high bit of each byte is 1, and all others are 0, exactly where `word` has a zero byte.
    @inline(__always)
    static func zeros(in word: UInt64) -> UInt64 { ~(((word & lowBits) &+ lowBits) | word | lowBits) }
}
