import CSV
import Testing

@Suite struct DamageTests {
    @Test("An unclosed quote costs its own row only, and the defect says where reading went on")
    func unclosedQuote() throws {
        var text = "id,name,phone\n"
        for row in 1...50 { text += row == 20 ? "\(row),\"broken,\(row)\n" : "\(row),n\(row),\(1000 + row)\n" }
        let reading = try Reading(text)
        #expect(reading.rows.count == 50)
        #expect(reading.rows[20] == ["21", "n21", "1021"])
        #expect(reading.records[19].defect?.code == nil)
        #expect(reading.rows[19] == ["20", "\"broken", "20"])
        #expect(reading.codes == ["stray_quote"])
    }

    @Test("An unclosed quote with text over lines is rejected up to the next line that fits")
    func unclosedOverLines() throws {
        let reading = try Reading("id,name,phone\n1,a,1\n2,\"never closed\nmore text\nand more,7\n3,c,3\n4,d,4\n")
        #expect(reading.defects == [nil, "unclosed_quote", nil, nil])
        #expect(reading.records[1].defect?.message.contains("line 6") == true)
        #expect(reading.records.map(\.line) == [2, 3, 6, 7])
        #expect(reading.rows[2] == ["3", "c", "3"])
    }

    static let repaired: [(String, [String], [String])] = [
        // a stray quote inside a quoted cell
        ("a,b\n1,2\n\"say \"hi\" now\",x\n3,4\n", ["say \"hi\" now", "x"], ["stray_quote"]),
        // text after a closing quote
        ("a,b\n1,2\n\"abc\"def,x\n3,4\n", ["abcdef", "x"], ["stray_quote"]),
        // a quote inside an unquoted cell is a letter
        ("a,b\n1,2\n5\" pipe,x\n3,4\n", ["5\" pipe", "x"], []),
        // a quote before an unquoted cell
        ("a,b,c\n1,2,3\n\"x,y,\"z, w\"\n3,4,5\n", ["\"x", "y", "z, w"], ["stray_quote"]),
        // quotes inside that are not doubled, before the delimiter
        ("a,b,c\n1,2,3\n\"Round 48\"\",\"Made, here\",z\n3,4,5\n", ["Round 48\"", "Made, here", "z"], ["stray_quote"]),
        // blanks around the closing quote
        ("a,b\n1,2\n\"x\" ,y\n3,4\n", ["x", "y"], []),
        // NUL bytes
        ("a,b\n1,2\nx\u{0}y,\"z\u{0}\"\n3,4\n", ["xy", "z"], ["nul_bytes_removed"]),
        // one row in another delimiter
        ("a,b,c\n1,2,3\nx;y;z\n3,4,5\n", ["x", "y", "z"], ["other_delimiter"]),
    ]

    @Test("Damage that has one plain reading is repaired with a notice", arguments: repaired)
    func repair(text: String, row: [String], codes: [String]) throws {
        let reading = try Reading(text)
        #expect(reading.rows.count == 3)
        #expect(reading.rows[1] == row)
        #expect(reading.codes == codes)
        #expect(reading.defects == [nil, nil, nil])
    }

    @Test("A cell of megabytes is a defect of its row, and the rows behind it are read")
    func hugeField() throws {
        let huge = String(repeating: "x", count: 2_000_000)
        let reading = try Reading("a,b\n1,2\n\"\(huge)\",y\n3,4\n")
        #expect(reading.defects == [nil, "field_too_large", nil])
        #expect(reading.rows[2] == ["3", "4"])
    }

    @Test("A row over the limit is cut, and the rows behind it are read")
    func hugeRecord() throws {
        let huge = String(repeating: "x", count: 9_000_000)
        let reading = try Reading("a,b\n1,2\n\(huge),y\n3,4\n")
        #expect(reading.records[1].defect?.code == "record_too_large")
        #expect(reading.rows.last == ["3", "4"])
        #expect(reading.records.last?.line == 4)
        #expect(reading.records.last?.byteOffset == 8 + 9_000_003)
    }

    static let foreign: [([UInt8], String, String)] = [
        ([0x50, 0x4B, 0x03, 0x04] + Array("....[Content_Types].xml".utf8), "binary_file", "Excel workbook"),
        ([0x50, 0x4B, 0x03, 0x04, 1, 2, 3], "binary_file", "ZIP archive"),
        (Array("%PDF-1.7\n".utf8), "binary_file", "PDF"),
        ([0x1F, 0x8B, 8, 0], "binary_file", "gzip"),
        ([0xD0, 0xCF, 0x11, 0xE0, 1], "binary_file", ".xls"),
        (Array("<!DOCTYPE html>\n<html>".utf8), "html_file", "HTML"),
        (Array("\n  <html><table><tr>".utf8), "html_file", "HTML"),
        (Array("<div><table><tr><td>a</td></tr></table></div>".utf8), "html_file", "HTML"),
        (Array("<?xml version=\"1.0\"?>\n<Workbook/>".utf8), "other_format", "XML"),
        (Array("<?xml version=\"1.0\"?>\n<html/>".utf8), "html_file", "HTML"),
        (Array("BEGIN:VCARD\nVERSION:3.0\n".utf8), "other_format", "vCard"),
        (Array("MIME-Version: 1.0\nX-Document-Type: Workbook\n".utf8), "other_format", "MHTML"),
        (Array("[{\"phone\": \"+1 415\"}]".utf8), "other_format", "JSON"),
        ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "binary_file", "UTF-32"),
        ([1, 2, 3, 4, 5, 6, 7, 200, 201, 1, 2, 3], "binary_file", "no text"),
    ]

    @Test("A file of another kind is named for what it is", arguments: foreign)
    func foreignFile(bytes: [UInt8], code: String, name: String) {
        #expect { try Reading(bytes) } throws: { error in
            guard let error = error as? CSVError else { return false }
            return error.code == code && error.isUnsupportedFormat && error.message.contains(name) && !error.hint.isEmpty
        }
    }

    @Test("DOS's end mark is ignored")
    func endMark() throws {
        let reading = try Reading("a,b\n1,2\n\u{1A}")
        #expect(reading.rows == [["1", "2"]])
        #expect(reading.codes == ["end_of_file_mark"])
    }

    @Test("A row of totals at the end is skipped and reported")
    func totals() throws {
        let reading = try Reading("name,phone,calls\na,1,2\nb,3,4\nTotal,,6\n")
        #expect(reading.rows.count == 2)
        #expect(reading.codes == ["totals_row_skipped"])
    }

    static let notes = [
        "\n\"Generated by X\"\n\"Copyright (c) 2000-2026 salesforce.com, inc.\"\n",
        "\n\n\nMy Report\nCopyright (c) 2000-2026 salesforce.com, inc. All rights reserved.\nConfidential Information\nGenerated By: Ada L 5/1/2026\n",
    ]

    @Test("Notes below the data are skipped, in quotes or not", arguments: notes)
    func footers(notes: String) throws {
        let reading = try Reading("Name,Phone,Email\nAda,+1 415,a@b.co\nBob,+1 416,c@d.co\n" + notes)
        #expect(reading.table.count == 3)
        #expect(reading.codes == ["footer_skipped"])
    }

    @Test("Letters that look like quotes stay letters")
    func apostrophes() throws {
        let reading = try Reading("name,city\n't Hof,'s-Hertogenbosch\nD'Angelo,x\n'Abd,y\n")
        #expect(reading.rows[0] == ["'t Hof", "'s-Hertogenbosch"])
        #expect(reading.notices.isEmpty)
    }
}
