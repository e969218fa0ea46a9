/// Why a file as a whole cannot be read. One row's trouble is a ``CSVDefect`` on its record instead.
public struct CSVError: Error, Sendable, Hashable {
    /// A stable name in snake_case, such as `binary_file`, `html_file`, `other_format`, `empty_file`, `no_header`,
    /// `too_many_columns`, `read_failed`.
    public var code: String
    /// One sentence for a person: what was found.
    public var message: String
    /// One sentence for a person: what to do about it.
    public var hint: String
    /// The physical line it was found on, from 1.
    public var line: Int?
    /// The offset in the file, in bytes from 0.
    public var byteOffset: Int?

    public init(code: String, message: String, hint: String, line: Int? = nil, byteOffset: Int? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.line = line
        self.byteOffset = byteOffset
    }

    /// Whether the file is of another kind altogether, for which an HTTP service answers 415.
    public var isUnsupportedFormat: Bool { ["binary_file", "html_file", "other_format"].contains(code) }
}

/// A repair or a remark: the data was read, and somebody may want to know how.
public struct CSVNotice: Sendable, Hashable {
    /// A stable name in snake_case, such as `missing_cells` or `duplicate_header`.
    public var code: String
    /// One sentence for a person.
    public var message: String
    /// The data row, from 1; nil for what concerns the file.
    public var row: Int?
    /// The physical line, from 1.
    public var line: Int?
    /// The column's name.
    public var column: String?

    public init(code: String, message: String, row: Int? = nil, line: Int? = nil, column: String? = nil) {
        self.code = code
        self.message = message
        self.row = row
        self.line = line
        self.column = column
    }
}

/// A reason to reject one row; the rows around it are not touched by it.
public struct CSVDefect: Sendable, Hashable {
    /// A stable name in snake_case: `too_many_cells`, `unclosed_quote`, `malformed_quotes`, `undecodable`, `field_too_large`, `record_too_large`.
    public var code: String
    /// One sentence for a person: what is wrong.
    public var message: String
    /// One sentence for a person: how to mend it.
    public var hint: String
    /// The cell's index from 0, where one cell is to blame.
    public var columnIndex: Int?
    /// The offset in the file, in bytes from 0, of what is to blame (the row's start where nothing narrower is known).
    public var byteOffset: Int

    public init(code: String, message: String, hint: String, columnIndex: Int? = nil, byteOffset: Int) {
        self.code = code
        self.message = message
        self.hint = hint
        self.columnIndex = columnIndex
        self.byteOffset = byteOffset
    }
}
