/// The first records of a file, cut into cells with one dialect, as far as a decision needs them.
struct SampleTable {
    struct Row {
        /// Where its cells' ranges lie among the table's; of a row with very many, the first.
        fileprivate(set) var ranges: Range<Int>
        /// How many of those cells hold more than blanks.
        fileprivate(set) var filled: Int
        var count: Int
        /// Offset in the sample.
        var start: Int
        /// The row's lines, without its own end.
        var innerBreaks: Int
        var isBroken: Bool
        var isQuoted: Bool
        var end: CSVLineEnd

        var isBlank: Bool { filled == 0 && count == ranges.count }
    }

    /// A row's cells, as they stand in the sample.
    struct Cells: RandomAccessCollection {
        fileprivate let sample: [UInt8]
        fileprivate let ranges: ArraySlice<Range<Int>>

        var startIndex: Int { 0 }
        var endIndex: Int { ranges.count }
        subscript(index: Int) -> ArraySlice<UInt8> { sample[ranges[ranges.startIndex + index]] }
    }

    private(set) var rows: [Row] = []
    /// The most frequent number of cells among rows that are not blank; the first row's where several are.
    private(set) var width = 0
    private(set) var filledRows = 0
    /// How many rows have `width` cells.
    private(set) var fitting = 0
    private(set) var broken = 0
    /// How many rows fit only after their quotes were read another way.
    private(set) var refitted = 0
    /// How many rows have two cells or more.
    private(set) var cutRows = 0

    private let sample: [UInt8]
    private let quote: UInt8?
    /// Of all rows' cells: an array for each cell would cost more than finding it.
    private var ranges: [Range<Int>] = []

    /// Whether quotes stand around the cell, so that it may hold any delimiter.
    func isQuoted(_ row: Row, _ cell: Int) -> Bool {
        guard row.isQuoted, let quote else { return false }
        let start = ranges[row.ranges.lowerBound + cell].lowerBound
        return start > row.start && sample[start - 1] == quote
    }

    func cells(of row: Row) -> Cells { Cells(sample: sample, ranges: ranges[row.ranges]) }

    /// - Parameter sample: UTF-8 followed by ``ByteWindow/padding`` zeros that are not counted in `length`.
    init(_ sample: [UInt8], length: Int, dialect: Dialect, maximumRows: Int = 1000, wholeFile: Bool) {
        self.sample = sample
        quote = dialect.quote
        var scanner = RecordScanner()
        sample.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var at = 0
            while at < length, rows.count < maximumRows {
                let row = row(base, at: &at, length: length, dialect: dialect, scanner: &scanner)
                // The sample's cut may have hit the last row.
                if at >= length, !wholeFile, rows.count > 1 { break }
                rows.append(row)
            }
            summarise()
            refit(base, length: length, dialect: dialect, scanner: &scanner)
        }
    }

    /// Reads rows with broken quotes another way where that gives them as many cells as most rows have.
    private mutating func refit(
        _ base: UnsafePointer<UInt8>, length: Int, dialect: Dialect, scanner: inout RecordScanner
    ) {
        guard broken > 0, width > 1 else { return }
        let readings = [QuoteRules(dialect, .undoubled), QuoteRules(dialect.withoutQuotes)]
        for index in rows.indices where rows[index].isBroken && rows[index].innerBreaks == 0 {
            let start = rows[index].start
            let end = LineBreaks.lineEnd(base, from: start, limit: length).end
            for rules in readings where rows[index].count != width {
                guard let found = scanner.scan(base, from: start, limit: end, isFinal: true, rules: rules),
                    found.count == width, found.traits.isDisjoint(with: .unclosed)
                else { continue }
                rows[index].ranges = keep(found, from: start, scanner)
                rows[index].filled = filled(rows[index].ranges, base)
                rows[index].count = width
            }
            if rows[index].count == width {
                rows[index].isBroken = false
                refitted += 1
            }
        }
        summarise()
    }

    private mutating func row(
        _ base: UnsafePointer<UInt8>, at: inout Int, length: Int, dialect: Dialect, scanner: inout RecordScanner
    ) -> Row {
        let start = at
        var found =
            scanner.scan(base, from: start, limit: length, isFinal: true, rules: QuoteRules(dialect))
            ?? ScannedRecord(next: length)
        let isBroken = found.traits.isBroken
        let isHopeless = found.traits.contains(.unclosed) || (isBroken && found.innerBreaks > 0)
        if isHopeless {
            let line = LineBreaks.lineEnd(base, from: start, limit: length)
            found =
                scanner.scan(
                    base, from: start, limit: line.end, isFinal: true, rules: QuoteRules(dialect, .firstCloses))
                ?? ScannedRecord(next: 0)
            found.next = line.next
            found.innerBreaks = 0
        }
        at = max(found.next, start + 1)
        let ranges = keep(found, from: start, scanner)
        return Row(
            ranges: ranges, filled: filled(ranges, base), count: found.count, start: start,
            innerBreaks: found.innerBreaks, isBroken: isBroken, isQuoted: found.traits.contains(.quoted),
            end: Self.ending(base, from: start, to: at))
    }

    private mutating func keep(
        _ found: ScannedRecord, from start: Int, _ scanner: borrowing RecordScanner
    ) -> Range<Int> {
        let first = ranges.count
        for index in 0..<min(found.count, 2048) {
            let range = scanner.ranges[index]
            let from = start + Int(range.start)
            ranges.append(from..<max(from, start + range.cleanEnd))
        }
        return first..<ranges.count
    }

    private func filled(_ cells: Range<Int>, _ base: UnsafePointer<UInt8>) -> Int {
        cells.count { cell in ranges[cell].contains { base[$0] > 0x20 } }
    }

    private static func ending(_ base: UnsafePointer<UInt8>, from start: Int, to next: Int) -> CSVLineEnd {
        guard next > start else { return .none }
        switch base[next - 1] {
        case 0x0D: return .cr
        case 0x0A: return next - start > 1 && base[next - 2] == 0x0D ? .crlf : .lf
        default: return .none
        }
    }

    private mutating func summarise() {
        var counts: [Int: Int] = [:]
        (filledRows, broken, cutRows) = (0, 0, 0)
        for row in rows where !row.isBlank {
            counts[row.count, default: 0] += 1
            filledRows += 1
            if row.isBroken { broken += 1 }
            if row.count > 1 { cutRows += 1 }
        }
        let first = rows.first { !$0.isBlank }?.count ?? 0
        let most = counts.values.max() ?? 0
        width = counts[first] == most ? first : counts.filter { $0.value == most }.keys.max() ?? 0
        fitting = most
    }

    /// How many rows have a quoted cell.
    var quotedRows: Int { rows.count(where: \.isQuoted) }

    /// How the records end, if all do so in one way.
    var lineEnd: CSVLineEnd {
        var seen = CSVLineEnd.none
        for row in rows where row.end != .none && row.end != seen {
            if seen != .none { return .mixed }
            seen = row.end
        }
        return seen
    }
}
