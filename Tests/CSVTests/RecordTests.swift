import CSV
import Testing

@Suite struct RecordTests {
    static let tables: [(String, [[String]])] = [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r1,2\r3,4", [["a", "b"], ["1", "2"], ["3", "4"]]),
        ("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", [["a", "b"], ["x,y", "say \"hi\""]]),
        ("a,b\n\"one\ntwo\",2\n3,4\n", [["a", "b"], ["one\ntwo", "2"], ["3", "4"]]),
        ("a,b\n\"one\r\ntwo\",2\r\n", [["a", "b"], ["one\r\ntwo", "2"]]),
        ("a,b\n\"\",\n1,\n", [["a", "b"], ["1", ""]]),
        ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}\"a\",b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("name;phone\nAda;+1 415\nBob;+1 416\n", [["name", "phone"], ["Ada", "+1 415"], ["Bob", "+1 416"]]),
        ("name\tphone\nAda, Lovelace\t1\nBob\t2\n", [["name", "phone"], ["Ada, Lovelace", "1"], ["Bob", "2"]]),
        ("name|phone\nAda|1\nBob|2\n", [["name", "phone"], ["Ada", "1"], ["Bob", "2"]]),
        ("Email\nada@example.com\nbob@example.com\n", [["Email"], ["ada@example.com"], ["bob@example.com"]]),
        ("a,b\n1,2\n\n3,4\n", [["a", "b"], ["1", "2"], ["3", "4"]]),
    ]

    @Test("A plain file gives its header and rows", arguments: tables)
    func plainFile(text: String, expected: [[String]]) throws {
        #expect(try Reading(text).table == expected)
    }

    @Test("Every record knows its row, its line and its byte offset")
    func positions() throws {
        let reading = try Reading("a,b\r\n\"x\r\ny\",1\r\n\r\nz,2\r\n")
        #expect(reading.records.map(\.row) == [1, 2, 3])
        #expect(reading.records.map(\.line) == [2, 4, 5])
        #expect(reading.records.map(\.byteOffset) == [5, 15, 17])
        #expect(reading.records.map(\.isEmpty) == [false, true, false])
        #expect(reading.format.headerLine == 1)
    }

    @Test("A short row has empty cells and a notice")
    func shortRow() throws {
        let reading = try Reading("a,b,c\n1,2\n3,4,5\n")
        #expect(reading.records[0][2] == "")
        #expect(reading.records[0].count == 2)
        #expect(reading.codes == ["missing_cells"])
        #expect(reading.notices[0].row == 1)
        #expect(reading.notices[0].line == 2)
    }

    @Test("A long row is a defect unless the extra cells are empty")
    func longRow() throws {
        let reading = try Reading("a,b\n1,2,\n3,4,5\n6,7\n")
        #expect(reading.defects == [nil, "too_many_cells", nil])
        #expect(reading.records[1].defect?.columnIndex == 2)
        #expect(reading.codes == ["extra_empty_cells"])
    }

    @Test("A header alone gives no rows")
    func headerOnly() throws {
        let reading = try Reading("name,phone\n")
        #expect(reading.header == ["name", "phone"])
        #expect(reading.rows.isEmpty)
    }

    @Test("Names are made unique, trimmed and reported")
    func names() throws {
        let reading = try Reading("Phone,Phone, Name\u{A0},,Phone (2)\n1,2,3,4,5\n")
        #expect(reading.header == ["Phone", "Phone (3)", "Name", "Column 4", "Phone (2)"])
        #expect(reading.codes == ["duplicate_header", "padded_header", "blank_header"])
    }

    @Test("A name keeps a combining mark behind a blank, and trimming it again changes nothing")
    func combiningMark() throws {
        let name = try Reading("a,b\t\u{20E9}o\n1,2\n").header[1]
        #expect(Array(name.unicodeScalars) == ["b", " ", "\u{20E9}", "o"])
        #expect(try Reading("a,\(name)\n1,2\n").header[1] == name)
    }

    @Test("A row in Windows-1252 is read as that in a UTF-8 file, with a notice")
    func oldRow() throws {
        let bytes = Array("name,city\nZoë,Köln\nAnaïs,Orléans\n".utf8) + [0x52, 0x65, 0x6E, 0xE9, 0x2C, 0x78, 0x0A]
        let reading = try Reading(bytes)
        #expect(reading.rows.last == ["René", "x"])
        #expect(reading.codes == ["row_reencoded"])
    }

    @Test("Bytes that fit no encoding are a defect with their place")
    func undecodable() throws {
        let bytes = Array("name,city\nZoë,Köln\nAnaïs,Orléans\n".utf8) + [0x52, 0x81, 0x2C, 0x78, 0x0A]
        let reading = try Reading(bytes)
        #expect(reading.defects == [nil, nil, "undecodable"])
        #expect(reading.records[2].defect?.byteOffset == bytes.count - 4)
        #expect(reading.records[2].defect?.message.contains("at byte \(bytes.count - 4)") == true)
    }

    @Test("Counting the rest gives the rows that are not empty")
    func countRemaining() throws {
        var reader = try CSVReader(bytes: Array("a,b\n1,2\n\n3,\"x\ny\"\n,\n5,6".utf8))
        var record = CSVRecord()
        #expect(try reader.next(into: &record))
        #expect(try reader.countRemaining() == 2)
        #expect(try reader.next(into: &record) == false)
    }

    @Test("An empty file and a blank one are refused", arguments: ["", "\n\n", "\u{FEFF}", "  \r\n"])
    func emptyFile(text: String) {
        #expect { try Reading(text) } throws: { ($0 as? CSVError)?.code == "empty_file" }
    }
}
