import CSV
import Contacts
import SystemPackage

/// Contacts in a CSV file, a column each (RFC 4180 and what people really send).
struct CSVRecordReader: RecordReader, ~Copyable {
    let header: [String]
    private var reader: CSVReader
    private var record = CSVRecord()
    private let map: ColumnMap
    /// `"header":` for each data column, escaped once.
    private let dataKeys: [[UInt8]]

    /// Opens the file, tells its dialect and maps its header by the campaign's `rules`.
    ///
    /// Throws a `Refusal` when the file cannot be read as CSV or has no phone column.
    init(_ descriptor: FileDescriptor, rules: [ColumnRule]) throws {
        let reader = try Self.open(descriptor)
        let map = ColumnMap(header: reader.header.map(\.name), rules: rules)
        if map.phones.isEmpty {
            throw Refusal.noPhoneColumn(map.columns.map(\.column), line: reader.format.headerLine)
        }
        self.init(reader, map)
    }

    private init(_ reader: consuming CSVReader, _ map: ColumnMap) {
        self.reader = reader
        self.map = map
        header = map.columns.map(\.column)
        dataKeys = map.data.map { column in
            var key: [UInt8] = []
            JSONText.append(column.column.utf8, to: &key)
            return key + [UInt8(ascii: ":")]
        }
    }

    private static func open(_ descriptor: FileDescriptor) throws -> CSVReader {
        do { return try CSVReader(fileDescriptor: descriptor.rawValue) } catch { throw Refusal(error) }
    }

    var mapping: [MappedColumn] { map.columns }

    var reading: Manifest.Reading {
        let format = reader.format
        return .init(
            format: "csv", encoding: format.encoding.name, delimiter: format.delimiterName, quote: format.quoteName,
            lineEnd: format.lineEndName, headerLine: format.headerLine)
    }

    var remarks: [Problem] {
        map.warnings + reader.notices.map {
            Problem(code: $0.code, message: $0.message, row: $0.row, line: $0.line, column: $0.column)
        }
    }

    mutating func next() throws -> DeliveredRow? {
        do { guard try reader.next(into: &record) else { return nil } } catch { throw Refusal(error) }
        if let defect = record.defect { return .defect(problem(defect)) }
        return record.isEmpty ? .empty : .row(mappedRow())
    }

    func cells() -> [String] { (0..<max(record.count, header.count)).map { record[$0] } }

    mutating func countRemaining() throws -> Int {
        do { return try reader.countRemaining() } catch { throw Refusal(error) }
    }

    private func mappedRow() -> MappedRow {
        var row = MappedRow(row: record.row, line: record.line)
        row.phones = map.phones.map { cell($0) }
        row.id = map.id.map { cell($0) }
        row.externalID = map.externalID.map { cell($0) }
        row.timezone = map.timezone.map { cell($0) }
        row.scheduledAt = map.scheduledAt.map { cell($0) }
        row.data = map.data.isEmpty ? nil : data()
        return row
    }

    private func cell(_ column: MappedColumn) -> Cell { Cell(column: column.column, text: record[column.index]) }

    private func data() -> String {
        var json: [UInt8] = [UInt8(ascii: "{")]
        for (column, key) in zip(map.data, dataKeys) {
            if json.count > 1 { json.append(UInt8(ascii: ",")) }
            json += key
            record.withField(column.index) { JSONText.append($0, to: &json) }
        }
        json.append(UInt8(ascii: "}"))
        return String(decoding: json, as: UTF8.self)
    }

    private func problem(_ defect: CSVDefect) -> Problem {
        Problem(
            code: defect.code, message: defect.message, hint: defect.hint, row: record.row, line: record.line,
            column: defect.columnIndex.flatMap { header.indices.contains($0) ? header[$0] : nil })
    }
}

extension Refusal {
    /// A file that is no CSV at all is of an unsupported kind; one that is, but broken, cannot be processed.
    fileprivate init(_ error: CSVError) {
        self.init(error.isUnsupportedFormat ? 415 : 422, error.code, error.message, hint: error.hint, line: error.line)
    }
}
