import CSV

/// A file read to its end.
struct Reading {
    var format: CSVFormat
    var header: [String]
    var rows: [[String]] = []
    var records: [CSVRecord] = []
    var notices: [CSVNotice] = []
    var defects: [String?] { records.map { $0.defect?.code } }
    var codes: [String] { notices.map(\.code) }

    init(_ bytes: [UInt8], _ options: CSVOptions = CSVOptions()) throws {
        var reader = try CSVReader(bytes: bytes, options: options)
        format = reader.format
        header = reader.header.map(\.name)
        var record = CSVRecord()
        while try reader.next(into: &record) {
            rows.append(record.fields)
            records.append(record)
        }
        notices = reader.notices
    }

    init(_ text: String, _ options: CSVOptions = CSVOptions()) throws {
        try self.init(Array(text.utf8), options)
    }

    /// Header and rows, blank rows left out.
    var table: [[String]] { [header] + zip(rows, records).filter { !$1.isEmpty }.map(\.0) }
}

extension CSVOptions {
    static var lenientHeader: CSVOptions {
        var options = CSVOptions()
        options.allowsMissingHeader = true
        return options
    }
}
