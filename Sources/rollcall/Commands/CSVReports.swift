import ArgumentParser
import CSV
import Foundation

enum CSVInput {
    static func withReader<T>(
        _ path: String, _ options: CSVOptions, _ body: (inout CSVReader) throws -> T
    ) throws -> T {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var reader = try CSVReader(fileDescriptor: file.fileDescriptor, options: options)
        return try body(&reader)
    }

    static func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}

struct CSVNormalizer {
    let input: String
    let hints: CSVHints
    let isQuiet: Bool

    /// The whole file, rewritten.
    func run() throws -> [UInt8] {
        do {
            return try CSVInput.withReader(input, hints.options()) { reader in try rewrite(&reader) }
        } catch let error as CSVError where error.code == "empty_file" {
            CSVInput.complain("\(error.code): \(error.message)")
            return []
        }
    }

    private func rewrite(_ reader: inout CSVReader) throws -> [UInt8] {
        var output: [UInt8] = []
        if reader.format.headerLine != nil { CSVWriter.append(row: reader.header.map(\.originalName), to: &output) }
        var record = CSVRecord()
        while try reader.next(into: &record) {
            if let defect = record.defect, !isQuiet {
                CSVInput.complain("line \(record.line): \(defect.code): \(defect.message)")
            }
            if !record.isBlankLine { CSVWriter.append(row: record.fields, to: &output) }
        }
        guard !isQuiet else { return output }
        for notice in reader.notices {
            CSVInput.complain("\(notice.line.map { "line \($0): " } ?? "")\(notice.code): \(notice.message)")
        }
        return output
    }
}

struct DetectReport: Encodable {
    var encoding: String
    var byteOrderMark: Bool
    var delimiter: String
    var quote: String
    var escape: String
    var skipInitialSpace: Bool
    var lineEnd: String
    var headerLine: Int?
    var columns: [String]
    var reasons: [String: String]
    var notices: [Notice]

    struct Notice: Encodable {
        var code: String
        var message: String
        var line: Int?
    }

    enum CodingKeys: String, CodingKey {
        case encoding, byteOrderMark, delimiter, quote, escape, skipInitialSpace, lineEnd, headerLine, columns, reasons
        case notices
    }

    init(input: String, hints: CSVHints) throws {
        let options = try hints.options()
        self = try CSVInput.withReader(input, options) { reader in DetectReport(reader) }
    }

    private init(_ reader: borrowing CSVReader) {
        let format = reader.format
        encoding = format.encoding.name
        byteOrderMark = format.hasByteOrderMark
        delimiter = format.delimiterName
        quote = format.quoteName
        escape = format.escapeName
        skipInitialSpace = format.skipsInitialSpace
        lineEnd = format.lineEndName
        headerLine = format.headerLine
        columns = reader.header.map(\.name)
        let why = format.reasons
        reasons = [
            "encoding": why.encoding, "delimiter": why.delimiter, "quote": why.quote, "escape": why.escape,
            "line_end": why.lineEnd, "header": why.header,
        ]
        notices = format.notices.map { Notice(code: $0.code, message: $0.message, line: $0.line) }
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(encoding, forKey: .encoding)
        try values.encode(byteOrderMark, forKey: .byteOrderMark)
        try values.encode(delimiter, forKey: .delimiter)
        try values.encode(quote, forKey: .quote)
        try values.encode(escape, forKey: .escape)
        try values.encode(skipInitialSpace, forKey: .skipInitialSpace)
        try values.encode(lineEnd, forKey: .lineEnd)
        // A key with null says more than a missing key.
        try values.encode(headerLine, forKey: .headerLine)
        try values.encode(columns, forKey: .columns)
        try values.encode(reasons, forKey: .reasons)
        try values.encode(notices, forKey: .notices)
    }
}
