/// What happens before the first row: kind of file, encoding, dialect, header, in this order.
extension CSVReader {
    private static var sampleBytes: Int { 1 << 16 }

    mutating func open() throws(CSVError) {
        try fillUpTo(Self.sampleBytes * 2)
        try findEncoding()
        if !options.isPlain { try skipDelimiterLine() }
        let (sample, isWhole) = sampleText()
        guard sample.contains(where: { $0 > 0x20 }) else {
            throw CSVError(
                code: "empty_file", message: "The file holds no text.", hint: "Check the export, and drop it again.",
                byteOffset: 0)
        }
        try findHeader(findDialect(sample, isWhole: isWhole))
        for notice in format.notices { log.add(notice) }
    }

    private mutating func fillUpTo(_ count: Int) throws(CSVError) {
        while !window.isFinal, window.end - window.start < count { try fillWindow() }
    }

    private mutating func findEncoding() throws(CSVError) {
        let raw = Array(UnsafeBufferPointer(start: window.base + window.start, count: window.end - window.start))
        try FileKind.check(raw, isPlain: options.isPlain)
        let glance = TextGlance(raw)
        let found = EncodingDetector.detect(raw, glance, told: options.encoding)
        format.encoding = found.encoding
        format.hasByteOrderMark = found.markLength > 0
        format.reasons.encoding = found.reason
        if let doubt = found.doubt { format.notices.append(doubt) }
        window.start += found.markLength
        position.byteOffset = found.markLength
        try window.decode(from: found.encoding)
        isDecoded = found.encoding != .utf8
        try fillUpTo(Self.sampleBytes)
        let text = isDecoded ? Array(UnsafeBufferPointer(start: window.base + window.start, count: window.end - window.start)) : raw
        guard FileKind.isBinary(text, isDecoded ? TextGlance(text) : glance) else { return }
        throw CSVError(
            code: "binary_file", message: "The file holds bytes that are no text in any encoding.",
            hint: "Export the data as CSV (UTF-8).", line: 1, byteOffset: 0)
    }

    /// Excel's first line `sep=;`, which names the delimiter and is no data.
    private mutating func skipDelimiterLine() throws(CSVError) {
        let (end, next) = LineBreaks.lineEnd(window.base, from: window.start, limit: window.end)
        let line = Array(UnsafeBufferPointer(start: window.base + window.start, count: min(end - window.start, 16)))
        guard let delimiter = Self.namedDelimiter(line) else { return }
        format.delimiter = delimiter
        format.reasons.delimiter = "The file's first line names it: sep=\(format.delimiterName)"
        consume(ScannedRecord(next: next))
    }

    /// What a line of `sep=X` names, whatever its case, with quotes or spaces around or not.
    private static func namedDelimiter(_ line: [UInt8]) -> UInt8? {
        let plain = line.filter { $0 != 0x22 }
        guard plain.prefix(3).map({ $0 | 0x20 }).elementsEqual("sep".utf8) else { return nil }
        let rest = plain.dropFirst(3).drop { $0 == 0x20 }
        guard rest.first == UInt8(ascii: "="), rest.count >= 2 else { return nil }
        let value = rest.dropFirst()
        let named = value.count == 1 ? value.first : value.filter { $0 != 0x20 }.count == 1 ? value.first { $0 != 0x20 } : nil
        return named.flatMap { $0 >= 0x09 && $0 < 0x80 ? $0 : nil }
    }

    /// The start of the text, cut behind a line where the file goes on.
    private func sampleText() -> (text: [UInt8], isWhole: Bool) {
        let available = window.end - window.start
        let text = UnsafeBufferPointer(start: window.base + window.start, count: min(available, Self.sampleBytes))
        if window.isFinal, available <= Self.sampleBytes { return (Array(text), true) }
        let last = text.lastIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count - 1
        return (Array(text[...last]), false)
    }

    /// Returns the sample as the dialect cuts it.
    private mutating func findDialect(_ sample: [UInt8], isWhole: Bool) -> SampleTable {
        var told = options
        if !format.reasons.delimiter.isEmpty, told.delimiter == nil { told.delimiter = format.delimiter }
        let found = DialectDetector(sample, wholeFile: isWhole, options: told).detect()
        dialect = found.dialect
        let named = format.reasons.delimiter
        let encoding = format.reasons.encoding
        format.reasons = found.reasons
        format.reasons.encoding = encoding
        if !named.isEmpty, options.delimiter == nil { format.reasons.delimiter = named }
        format.delimiter = dialect.delimiter
        format.quote = dialect.quote.map(CSVQuote.character) ?? .none
        format.escape = dialect.escape
        format.skipsInitialSpace = dialect.skipsInitialSpace
        format.notices += found.notices
        return found.table
    }

    private mutating func findHeader(_ table: SampleTable) throws(CSVError) {
        format.lineEnd = table.lineEnd
        format.reasons.lineEnd = "So end the first \(table.rows.count) records."
        let layout = Layout(table, told: options.hasHeader)
        format.reasons.header = layout.reason
        guard layout.hasHeader || options.hasHeader == false || options.allowsMissingHeader else {
            throw CSVError(
                code: "no_header", message: layout.reason,
                hint: "Add a first row that names the columns, or allow files without a header.", line: position.line,
                byteOffset: position.byteOffset)
        }
        if !options.isPlain { try skipPreamble(layout.skippedRows, table) }
        try checkColumns(layout.width)
        width = layout.width
        if layout.hasHeader { try readHeader() } else { nameColumns(layout.width) }
    }

    private func checkColumns(_ count: Int) throws(CSVError) {
        guard count > options.maximumColumns else { return }
        throw CSVError(
            code: "too_many_columns",
            message: "The first row has \(count) cells or more; a file may have \(options.maximumColumns) columns.",
            hint: "Check the delimiter, and leave out columns that are not needed.", line: position.line,
            byteOffset: position.byteOffset)
    }

    private mutating func skipPreamble(_ rows: Int, _ table: SampleTable) throws(CSVError) {
        guard rows > 0 else { return }
        let first = position.line
        var record = CSVRecord()
        var text = ""
        for index in 0..<rows {
            // The table may have split a broken quote otherwise: go by its own starts.
            guard let scanned = try scanNext() else { return }
            var one = scanned
            if index + 1 < table.rows.count {
                one.next = min(window.end, window.start + table.rows[index + 1].start - table.rows[index].start)
                one.innerBreaks = table.rows[index].innerBreaks
            }
            if text.isEmpty, !isBlank(scanned) {
                deliverPlain(scanned, into: &record)
                text = record.fields.first { !$0.isEmpty } ?? ""
            }
            consume(one)
        }
        guard !text.isEmpty else { return }
        format.notices.append(
            CSVNotice(
                code: "preamble_skipped",
                message: "Lines \(first) to \(position.line - 1) before the header were skipped: \"\(text.prefix(80))\".",
                line: first))
    }

    private mutating func deliverPlain(_ scanned: ScannedRecord, into record: inout CSVRecord) {
        log.isMuted = true
        deliver(scanned, into: &record)
        log.isMuted = false
    }

    private mutating func readHeader() throws(CSVError) {
        guard let scanned = try scanNext() else { return }
        var settled = SettledRecord(record: scanned)
        try checkColumns(scanned.count)
        if scanned.traits.isBroken { settled = try settle(scanned) }
        format.headerLine = position.line
        var record = CSVRecord()
        deliver(settled, into: &record)
        let (columns, notices) = HeaderNames.columns(record.fields, line: position.line)
        header = columns
        width = columns.count
        format.notices += notices
        consume(settled.record)
    }

    private mutating func nameColumns(_ count: Int) {
        header = (0..<count).map { CSVColumn(name: "Column \($0 + 1)", originalName: "", index: $0) }
        format.headerLine = nil
    }
}
