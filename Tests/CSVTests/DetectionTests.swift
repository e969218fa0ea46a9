import CSV
import Testing

@Suite struct DetectionTests {
    @Test("Delimiter, quote and escape are found without a hint", arguments: DetectionCase.all)
    func detect(value: DetectionCase) throws {
        let format = try Reading(value.text, .lenientHeader).format
        #expect(format.delimiterName == value.delimiter)
        if let quote = value.quote { #expect(format.quoteName == quote) }
        #expect(format.escapeName == value.escape)
    }

    @Test("A header of millions of commas is refused before memory is spent on it")
    func manyColumns() {
        let commas = [UInt8](repeating: 0x2C, count: 3_000_000) + Array("\n1,2\n".utf8)
        #expect { try Reading(commas) } throws: { ($0 as? CSVError)?.code == "too_many_columns" }
        let names = (0..<20_000).map { "column \($0)" }.joined(separator: ",") + "\n"
        #expect { try Reading(names) } throws: { ($0 as? CSVError)?.code == "too_many_columns" }
    }

    @Test("A lower limit on columns is kept")
    func fewColumns() throws {
        var options = CSVOptions()
        options.maximumColumns = 2
        #expect(try Reading("a,b\n1,2\n", options).header.count == 2)
        #expect { try Reading("a,b,c\n1,2,3\n", options) } throws: { ($0 as? CSVError)?.code == "too_many_columns" }
    }

    @Test("A blank line is told from a row of empty cells and from an empty cell in quotes")
    func blankLines() throws {
        let records = try Reading("a,b\n\n,\n  \n1,2\n").records
        #expect(records.map(\.isEmpty) == [true, true, true, false])
        #expect(records.map(\.isBlankLine) == [true, false, true, false])
        #expect(try Reading("a\n\"\"\n\n").records.map(\.isBlankLine) == [false, true])
    }

    @Test("A byte behind a backslash is looked at wherever the scanner's words end", arguments: 0..<10)
    func byteBehindBackslash(padding: Int) throws {
        let cell = Array(repeating: UInt8(ascii: "x"), count: padding) + [UInt8(ascii: "\\"), 0xE9]
        let bytes = Array("a,b\n\"p\\\"q\",ë\n\"ü\",\"ä\"\n\"".utf8) + cell + Array("\",1\n".utf8)
        let reading = try Reading(bytes)
        #expect(reading.codes == ["row_reencoded"])
    }
}
