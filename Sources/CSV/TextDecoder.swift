/// Turns bytes of an encoding into UTF-8, chunk by chunk. What cannot be decoded becomes U+FFFD.
/// Every byte of a single-byte encoding and every unit of UTF-16 stays one scalar or one half of a pair, so a position in
/// the UTF-8 can be counted back to the file's bytes: see ``sourceLength(of:)``.
struct TextDecoder: Sendable {
    let encoding: CSVEncoding
    private let table: [UInt32]
    private var oddByte: UInt8?
    private var highSurrogate: UInt32?

    init(_ encoding: CSVEncoding) {
        self.encoding = encoding
        table = SingleByteTables.scalars(of: encoding)
    }

    func longestOutput(for count: Int) -> Int { count * 3 + 8 }

    /// Writes the UTF-8 of `raw` to `target`, which has room for `longestOutput`, and gives its length.
    mutating func decode(
        _ raw: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, isLast: Bool
    ) -> Int {
        var out = 0
        if table.isEmpty {
            for byte in raw { decodeHalf(byte, to: target, at: &out) }
            if isLast { finish(to: target, at: &out) }
        } else {
            for byte in raw { Self.put(table[Int(byte)], to: target, at: &out) }
        }
        return out
    }

    private mutating func decodeHalf(_ byte: UInt8, to target: UnsafeMutablePointer<UInt8>, at out: inout Int) {
        guard let first = oddByte else { return oddByte = byte }
        oddByte = nil
        let unit =
            encoding == .utf16BigEndian
            ? UInt32(first) << 8 | UInt32(byte) : UInt32(byte) << 8 | UInt32(first)
        decodeUnit(unit, to: target, at: &out)
    }

    private mutating func decodeUnit(_ unit: UInt32, to target: UnsafeMutablePointer<UInt8>, at out: inout Int) {
        if let high = highSurrogate {
            highSurrogate = nil
            if unit & 0xFC00 == 0xDC00 {
                return Self.put(0x10000 + (high & 0x3FF) << 10 + (unit & 0x3FF), to: target, at: &out)
            }
            Self.put(0xFFFD, to: target, at: &out)
        }
        switch unit & 0xFC00 {
        case 0xD800: highSurrogate = unit
        case 0xDC00: Self.put(0xFFFD, to: target, at: &out)
        default: Self.put(unit, to: target, at: &out)
        }
    }

    private mutating func finish(to target: UnsafeMutablePointer<UInt8>, at out: inout Int) {
        if highSurrogate != nil { Self.put(0xFFFD, to: target, at: &out) }
        if oddByte != nil { Self.put(0xFFFD, to: target, at: &out) }
        (highSurrogate, oddByte) = (nil, nil)
    }

    /// How many bytes of the file the UTF-8 in `text` came from.
    static func sourceLength(of text: UnsafeBufferPointer<UInt8>, in encoding: CSVEncoding) -> Int {
        switch encoding {
        case .utf8: return text.count
        case .utf16LittleEndian, .utf16BigEndian:
            return 2 * text.reduce(into: 0) { $0 += ($1 & 0xC0 != 0x80 ? 1 : 0) + ($1 >= 0xF0 ? 1 : 0) }
        default: return text.reduce(into: 0) { $0 += $1 & 0xC0 != 0x80 ? 1 : 0 }
        }
    }

    /// Writes one scalar, which is below 0x110000 and no surrogate, as UTF-8.
    static func put(_ scalar: UInt32, to target: UnsafeMutablePointer<UInt8>, at out: inout Int) {
        func byte(_ value: UInt32) {
            target[out] = UInt8(truncatingIfNeeded: value)
            out += 1
        }
        switch scalar {
        case ..<0x80: byte(scalar)
        case ..<0x800:
            byte(0xC0 | scalar >> 6)
            byte(0x80 | scalar & 0x3F)
        case ..<0x10000:
            byte(0xE0 | scalar >> 12)
            byte(0x80 | scalar >> 6 & 0x3F)
            byte(0x80 | scalar & 0x3F)
        default:
            byte(0xF0 | scalar >> 18)
            byte(0x80 | scalar >> 12 & 0x3F)
            byte(0x80 | scalar >> 6 & 0x3F)
            byte(0x80 | scalar & 0x3F)
        }
    }
}
