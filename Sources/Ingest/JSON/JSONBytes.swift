import Foundation

/// What JSON's bytes mean (RFC 8259).
enum JSONBytes {
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    /// Whether it cannot stand in a string as it is: quotes, backslashes, control characters.
    static func isMark(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5C }

    /// The position of the first such byte, eight at a time; the end where there is none.
    static func firstMark(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var at = start
        while bytes.count - at >= 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            // The lowest hit is a true one; those above it may be borrowed.
            let hits = below(word, 0x20) | below(word ^ every(0x22), 1) | below(word ^ every(0x5C), 1)
            if hits != 0 { return at + hits.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < bytes.count, !isMark(bytes[at]) { at += 1 }
        return at
    }

    /// The position behind the string that begins at `start`; the end where it is not closed.
    static func endOfString(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var at = start + 1
        while true {
            at = firstMark(in: bytes, from: at)
            guard at < bytes.count else { return bytes.count }
            if bytes[at] == UInt8(ascii: "\"") { return at + 1 }
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
    }

    static func hasEscapes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.baseAddress.map { memchr($0, CInt(UInt8(ascii: "\\")), bytes.count) != nil } ?? false
    }

    static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        let words = bytes.count / 8
        var merged: UInt64 = 0
        for index in 0..<words { merged |= raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
        return merged & every(0x80) == 0 && bytes[(words * 8)...].allSatisfy { $0 < 0x80 }
    }

    /// The value of a hexadecimal digit; `nil` for another byte.
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46, 0x61...0x66: (byte | 0x20) - 0x57
        default: nil
        }
    }

    /// Not 0 when one of the eight bytes is less than `limit`, which is at most 128.
    private static func below(_ word: UInt64, _ limit: UInt64) -> UInt64 { (word &- every(limit)) & ~word & every(0x80) }

    private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
}
