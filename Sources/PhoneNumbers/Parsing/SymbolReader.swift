/// UTF-8 to symbols.
enum SymbolReader {
    /// libphonenumber's limit, in characters.
    static let longestText = 250

    /// Writes the symbols of `text`, at most `longestText`, and returns how many; `nil` if the text is longer.
    /// Each ill-formed sequence is one U+FFFD (Unicode's "maximal subpart" practice, which Swift and Python share).
    static func read(
        _ text: UnsafeBufferPointer<UInt8>, into symbols: UnsafeMutableBufferPointer<Symbol>
    ) -> Int? {
        var count = 0
        var position = 0
        while position < text.count {
            guard count < longestText else { return nil }
            let byte = text[position]
            if byte < 128 {
                symbols[count] = byte
                position += 1
            } else {
                symbols[count] = Tables.shared.symbols.symbol(scalar(text, &position))
            }
            count += 1
        }
        return count
    }

    /// Decodes one character outside ASCII and moves past it.
    static func scalar(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> UInt32 {
        let lead = text[position]
        position += 1
        guard case let (following, second)? = shape(lead) else { return 0xFFFD }
        var value = UInt32(lead) & (0x3F >> following)
        var allowed = second
        for _ in 0..<following {
            guard position < text.count, allowed.contains(text[position]) else { return 0xFFFD }
            value = value << 6 | UInt32(text[position] & 0x3F)
            position += 1
            allowed = 0x80...0xBF
        }
        return value
    }

    /// How many bytes follow a lead byte, and what the first of them may be (Unicode's table 3-7).
    private static func shape(_ lead: UInt8) -> (UInt32, ClosedRange<UInt8>)? {
        switch lead {
        case 0xC2...0xDF: (1, 0x80...0xBF)
        case 0xE0: (2, 0xA0...0xBF)
        case 0xED: (2, 0x80...0x9F)
        case 0xE1...0xEF: (2, 0x80...0xBF)
        case 0xF0: (3, 0x90...0xBF)
        case 0xF1...0xF3: (3, 0x80...0xBF)
        case 0xF4: (3, 0x80...0x8F)
        default: nil
        }
    }
}
