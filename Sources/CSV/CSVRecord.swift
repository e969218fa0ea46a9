/// One row's cells. Make one, and hand it to ``CSVReader/next(into:)`` again and again: its memory is reused.
public struct CSVRecord: Sendable {
    /// The data row, from 1. Empty rows count too.
    public internal(set) var row = 0
    /// The physical line where the row starts, from 1.
    public internal(set) var line = 0
    /// The offset in the file where the row starts, in bytes from 0.
    public internal(set) var byteOffset = 0
    /// How many cells the row has in the file; fewer or more than the header's.
    public internal(set) var count = 0
    /// Whether this is a blank line, or all its cells are empty or blank.
    public internal(set) var isEmpty = true
    /// Whether nothing but blanks stands on the row's line: no delimiter, no quotes.
    public internal(set) var isBlankLine = true
    /// Why this row should be rejected; nil for a sound one.
    public internal(set) var defect: CSVDefect? { didSet { hasDefect = defect != nil } }
    /// Cheaper to ask than `defect`, once for every row.
    private(set) var hasDefect = false

    @usableFromInline var bytes: [UInt8] = []
    @usableFromInline var ranges: [FieldRange] = []

    public init() {}

    /// Calls `body` with the cell's text in UTF-8, unquoted and unescaped; with nothing when the row is short.
    @inlinable
    public func withField<R, E: Error>(
        _ index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        guard index >= 0, index < count else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
        let range = ranges[index]
        return try bytes.withUnsafeBufferPointer { (all) throws(E) -> R in
            try body(UnsafeBufferPointer(rebasing: all[Int(range.start)..<Int(range.end)]))
        }
    }

    /// The cell's text; empty when the row is short.
    @inlinable
    public subscript(index: Int) -> String {
        withField(index) { String(decoding: $0, as: UTF8.self) }
    }

    /// All cells as they stand in the file, in order.
    public var fields: [String] { (0..<count).map { self[$0] } }
}

/// Where a cell lies. The highest bit of `end` marks, until it is resolved, a cell with escapes.
@usableFromInline
struct FieldRange: Sendable {
    @usableFromInline var start: UInt32
    @usableFromInline var end: UInt32

    @usableFromInline init(start: UInt32, end: UInt32) {
        self.start = start
        self.end = end
    }

    /// Offsets below 2 GiB.
    @inline(__always)
    init(_ start: Int, _ end: Int, bit: UInt32 = 0) {
        self.init(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end) | bit)
    }

    static let escapedBit: UInt32 = 1 << 31
    var isEscaped: Bool { end & Self.escapedBit != 0 }
    var cleanEnd: Int { Int(end & ~Self.escapedBit) }
}
