/// The bytes that give a file its structure, in the form that the scanner compares.
struct Dialect: Sendable, Hashable {
    var delimiter: UInt8
    /// Nil: no quoting at all.
    var quote: UInt8?
    var escape: CSVEscape = .doubled
    var skipsInitialSpace = false

    static let standard = Dialect(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""))

    /// The same with every quote taken as a letter.
    var withoutQuotes: Dialect {
        var plain = self
        plain.quote = nil
        return plain
    }
}

/// How the scanner takes quotes that RFC 4180 does not allow.
enum QuoteReading: Sendable, Hashable {
    /// A quote that no delimiter or line end follows is a letter, and the cell goes on to the next one that does.
    case lenient
    /// No quote is written twice: one closes its cell if and only if a delimiter or line end follows.
    case undoubled
    /// A cell's first closing quote closes it; text up to the delimiter is added to it.
    case firstCloses
    /// The opening quote at this offset is a letter; all others are taken as `lenient` does.
    case letter(at: Int)
}

/// What a scan found out about one record.
struct ScannedRecord: Sendable {
    /// Where the next record starts; -1 before that is known.
    var next = -1
    /// How many cells lie in the scanner's ranges.
    var count = 0
    /// Line breaks inside quoted cells.
    var innerBreaks = 0
    var traits: Traits = []

    /// Whether the rest of its line is still to be skipped.
    var isCutOff: Bool { traits.contains(.cut) && traits.isDisjoint(with: .unclosed) }

    struct Traits: OptionSet, Sendable {
        let rawValue: UInt8
        /// Some byte above 0x7F may be in it.
        static let nonASCII = Traits(rawValue: 1)
        /// A zero byte may be in it.
        static let zeros = Traits(rawValue: 2)
        /// A quote stands where RFC 4180 does not allow one.
        static let strayQuote = Traits(rawValue: 4)
        /// A quoted cell never closes.
        static let unclosed = Traits(rawValue: 8)
        /// A quoted cell was seen.
        static let quoted = Traits(rawValue: 16)
        /// Some cell has escapes to resolve.
        static let escaped = Traits(rawValue: 32)

        /// It goes on past the longest record allowed.
        static let cut = Traits(rawValue: 64)

        /// The text is not yet what the cells say.
        static let toMend: Traits = [.escaped, .zeros, .nonASCII]
        /// The record is not what its line says.
        static let odd: Traits = [.strayQuote, .unclosed, .cut]

        var isBroken: Bool { !isDisjoint(with: [.strayQuote, .unclosed]) }
    }
}
