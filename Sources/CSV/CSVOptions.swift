/// What the caller knows of a file already. Everything is found by itself where it is nil.
public struct CSVOptions: Sendable, Hashable {
    /// The character encoding; nil: found by byte-order mark and content.
    public var encoding: CSVEncoding?
    /// The delimiter, one ASCII byte; nil: found by the consistency of the records.
    public var delimiter: UInt8?
    /// The quote character, or none at all; nil: found along with the delimiter.
    public var quote: CSVQuote?
    /// How a quote inside a quoted field is written; nil: found along with the delimiter.
    public var escape: CSVEscape?
    /// Whether there is a header row; nil: told by the content.
    public var hasHeader: Bool?
    /// Whether a file that has no header by its content is read all the same, with columns `Column 1`, `Column 2`, …
    /// Otherwise such a file throws `no_header`.
    public var allowsMissingHeader = false
    /// Whether the file is a program's own output, to be taken as it stands: no preamble, `sep=` line, notes, totals or rows in
    /// another delimiter are looked for. What ``CSVWriter`` wrote reads back as it was with this.
    public var isPlain = false
    /// A longer cell is a defect of its row, in bytes of UTF-8.
    public var maximumFieldBytes = 1 << 20
    /// A longer record is cut there and is a defect, in bytes of UTF-8. This bounds the memory that a reader takes.
    public var maximumRecordBytes = 4 << 20
    /// A file with more columns is refused before memory is spent on them. What spreadsheets take: a file with more is no list.
    public var maximumColumns = 16_384
    /// How many notices are kept; all are counted.
    public var maximumNotices = 100

    public init() {}
}

/// A character encoding that the reader decodes.
public enum CSVEncoding: String, Sendable, Hashable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case windows1252 = "windows-1252"
    case latin1 = "iso-8859-1"
    case latin9 = "iso-8859-15"
    case macRoman = "macroman"

    /// The name as in the IANA registry, in lower case.
    public var name: String { rawValue }

    /// The encoding of a name, whatever its case, dashes and underscores; nil for one that is not supported.
    public init?(name: String) {
        let plain = String(name.lowercased().filter { $0.isLetter || $0.isNumber })
        switch plain {
        case "utf8", "ascii", "usascii": self = .utf8
        case "utf16le", "utf16", "ucs2", "unicode": self = .utf16LittleEndian
        case "utf16be": self = .utf16BigEndian
        case "windows1252", "cp1252", "ansi": self = .windows1252
        case "iso88591", "latin1": self = .latin1
        case "iso885915", "latin9": self = .latin9
        case "macroman", "macintosh", "mac": self = .macRoman
        default: return nil
        }
    }
}

/// The character around cells that hold delimiters or line breaks.
public enum CSVQuote: Sendable, Hashable {
    case character(UInt8)
    case none

    public static let double = CSVQuote.character(0x22)
    public static let single = CSVQuote.character(0x27)

    var byte: UInt8? {
        if case .character(let byte) = self { byte } else { nil }
    }
}

/// How a quote inside a quoted cell is written.
public enum CSVEscape: String, Sendable, Hashable {
    /// Twice, as in RFC 4180.
    case doubled
    /// After a backslash, which also keeps itself and line breaks.
    case backslash
}
