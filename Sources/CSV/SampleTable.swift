/// The first records of a file, cut into cells with one dialect, as far as a decision needs them.
struct SampleTable {
    struct Row {
        var cells: [[UInt8]]
        var count: Int
        /// Offset in the sample.
        var start: Int
        /// The row's lines, without its own end.
        var innerBreaks: Int
        var isBroken: Bool
        var isQuoted: Bool
        var end: CSVLineEnd

        var isBlank: Bool { cells.allSatisfy { $0.allSatisfy { $0 <= 0x20 } } && count == cells.count }
        var filled: Int { cells.count { !$0.allSatisfy { $0 <= 0x20 } } }
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

    /// - Parameter sample: UTF-8 followed by ``ByteWindow/padding`` zeros that are not counted in `length`.
    init(_ sample: [UInt8], length: Int, dialect: Dialect, maximumRows: Int = 1000, wholeFile: Bool) {
        var scanner = RecordScanner()
        sample.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var at = 0
            while at < length, rows.count < maximumRows {
                let row = Self.row(base, at: &at, length: length, dialect: dialect, scanner: &scanner)
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
                rows[index].cells = Self.cells(base, from: start, found, scanner)
                rows[index].count = width
            }
            if rows[index].count == width {
                rows[index].isBroken = false
                refitted += 1
            }
        }
        summarise()
    }

    private static func row(
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
        return Row(
            cells: Self.cells(base, from: start, found, scanner), count: found.count, start: start, innerBreaks: found.innerBreaks, isBroken: isBroken,
            isQuoted: found.traits.contains(.quoted), end: ending(base, from: start, to: at))
    }

    private static func cells(
        _ base: UnsafePointer<UInt8>, from start: Int, _ found: ScannedRecord, _ scanner: borrowing RecordScanner
    ) -> [[UInt8]] {
        (0..<min(found.count, 2048)).map { index in
            let range = scanner.ranges[index]
            let from = start + Int(range.start)
            return Array(UnsafeBufferPointer(start: base + from, count: max(0, start + range.cleanEnd - from)))
        }
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

    /// How the records end, if all do so in one way.
    var lineEnd: CSVLineEnd {
        let seen = Set(rows.map(\.end)).subtracting([.none])
        return seen.count > 1 ? .mixed : seen.first ?? .none
    }
}
