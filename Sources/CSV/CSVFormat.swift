/// How a file is written, as it was found or told, with the reasons.
public struct CSVFormat: Sendable, Hashable {
    public var encoding: CSVEncoding
    /// Whether a byte-order mark stood at the start.
    public var hasByteOrderMark: Bool
    /// One ASCII byte between cells.
    public var delimiter: UInt8
    public var quote: CSVQuote
    public var escape: CSVEscape
    /// Whether one space after each delimiter belongs to the delimiter.
    public var skipsInitialSpace: Bool
    public var lineEnd: CSVLineEnd
    /// The header's physical line, from 1; nil for a file without one.
    public var headerLine: Int?
    /// Why each of these was taken.
    public var reasons: Reasons
    /// What was noticed while the format was found: another reading that fits as well, skipped lines, mended names.
    public var notices: [CSVNotice]

    /// One sentence for each decision.
    public struct Reasons: Sendable, Hashable {
        public var encoding = ""
        public var delimiter = ""
        public var quote = ""
        public var escape = ""
        public var lineEnd = ""
        public var header = ""
    }

    /// The delimiter as a string, a tab as itself.
    public var delimiterName: String { String(UnicodeScalar(delimiter)) }
    /// The quote character as a string; empty for none.
    public var quoteName: String { quote.byte.map { String(UnicodeScalar($0)) } ?? "" }
    /// `doubled` or `backslash`.
    public var escapeName: String { escape.rawValue }
    /// `lf`, `crlf`, `cr`, `mixed`, or `none` for a file of one line.
    public var lineEndName: String { lineEnd.rawValue }
}

/// What ends a line.
public enum CSVLineEnd: String, Sendable, Hashable {
    case lf, crlf, cr, mixed, none
}

/// One column of the header.
public struct CSVColumn: Sendable, Hashable {
    /// Unique in the file, trimmed, never empty: `Phone`, `Phone (2)`, `Column 4`.
    public var name: String
    /// The name as it stood in the file.
    public var originalName: String
    /// From 0.
    public var index: Int
}
