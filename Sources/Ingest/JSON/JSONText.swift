/// Writes JSON strings (RFC 8259, section 7) straight from UTF-8 bytes.
///
/// One object a row is made in the innermost loop, where an encoder's dictionaries cost more than everything else.
package enum JSONText {
    package static func append(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        if bytes.withContiguousStorageIfAvailable({ append($0, to: &output) }) == nil {
            Array(bytes).withUnsafeBufferPointer { append($0, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        var from = 0
        for at in bytes.indices where needsEscape(bytes[at]) {
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from..<at]))
            appendEscape(bytes[at], to: &output)
            from = at + 1
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from...]))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5C }

    /// Whether any of the bytes stands otherwise in a JSON string than it does here.
    static func needsEscape(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        let words = bytes.count / 8
        for index in 0..<words {
            let word = raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
            let hits = below(word, 0x20) | below(word ^ every(0x22), 1) | below(word ^ every(0x5C), 1)
            if hits != 0 { return true }
        }
        return bytes[(words * 8)...].contains(where: needsEscape)
    }

    /// Not 0 when one of the eight bytes is less than `limit`, which is at most 128.
    private static func below(_ word: UInt64, _ limit: UInt64) -> UInt64 { (word &- every(limit)) & ~word & every(0x80) }

    private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0..<0x20:
            output += "u00".utf8
            output.append(hex(byte >> 4))
            output.append(hex(byte & 0xF))
        default: output.append(byte)
        }
    }

    private static func hex(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}
