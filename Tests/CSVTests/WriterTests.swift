import CSV
import Testing

@Suite struct WriterTests {
    static let rows: [([String], String)] = [
        (["a", "b"], "a,b\n"), (["a,b", "c"], "\"a,b\",c\n"), (["say \"hi\""], "\"say \"\"hi\"\"\"\n"),
        (["x\ny", " z "], "\"x\ny\",\" z \"\n"), ([""], "\"\"\n"), (["", ""], ",\n"), (["Zoë"], "Zoë\n"), ([], "\n"),
    ]

    @Test("A row is written with quotes only where they are needed", arguments: rows)
    func append(row: [String], expected: String) {
        var output: [UInt8] = []
        CSVWriter.append(row: row, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    static let cells: [(String, Bool)] = [
        ("+1 (415) 555-0101", false), ("-3.5", false), ("+14155550101 x12", false), ("=1+1", true), ("@SUM(A1)", true),
        ("-1+cmd|' /C calc'!A0", true), ("\tx", true), ("plain", false), ("+cmd", true),
    ]

    @Test("The formula guard marks what a spreadsheet runs and leaves phone numbers", arguments: cells)
    func guarded(cell: String, isMarked: Bool) {
        var output: [UInt8] = []
        CSVWriter(lineEnd: .crlf, formulaSafe: true).append(row: [cell], to: &output)
        #expect(String(decoding: output, as: UTF8.self) == (isMarked ? "\"'\(cell)\"\r\n" : "\(cell)\r\n"))
    }
}
