import CSV
import Contacts
import SystemPackage

/// Contacts in a CSV file, a column each (RFC 4180 and what people really send).
struct CSVRecordReader: RecordReader, ~Copyable {
    private let header: [String]
    private var reader: CSVReader
    private var record = CSVRecord()
    private let map: ColumnMap
    /// `{"header":"`, then `,"header":"` for each further data column, escaped once.
    private let dataKeys: [UInt8]
    /// The data columns, and where their keys end.
    private let dataColumns: [(index: Int, keyEnd: Int)]
    private var leavesOutData = false

    /// Opens the file, tells its dialect and maps its header by the campaign's rules.
    ///
    /// Throws a `Refusal` when the file cannot be read as CSV or has no phone column.
    init(_ descriptor: FileDescriptor, for campaign: Campaign) throws {
        let options = CSVOptions(campaign.fileRules)
        let reader = try Self.open(descriptor, options)
        let contents = reader.format.headerLine == nil ? try Self.contents(of: descriptor, options, campaign) : [:]
        let map = ColumnMap(header: reader.header.map(\.name), rules: campaign.columnRules, contents: contents)
        if map.phones.isEmpty {
            throw Refusal.noPhoneColumn(map.columns.map(\.column), line: reader.format.headerLine)
        }
        self.init(reader, map)
    }

    private init(_ reader: consuming CSVReader, _ map: ColumnMap) {
        self.reader = reader
        self.map = map
        header = map.columns.map(\.column)
        var keys: [UInt8] = []
        dataColumns = map.data.map { column in
            keys.append(UInt8(ascii: keys.isEmpty ? "{" : ","))
            JSONText.append(column.column.utf8, to: &keys)
            keys += ":\"".utf8
            return (column.index, keys.count)
        }
        dataKeys = keys
    }

    private static func open(_ descriptor: FileDescriptor, _ options: CSVOptions) throws -> CSVReader {
        do { return try CSVReader(fileDescriptor: descriptor.rawValue, options: options) } catch { throw Refusal(error) }
    }

    private static let sampledRows = 100

    /// What the columns of a file without a header hold.
    private static func contents(
        of descriptor: FileDescriptor, _ options: CSVOptions, _ campaign: Campaign
    ) throws -> [Int: ContactField] {
        var reader = try open(descriptor, options)
        var record = CSVRecord()
        var contents = ColumnContents(region: campaign.defaultRegion)
        do {
            while record.row < sampledRows, try reader.next(into: &record) { contents.add(record.fields) }
        } catch {
            throw Refusal(error)
        }
        return contents.fields
    }

    var mapping: [MappedColumn] { map.columns }

    var reading: Manifest.Reading {
        let format = reader.format
        return .init(
            format: "csv", encoding: format.encoding.name, delimiter: format.delimiterName, quote: format.quoteName,
            lineEnd: format.lineEndName, headerLine: format.headerLine, reasons: .init(format.reasons))
    }

    var remarks: [Problem] {
        map.warnings + reader.notices.map {
            Problem(code: $0.code, message: $0.message, row: $0.row, line: $0.line, column: $0.column)
        }
    }

    mutating func next(into row: inout MappedRow) throws -> DeliveredRow? {
        do { guard try reader.next(into: &record) else { return nil } } catch { throw Refusal(error) }
        if let defect = record.defect { return .defect(problem(defect)) }
        if record.isEmpty { return .empty }
        fill(&row)
        guard let problem = map.exportedData.flatMap({ takeExportedData($0, into: &row) }) else { return .row }
        return .refused([problem])
    }

    private static let writer = CSVWriter(formulaSafe: true)

    var rejectedHead: [UInt8] { Self.line(header + Rejection.names) }

    /// A row may have more cells than the header; the reasons stay under their own names.
    func rejected(for problems: [Problem]) -> [UInt8] {
        let rejection = Rejection(problems)
        return Self.line(header.indices.map { record[$0] } + rejection.values)
    }

    private static func line(_ cells: [String]) -> [UInt8] {
        var line: [UInt8] = []
        writer.append(row: cells, to: &line)
        return line
    }

    mutating func leaveOutData() { leavesOutData = true }

    mutating func countRemaining() throws -> Int {
        do { return try reader.countRemaining() } catch { throw Refusal(error) }
    }

    private func fill(_ row: inout MappedRow) {
        (row.row, row.line) = (record.row, record.line)
        row.phones.removeAll(keepingCapacity: true)
        for column in map.phones { row.phones.append(cell(column)) }
        row.id = map.id.map { cell($0) }
        row.externalID = map.externalID.map { cell($0) }
        row.timezone = map.timezone.map { cell($0) }
        row.scheduledAt = map.scheduledAt.map { cell($0) }
        row.data = map.data.isEmpty || leavesOutData ? nil : data()
    }

    private func cell(_ column: MappedColumn) -> Cell {
        let text = record[column.index]
        return Cell(column: column.column, text: map.exportedData == nil ? text : ExportedCells.bare(text))
    }

    /// Takes an exported file's `data`, which is JSON; what is wrong with a cell that is none.
    private func takeExportedData(_ column: MappedColumn, into row: inout MappedRow) -> Problem? {
        let text = record[column.index]
        if text.isEmpty { return nil }
        do { row.data = try JSONObject(Array(text.utf8)).compact } catch {
            return Problem(
                code: "invalid_json", message: "this is no JSON object: \(error.reason)",
                hint: "Leave the column as it was exported, or remove it.", row: record.row, line: record.line,
                column: column.column, field: .data, value: String(text.prefix(200)))
        }
        return nil
    }

    /// The cells of the data columns as one JSON object.
    private func data() -> String {
        var length = dataKeys.count + 1
        var isPlain = true
        for column in dataColumns {
            record.withField(column.index) {
                length += $0.count + 1
                isPlain = isPlain && !JSONText.needsEscape($0)
            }
        }
        guard isPlain else { return escapedData() }
        // Written in place: this runs for every row.
        return String(unsafeUninitializedCapacity: length) { text in
            var (end, key) = (0, 0)
            for column in dataColumns {
                dataKeys.withUnsafeBytes { end = text.write(.init(rebasing: $0[key..<column.keyEnd]), at: end) }
                key = column.keyEnd
                record.withField(column.index) { end = text.write(.init($0), at: end) }
                text[end] = UInt8(ascii: "\"")
                end += 1
            }
            text[end] = UInt8(ascii: "}")
            return end + 1
        }
    }

    private func escapedData() -> String {
        var json: [UInt8] = []
        var key = 0
        for column in dataColumns {
            json += dataKeys[key..<(column.keyEnd - 1)]
            key = column.keyEnd
            record.withField(column.index) { JSONText.append($0, to: &json) }
        }
        json.append(UInt8(ascii: "}"))
        return String(decoding: json, as: UTF8.self)
    }

    private func problem(_ defect: CSVDefect) -> Problem {
        Problem(
            code: defect.code, message: defect.message.withoutFullStop, hint: defect.hint, row: record.row, line: record.line,
            column: defect.columnIndex.flatMap { header.indices.contains($0) ? header[$0] : nil })
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Where what was written ends.
    fileprivate func write(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Int {
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(self)[start...]).copyMemory(from: bytes)
        return start + bytes.count
    }
}

extension Refusal {
    /// A file that is no CSV at all is of an unsupported kind; one that is, but broken, cannot be processed.
    fileprivate init(_ error: CSVError) {
        self.init(error.isUnsupportedFormat ? 415 : 422, error.code, error.message.withoutFullStop, hint: error.hint, line: error.line)
    }
}

extension String {
    /// A manifest's `detail` goes on behind the message.
    fileprivate var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}

extension CSVOptions {
    fileprivate init(_ rules: FileRules) {
        self.init()
        encoding = rules.encoding.flatMap { CSVEncoding(name: $0) }
        delimiter = rules.delimiter?.utf8.first
        quote = rules.quote.map { $0.utf8.first.map(CSVQuote.character) ?? .none }
        allowsMissingHeader = rules.mapsByContent
    }
}

extension Manifest.Reading.Reasons {
    fileprivate init(_ reasons: CSVFormat.Reasons) {
        self.init(
            encoding: reasons.encoding, delimiter: reasons.delimiter, quote: reasons.quote, lineEnd: reasons.lineEnd,
            header: reasons.header)
    }
}
