/// A record after it was decided how its quotes are to be read.
struct SettledRecord: Sendable {
    var record: ScannedRecord
    var reading = QuoteReading.lenient
    /// Nil: the file's own.
    var dialect: Dialect?
    var defect: Trouble?
    var repair: Trouble?

    /// A code and what to say of it, before it is known where.
    struct Trouble: Sendable {
        var code: String
        var message: String
        var hint = ""
    }
}

/// What happens to a record that does not fit: its quotes are taken another way if just that makes it fit, or it is
/// delivered with a defect, and reading goes on at the next line that fits.
extension CSVReader {
    private static var lookAhead: Int { 1 << 16 }
    /// How many lines are tried before an unclosed quote's row ends at its own line.
    private static var recoveryLines: Int { 100 }

    mutating func settle(_ first: ScannedRecord) throws(CSVError) -> SettledRecord {
        if first.traits.contains(.cut), first.traits.isDisjoint(with: .unclosed) { return cutOff(first) }
        let length = first.next - window.start
        while !window.isFinal, window.end - window.start < length + Self.lookAhead { try fillWindow() }
        guard first.traits.isBroken else { return settleCount(rescan()) }
        return settleQuotes(rescan(), isCut: first.traits.contains(.cut))
    }

    /// A record with sound quotes and another number of cells than the header.
    private mutating func settleCount(_ record: ScannedRecord) -> SettledRecord {
        if options.isPlain { return SettledRecord(record: record) }
        if record.count < width, isFooter(record) {
            skipFooter()
            return SettledRecord(record: record)
        }
        if record.innerBreaks > 0, let better = readingOfOneLine() { return better }
        return readingWithOtherDelimiter(isOneCell: record.count == 1) ?? SettledRecord(record: rescan())
    }

    /// A record with quotes that RFC 4180 does not allow.
    private mutating func settleQuotes(_ record: ScannedRecord, isCut: Bool) -> SettledRecord {
        let isWhole = record.traits.isDisjoint(with: .unclosed)
        let fits = isWhole && (record.count == width || width == 0)
        if fits, record.innerBreaks == 0 { return SettledRecord(record: record, repair: Self.strayRepair) }
        if let better = readingOfOneLine() ?? readingWithOtherDelimiter(isOneCell: false) { return better }
        if fits { return SettledRecord(record: rescan(), repair: Self.strayRepair) }
        if isWhole, record.innerBreaks == 0 {
            return SettledRecord(record: rescan(), defect: Self.malformed)
        }
        return isCut ? recovered() : endOfFileReading(record) ?? recovered()
    }

    /// A last cell whose closing quote is missing at the very end of the file, with no line in it that fits by itself.
    private mutating func endOfFileReading(_ record: ScannedRecord) -> SettledRecord? {
        guard window.isFinal, record.next == window.end, record.count == width || width == 0,
            record.traits.isDisjoint(with: .strayQuote), nextFittingLine().fits == false
        else { return nil }
        var whole = rescan()
        let text = LineBreaks.count(window.base, from: window.start, to: whole.next)
        let endsLine = whole.next > window.start && [0x0A, 0x0D].contains(window.base[whole.next - 1])
        whole.innerBreaks = max(0, text - (endsLine ? 1 : 0))
        return SettledRecord(record: whole, repair: Self.unclosedAtEnd)
    }

    /// The one line alone, read so that it fits the header: nil when no reading does.
    private mutating func readingOfOneLine() -> SettledRecord? {
        guard width > 0 else { return nil }
        let (end, next) = LineBreaks.lineEnd(window.base, from: window.start, limit: window.end)
        guard end - window.start <= Self.lookAhead else { return nil }
        for reading in lineReadings(to: end) {
            var record = rescan(limit: end, reading: reading)
            guard record.count == width, record.traits.isDisjoint(with: .unclosed) else { continue }
            if case .letter = reading, record.traits.contains(.strayQuote) { continue }
            record.next = next
            return SettledRecord(record: record, reading: reading, repair: Self.strayRepair)
        }
        return nil
    }

    /// Without doubled quotes, then each opening quote of the line as a letter in turn, then closing where it first can.
    private func lineReadings(to end: Int) -> [QuoteReading] {
        guard let quote = dialect.quote else { return [] }
        var letters: [QuoteReading] = []
        var quotes = 0
        for at in window.start..<end where window.base[at] == quote && letters.count < 64 {
            quotes += 1
            let opens = at == window.start || [dialect.delimiter, 0x20].contains(window.base[at - 1])
            if opens { letters.append(.letter(at: at)) }
        }
        // Two quotes on a line are a pair with text behind it; among more, the closing one may belong to another cell.
        return quotes == 2 ? [.undoubled, .firstCloses] + letters : [.undoubled] + letters + [.firstCloses]
    }

    /// A row that somebody wrote with another delimiter: split by that one, it fits. A row that its own delimiter does cut
    /// must have quoted cells in just the right places; so must one of words.
    private mutating func readingWithOtherDelimiter(isOneCell: Bool) -> SettledRecord? {
        guard width >= 3, !options.isPlain else { return nil }
        let (end, next) = LineBreaks.lineEnd(window.base, from: window.start, limit: window.end)
        guard end - window.start <= Self.lookAhead else { return nil }
        for delimiter in [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|"), 0x20]
        where delimiter != dialect.delimiter {
            var other = dialect
            other.delimiter = delimiter
            other.skipsInitialSpace = false
            var record = rescan(limit: end, dialect: other)
            guard record.count == width, !record.traits.isBroken else { continue }
            let isPlain = isOneCell && delimiter != 0x20
            guard isPlain || record.traits.contains(.quoted) else { continue }
            record.next = next
            let name = String(UnicodeScalar(delimiter))
            return SettledRecord(
                record: record, dialect: other,
                repair: .init(
                    code: "other_delimiter",
                    message: "This row was split at \"\(name)\", by which it has as many cells as the header."))
        }
        return nil
    }

    /// The row's own line, to be rejected, and the position of the next line that fits.
    private mutating func recovered() -> SettledRecord {
        let (end, _) = LineBreaks.lineEnd(window.base, from: window.start, limit: window.end)
        let found = nextFittingLine()
        var record = rescan(limit: end)
        record.next = found.next
        record.innerBreaks = found.skipped
        let resumed = position.line + 1 + found.skipped
        return SettledRecord(
            record: record,
            defect: .init(
                code: "unclosed_quote",
                message: "A cell opens with a quote that is never closed; reading went on at line \(resumed).",
                hint: "Close the quote, or double it if it is part of the text."))
    }

    /// Where reading can go on after the line at the window's start, and how many lines lie between.
    private mutating func nextFittingLine() -> (next: Int, skipped: Int, fits: Bool) {
        let second = LineBreaks.lineEnd(window.base, from: window.start, limit: window.end).next
        var line = second
        var skipped = 0
        while line < window.end, skipped < Self.recoveryLines, line - second < Self.lookAhead {
            let stretch = min(window.end, line + Self.lookAhead)
            if let record = scanner.scan(
                window.base, from: line, limit: stretch, isFinal: true, rules: rules),
                record.count == width, !record.traits.isBroken
            {
                return (line, skipped, true)
            }
            line = LineBreaks.lineEnd(window.base, from: line, limit: window.end).next
            skipped += 1
        }
        return (second, 0, false)
    }

    private func cutOff(_ record: ScannedRecord) -> SettledRecord {
        SettledRecord(
            record: record,
            defect: .init(
                code: "record_too_large",
                message: "This row is longer than \(options.maximumRecordBytes) bytes and was cut.",
                hint: "Check for a missing line break or an unclosed quote."))
    }

    /// Scans the record at the window's start once more, whose bytes are all there.
    mutating func rescan(
        limit: Int? = nil, dialect other: Dialect? = nil, reading: QuoteReading = .lenient
    ) -> ScannedRecord {
        let most = min(limit ?? window.end, window.start + options.maximumRecordBytes + 2)
        let record = scanner.scan(
            window.base, from: window.start, limit: most, isFinal: true, rules: QuoteRules(other ?? dialect, reading))
        return record ?? ScannedRecord(next: most)
    }

    private static var strayRepair: SettledRecord.Trouble {
        .init(code: "stray_quote", message: "A quote that opens or closes no cell was kept as part of the text.")
    }

    private static var unclosedAtEnd: SettledRecord.Trouble {
        .init(
            code: "unclosed_quote_at_end",
            message: "The file ends inside a quoted cell; the text up to there was taken. It may be cut short.")
    }

    private static var malformed: SettledRecord.Trouble {
        .init(
            code: "malformed_quotes",
            message: "The quotes in this row cannot be read so that it has as many cells as the header.",
            hint: "Double each quote that is part of the text, and put quotes around the whole cell.")
    }
}
