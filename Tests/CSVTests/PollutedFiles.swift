import CSV

/// One table, and the ways to break it that Vitagliano et al. describe in "Pollock: A Data Loading Benchmark" (VLDB 2023),
/// rebuilt from that description over rows of our own.
struct PollutedFile: Sendable {
    var name: String
    var bytes: [UInt8]
    var header: [String]
    var rows: [[String]]
    var weight: Double
}

struct TableWriter {
    var delimiter = ","
    var quote = "\""
    var escape = "\""
    var lineEnd = "\r\n"
    /// These columns are always quoted, as in many exports.
    var quotedColumns: Set<Int> = [6, 7]

    func cell(_ text: String, _ column: Int) -> String {
        let needs = text.contains(quote) || text.contains(delimiter) || text.contains("\n") || text.contains(",")
        guard needs || quotedColumns.contains(column) else { return text }
        return quote + text.replacing(quote, with: escape + quote) + quote
    }

    func line(_ cells: [String]) -> String {
        cells.enumerated().map { cell($1, $0) }.joined(separator: delimiter) + lineEnd
    }
}

struct Pollution {
    let header = ["DATE", "TIME", "Qty", "ID", "Price", "Kind", "Description", "URL", "Comments"]
    let rows: [[String]]

    init(rows count: Int) {
        rows = (0..<count).map(Self.row)
    }

    private static func row(_ index: Int) -> [String] {
        let kinds = ["Men's Boots", "Running Jacket", "Throw Pillow, Wooden", "Table, Round 48\"", "Kids' Bike, 24\"", "9' Leader"]
        let notes = [
            "Rugged enough for peak performance, yet light.", "Boxers, 5\" inseam, in cotton",
            "For warm, dry conditions: a classic.", "It won't let you down.", "Two tables, one bench",
        ]
        let day = 10 + index % 18
        return [
            "\(day)/0\(1 + index % 9)/2018", "1\(index % 10):\(15 + index % 40)", "\(index % 7)",
            "\(["MG", "RI", "CC"][index % 3])-\(1000 + index * 37)", "$\(index * 3 + 5).\(10 + index % 80)",
            kinds[index % kinds.count], notes[index * 3 % notes.count], "https://www.example.com/p/\(index).html", "",
        ]
    }

    /// The published weights: how often each kind was met among 3,712 real files.
    func all(step: Int) -> [PollutedFile] { fileLevel() + rowLevel(step: step) }

    private func text(_ writer: TableWriter, header: Bool = true, rows some: [[String]]? = nil) -> String {
        (header ? writer.line(self.header) : "") + (some ?? rows).map(writer.line).joined()
    }

    private func file(_ name: String, _ text: String, weight: Double, header: [String]? = nil, rows: [[String]]? = nil) -> PollutedFile {
        PollutedFile(
            name: name, bytes: Array(text.utf8), header: header ?? self.header, rows: rows ?? self.rows, weight: weight)
    }

    private func fileLevel() -> [PollutedFile] {
        let usual = TableWriter()
        let source = text(usual)
        let second = rows.prefix(10)
        func tables(_ name: String, _ cells: ([String]) -> [String]) -> PollutedFile {
            let more = [cells(header)] + second.map(cells)
            return file(name, source + more.map(usual.line).joined(), weight: 62.67, rows: rows + more)
        }
        return [
            file("source", source, weight: 1),
            file("no_payload", "", weight: 15, header: [], rows: []),
            file("no_trailing_newline", String(source.dropLast()), weight: 184),
            file("double_trailing_newline", source + "\r\n", weight: 5),
            file("no_header", text(usual, header: false), weight: 470, header: []),
            file("header_multirow_2", usual.line(header) + source, weight: 47, rows: [header] + rows),
            file("header_multirow_3", usual.line(header) + usual.line(header) + source, weight: 47, rows: [header, header] + rows),
            file("preamble", "PREAMBLE,,,,,,,,\r\n,,,,,,,,\r\n" + source, weight: 282),
            tables("multitable_same") { $0 },
            tables("multitable_less") { Array($0.prefix(6)) },
            tables("multitable_more") { $0 + ["x", "y"] },
            file("header_only", usual.line(header), weight: 3, rows: []),
            file("one_data_row", text(usual, rows: [rows[0]]), weight: 4, rows: [rows[0]]),
            file("record_delimiter_cr", text(TableWriter(lineEnd: "\r")), weight: 7),
            file("record_delimiter_lf", text(TableWriter(lineEnd: "\n")), weight: 1691),
            file("field_delimiter_tab", text(TableWriter(delimiter: "\t")), weight: 4),
            file("field_delimiter_semicolon", text(TableWriter(delimiter: ";")), weight: 834),
            file("field_delimiter_space", text(TableWriter(delimiter: " ")), weight: 4),
            file("field_delimiter_comma_space", text(TableWriter(delimiter: ", ")), weight: 101),
            file("quotation_char_apostrophe", text(TableWriter(quote: "'", escape: "'")), weight: 11),
            file("escape_char_backslash", text(TableWriter(escape: "\\")), weight: 1),
            file("escape_char_missing", text(TableWriter(escape: "")), weight: 7),
        ]
    }

    private func rowLevel(step: Int) -> [PollutedFile] {
        let all = [header] + rows
        let usual = TableWriter()
        let lines = all.map(usual.line)
        var files: [PollutedFile] = []
        for row in stride(from: 0, to: all.count, by: step) {
            func add(_ name: String, _ line: String, _ cells: [String]) {
                var (lines, table) = (lines, all)
                (lines[row], table[row]) = (line, cells)
                files.append(
                    file("\(name)_\(row)", lines.joined(), weight: 0.368, header: table[0], rows: Array(table.dropFirst())))
            }
            let cells = all[row]
            for column in 0..<9 {
                add("more_sep_\(column)", more(cells, column), Array(cells[..<column]) + [""] + cells[column...])
                add("extra_quote_\(column)", quoted(cells, column), cells.enumerated().map { $0 == column ? "\"" + $1 : $1 })
                if column > 0 {
                    add(
                        "less_sep_\(column)", less(cells, column),
                        Array(cells[..<(column - 1)]) + [cells[column - 1] + cells[column]] + cells[(column + 1)...])
                }
            }
            add("row_delimiter_space", TableWriter(delimiter: " ").line(cells), cells)
        }
        return files
    }

    private func written(_ cells: [String]) -> [String] {
        cells.enumerated().map { TableWriter().cell($1, $0) }
    }

    private func more(_ cells: [String], _ column: Int) -> String {
        var parts = written(cells)
        parts.insert("", at: column)
        return parts.joined(separator: ",") + "\r\n"
    }

    private func less(_ cells: [String], _ column: Int) -> String {
        var parts = written(cells)
        // Two quoted cells without their delimiter would read as one escaped quote: the clean file has them merged.
        let merged = cells[column - 1] + cells[column]
        parts.replaceSubrange((column - 1)...column, with: [TableWriter().cell(merged, column)])
        return parts.joined(separator: ",") + "\r\n"
    }

    private func quoted(_ cells: [String], _ column: Int) -> String {
        var parts = written(cells)
        parts[column] = "\"" + parts[column]
        return parts.joined(separator: ",") + "\r\n"
    }
}

/// The benchmark's own measures: success, and precision, recall and F1 of header, records and cells; 10 is all.
enum PollockScore {
    static func of(_ file: PollutedFile) -> Double {
        guard let found = try? normalized(file.bytes, hasHeader: !file.header.isEmpty) else { return 0 }
        return 1 + measures(file.header, found.header)
            + measures(file.rows.map { $0.joined(separator: "\u{1}") }, found.rows.map { $0.joined(separator: "\u{1}") })
            + measures(file.rows.flatMap { $0 }, found.rows.flatMap { $0 })
    }

    /// What `rollcall csv normalize` writes: an empty file stays one, blank lines go.
    static func normalized(_ bytes: [UInt8], hasHeader: Bool) throws -> (header: [String], rows: [[String]]) {
        if bytes.isEmpty { return ([], []) }
        var reader = try CSVReader(bytes: bytes, options: .lenientHeader)
        var rows: [[String]] = []
        var record = CSVRecord()
        while try reader.next(into: &record) {
            if !record.isBlankLine { rows.append(record.fields) }
        }
        let header = reader.format.headerLine == nil ? [] : reader.header.map(\.originalName)
        return hasHeader ? (header, rows) : ([], (header.isEmpty ? [] : [header]) + rows)
    }

    private static func measures(_ expected: [String], _ found: [String]) -> Double {
        if expected.isEmpty { return 3 }
        var left = Dictionary(expected.map { ($0, 1) }, uniquingKeysWith: +)
        var common = 0.0
        for value in found where left[value, default: 0] > 0 {
            left[value, default: 0] -= 1
            common += 1
        }
        guard common > 0 else { return 0 }
        let (precision, recall) = (common / Double(expected.count), common / Double(found.count))
        return precision + recall + 2 * precision * recall / (precision + recall)
    }
}
