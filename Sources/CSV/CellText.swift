/// Repairs of a cell's bytes after its borders are known.
enum CellText {
    /// Resolves escapes in place in `start..<end` and gives the new end.
    static func unescape(
        _ bytes: UnsafeMutablePointer<UInt8>, from start: Int, to end: Int, dialect: Dialect, reading: QuoteReading
    ) -> Int {
        guard let quote = dialect.quote else { return end }
        let backslash: UInt8? = dialect.escape == .backslash ? UInt8(ascii: "\\") : nil
        var dropsLoneQuote = reading == .firstCloses
        var isLiteral = false
        var (from, to) = (start, start)
        while from < end {
            var byte = bytes[from]
            if !isLiteral, from + 1 < end {
                let next = bytes[from + 1]
                if byte == quote, next == quote {
                    from += 1
                } else if byte == backslash, next == quote || next == backslash || next == dialect.delimiter {
                    from += 1
                    byte = next
                } else if byte == quote, dropsLoneQuote {
                    (dropsLoneQuote, isLiteral) = (false, true)
                    from += 1
                    continue
                }
            } else if !isLiteral, byte == quote, dropsLoneQuote {
                break
            }
            bytes[to] = byte
            to += 1
            from += 1
        }
        return to
    }

    /// Drops zero bytes in place and gives the new end.
    static func dropZeros(_ bytes: UnsafeMutablePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var to = start
        for from in start..<end where bytes[from] != 0 {
            bytes[to] = bytes[from]
            to += 1
        }
        return to
    }
}

/// UTF-8's own rules, as in RFC 3629.
enum UTF8Check {
    /// The offset of the first byte that does not belong to well-formed UTF-8; nil when all is well.
    static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var at = 0
        let end = bytes.count
        let raw = UnsafeRawBufferPointer(bytes)
        while at < end {
            // ASCII, eight bytes at a time.
            while end - at >= 8, raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & Word.highBits == 0 { at += 8 }
            guard at < end else { break }
            if bytes[at] < 0x80 {
                at += 1
                continue
            }
            let length = sequenceLength(bytes, at: at)
            if length == 0 { return at }
            at += length
        }
        return nil
    }

    /// Whether all is well-formed, but for a last sequence that the end cuts.
    static func isSound(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let at = firstInvalid(bytes) else { return true }
        // Its first bytes are sound when some continuation makes it so.
        let cut = Array(bytes[at...].prefix(4))
        return (1...3).contains(cut.count) && bytes.count - at == cut.count && continuations.contains { rest in
            (cut + rest).withUnsafeBufferPointer { sequenceLength($0, at: 0) > cut.count }
        }
    }

    private static let continuations: [[UInt8]] = [[0x80, 0x80, 0x80], [0xBF, 0x80, 0x80]]

    /// How long the well-formed sequence at `at` is; 0 when there is none.
    static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at: Int) -> Int {
        let lead = bytes[at]
        let (length, lowest, highest): (Int, UInt8, UInt8) =
            switch lead {
            case 0x00...0x7F: (1, 0, 0)
            case 0xC2...0xDF: (2, 0x80, 0xBF)
            case 0xE0: (3, 0xA0, 0xBF)
            case 0xED: (3, 0x80, 0x9F)
            case 0xE1...0xEF: (3, 0x80, 0xBF)
            case 0xF0: (4, 0x90, 0xBF)
            case 0xF1...0xF3: (4, 0x80, 0xBF)
            case 0xF4: (4, 0x80, 0x8F)
            default: (0, 0, 0)
            }
        guard length > 1 else { return length }
        guard at + length <= bytes.count, bytes[at + 1] >= lowest, bytes[at + 1] <= highest else { return 0 }
        for next in (at + 2)..<max(at + 2, at + length) where bytes[next] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
