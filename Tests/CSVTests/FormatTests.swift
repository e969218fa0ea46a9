import CSV
import Testing

@Suite struct FormatTests {
    static let text = "Prénom;Ville\nZoë;Köln\nRené;Nîmes\nFrançois;Besançon\nJosé;São Paulo\n"

    static func bytes(_ text: String, _ encoding: CSVEncoding) -> [UInt8] {
        switch encoding {
        case .utf8: return Array(text.utf8)
        case .utf16LittleEndian: return text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case .utf16BigEndian: return text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        case .macRoman:
            let table: [Character: UInt8] = [
                "é": 0x8E, "ë": 0x91, "ö": 0x9A, "î": 0x94, "ç": 0x8D, "ã": 0x8B, "ü": 0x9F, "à": 0x88,
            ]
            return text.map { table[$0] ?? $0.asciiValue ?? 0x3F }
        default: return text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        }
    }

    static let encodings: [(CSVEncoding, [UInt8])] = [
        (.utf8, []), (.utf8, [0xEF, 0xBB, 0xBF]), (.utf16LittleEndian, [0xFF, 0xFE]), (.utf16LittleEndian, []),
        (.utf16BigEndian, [0xFE, 0xFF]), (.utf16BigEndian, []), (.windows1252, []), (.macRoman, []),
    ]

    @Test("The encoding is found by itself, and positions count the file's own bytes", arguments: encodings)
    func encoding(encoding: CSVEncoding, mark: [UInt8]) throws {
        let reading = try Reading(mark + Self.bytes(Self.text, encoding))
        #expect(reading.format.encoding == encoding)
        #expect(reading.format.hasByteOrderMark == !mark.isEmpty)
        #expect(reading.rows.map { $0.joined(separator: "|") } == ["Zoë|Köln", "René|Nîmes", "François|Besançon", "José|São Paulo"])
        let head = mark.count + Self.bytes("Prénom;Ville\nZoë;Köln\n", encoding).count
        #expect(reading.records[1].byteOffset == head)
    }

    @Test("Windows-1252's signs and ISO-8859-15's euro are told apart")
    func signs() throws {
        let windows = Array("a,b\nit".utf8) + [0x92] + Array("s,5".utf8) + [0x80] + Array("\n".utf8)
        #expect(try Reading(windows).rows == [["it’s", "5€"]])
        let latin9 = Array("Nom,Prix\nC".utf8) + [0xBD] + Array("ur,5 ".utf8) + [0xA4] + Array("\n".utf8)
        #expect(try Reading(latin9).rows == [["Cœur", "5 €"]])
    }

    @Test("UTF-16 without a mark is found by its line ends where no letter is Latin", arguments: [true, false])
    func wideLineEnds(isLittle: Bool) throws {
        let units = "имя;город\r\nИван;Москва\r\n".utf16
        let bytes = units.flatMap { isLittle ? [UInt8($0 & 0xFF), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        let reading = try Reading(bytes)
        #expect(reading.table == [["имя", "город"], ["Иван", "Москва"]])
        #expect(reading.format.encoding == (isLittle ? .utf16LittleEndian : .utf16BigEndian))
    }

    @Test("Text that is hardly in the encoding found is told")
    func doubtfulEncoding() throws {
        let cyrillic: [UInt8] = [0xE8, 0xEC, 0xFF, 0x3B, 0xE3, 0xEE, 0xF0, 0xEE, 0xE4, 0x0A, 0xC8, 0xE2, 0xE0, 0xED, 0x3B, 0xCC, 0xEE, 0x0A]
        #expect(try Reading(cyrillic).codes == ["encoding_doubtful"])
        #expect(try Reading(Self.bytes(Self.text, .windows1252)).codes.isEmpty)
    }

    @Test("An encoding that was told is taken")
    func toldEncoding() throws {
        var options = CSVOptions()
        options.encoding = .latin1
        #expect(try Reading([0x61, 0x0A, 0xC3, 0xA9, 0x0A], options).rows == [["Ã©"]])
    }

    struct Case: Sendable {
        var text: String
        var delimiter: String
        var quote = "\""
        var escape = "doubled"
        var table: [[String]]
    }

    static let dialects: [Case] = [
        Case(text: "a;b\n1,5;2,5\n3,5;4,5\n", delimiter: ";", table: [["a", "b"], ["1,5", "2,5"], ["3,5", "4,5"]]),
        Case(text: "sep=;\na;b\n1;2\n", delimiter: ";", table: [["a", "b"], ["1", "2"]]),
        Case(text: "Sep=;\na;b\n1;2\n", delimiter: ";", table: [["a", "b"], ["1", "2"]]),
        Case(text: "\"sep = ;\"\na;b\n1;2\n", delimiter: ";", table: [["a", "b"], ["1", "2"]]),
        Case(text: "sep=\t\na\tb\n1\t2\n", delimiter: "\t", table: [["a", "b"], ["1", "2"]]),
        Case(
            text: "'a','b'\n'x, y','1'\n'z','2'\n", delimiter: ",", quote: "'", table: [["a", "b"], ["x, y", "1"], ["z", "2"]]),
        Case(
            text: "\"a\",\"b\"\n\"x \\\"q\\\" y\",\"1\"\n\"z\",\"2\"\n", delimiter: ",", escape: "backslash",
            table: [["a", "b"], ["x \"q\" y", "1"], ["z", "2"]]),
        Case(text: "k:v:w\n1:2:3\n4:5:6\n", delimiter: ":", table: [["k", "v", "w"], ["1", "2", "3"], ["4", "5", "6"]]),
        Case(text: "a^b^c\n1^2^3\n4^5^6\n", delimiter: "^", table: [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]]),
        Case(
            text: "a, b, c\n1, \"x, y\", 3\n4, 5, 6\n7, \"8\", 9\n", delimiter: ",",
            table: [["a", "b", "c"], ["1", "x, y", "3"], ["4", "5", "6"], ["7", "8", "9"]]),
        Case(
            text: "Name\tNote\nAda\tone, two, three\nBob\tone, two\n", delimiter: "\t",
            table: [["Name", "Note"], ["Ada", "one, two, three"], ["Bob", "one, two"]]),
    ]

    @Test("The dialect is found by itself", arguments: dialects)
    func dialect(value: Case) throws {
        let reading = try Reading(value.text)
        #expect(reading.format.delimiterName == value.delimiter)
        #expect(reading.format.quoteName == value.quote)
        #expect(reading.format.escapeName == value.escape)
        #expect(reading.table == value.table)
        #expect(!reading.format.reasons.delimiter.isEmpty)
    }

    @Test("One column does not split", arguments: [
        "Email\nada@example.com\nbob@example.com\n", "Name\nLovelace, Ada\nKing, Bob\nHof, Eve\n",
        "Full Name\nAda Lovelace\nBob King\n", "Time\n10:30\n11:45\n", "Phone\n+1 415 555 0101\n+1 415 555 0102\n",
        "URL\nhttps://a.b/c\nhttps://d.e/f\n",
    ])
    func oneColumn(text: String) throws {
        let reading = try Reading(text)
        #expect(reading.header.count == 1)
        #expect(reading.records.allSatisfy { $0.count == 1 && $0.defect == nil })
    }

    @Test("Two readings that fit alike are named")
    func ambiguous() throws {
        for text in ["a,b;c\nd,e;f\ng,h;i\n", "x\ty;z\n1\t2;3\n4\t5;6\n"] {
            let reading = try Reading(text)
            #expect(reading.header.count == 2)
            #expect(reading.codes.contains("ambiguous_dialect"))
        }
    }

    static let lineEnds = [("a,b\n1,2\n", "lf"), ("a,b\r\n1,2\r\n", "crlf"), ("a,b\r1,2\r", "cr"), ("a,b\r\n1,2\n", "mixed"), ("a,b", "none")]

    @Test("The line end is named", arguments: lineEnds)
    func lineEnd(text: String, name: String) throws {
        #expect(try Reading(text).format.lineEndName == name)
    }

    static let preambles: [(String, Int)] = [
        ("Notes:\n\"When exporting your data, you may\nnotice gaps\"\n\nFirst Name,Last Name,URL\nAda,L,x\nBob,K,y\n", 5),
        ("PREAMBLE,,\n,,\nFirst Name,Last Name,URL\nAda,L,x\nBob,K,y\n", 3),
        ("# made by x, on 1 May\nFirst Name,Last Name,URL\nAda,L,x\nBob,K,y\n", 2),
        ("\n\nFirst Name,Last Name,URL\nAda,L,x\nBob,K,y\n", 3),
        ("Report of May\nMade on the 1st, by X\n\nFirst Name,Last Name,URL\nAda,L,x\nBob,K,y\n", 4),
        ("# one\n# two, three, four\nFirst Name,Last Name,URL\nAda,L,x\nBob,K,y\n", 3),
        ("Report of May\nFirst Name,Last Name,URL\nAda,L,x\nBob,K,y\n", 2),
    ]

    @Test("The header is found below a preamble", arguments: preambles)
    func preamble(text: String, line: Int) throws {
        let reading = try Reading(text)
        #expect(reading.header == ["First Name", "Last Name", "URL"])
        #expect(reading.format.headerLine == line)
        #expect(reading.rows == [["Ada", "L", "x"], ["Bob", "K", "y"]])
        #expect(reading.records.map(\.line) == [line + 1, line + 2])
    }

    @Test("A report's notes below the data are skipped and reported")
    func footer() throws {
        let reading = try Reading(
            "A,B,C\n1,2,3\n4,5,6\n\n\n\"Contacts\"\n\"Copyright (c) 2000-2026 salesforce.com, inc.\"\n\"Confidential Information\"\n")
        #expect(reading.table == [["A", "B", "C"], ["1", "2", "3"], ["4", "5", "6"]])
        #expect(reading.codes == ["footer_skipped"])
    }

    @Test("A file without a header is refused unless that is allowed")
    func noHeader() throws {
        let joined = "Ada;+14155550101|+14155550102\nBob;+14155550103|+14155550104\n"
        #expect { try Reading(joined) } throws: { ($0 as? CSVError)?.code == "no_header" }
        let text = "+14155550101,a@b.co\n+14155550102,c@d.co\n"
        #expect { try Reading(text) } throws: { ($0 as? CSVError)?.code == "no_header" }
        let allowed = try Reading(text, .lenientHeader)
        #expect(allowed.header == ["Column 1", "Column 2"])
        #expect(allowed.rows.count == 2)
        #expect(allowed.format.headerLine == nil)
    }

    @Test("A character that the sample's end cuts is no damage", arguments: 0..<23)
    func cutCharacter(shift: Int) throws {
        let row = "+14155550101,Zoë 😀\n"
        let text = String(repeating: "x", count: shift) + "Phone,Name\n" + String(repeating: row, count: 12_000)
        let reader = try CSVReader(bytes: Array(text.utf8))
        #expect(reader.format.reasons.encoding == "All of it is well-formed UTF-8.")
    }
}
