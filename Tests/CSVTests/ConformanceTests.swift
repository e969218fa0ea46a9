import CSV
import Testing

/// RFC 4180's rules and the kinds of the csv-spectrum collection, each as a case of our own.
@Suite struct ConformanceTests {
    struct Case: Sendable, CustomStringConvertible {
        var description: String
        var text: String
        var table: [[String]]

        init(_ description: String, _ text: String, _ table: [[String]]) {
            (self.description, self.text, self.table) = (description, text, table)
        }
    }

    static let cases: [Case] = [
        Case("RFC 4180 2.1: records on lines of their own", "aaa,bbb\r\nzzz,yyy\r\n", [["aaa", "bbb"], ["zzz", "yyy"]]),
        Case("RFC 4180 2.2: no line end behind the last record", "aaa,bbb\r\nzzz,yyy", [["aaa", "bbb"], ["zzz", "yyy"]]),
        Case("RFC 4180 2.4: spaces are part of a cell", "a,b\r\n x , y\r\n", [["a", "b"], [" x ", " y"]]),
        Case("RFC 4180 2.5: quotes around any cell", "\"aaa\",\"b\"\r\nzzz,\"y\"\r\n", [["aaa", "b"], ["zzz", "y"]]),
        Case("RFC 4180 2.6: line breaks in quotes", "aaa,\"b\r\nbb\"\r\nz,y\r\n", [["aaa", "b bb"], ["z", "y"]]),
        Case("RFC 4180 2.7: doubled quotes", "aaa,c\r\n\"b\"\"bb\",x\r\n", [["aaa", "c"], ["b\"bb", "x"]]),
        Case("comma in quotes", "first,address\nJohn,\"120 any st., Anytown, WW\"\n", [["first", "address"], ["John", "120 any st., Anytown, WW"]]),
        Case("empty cells", "a,b,c\n1,\"\",\"\"\n2,3,4\n", [["a", "b", "c"], ["1", "", ""], ["2", "3", "4"]]),
        Case("escaped quotes", "a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n", [["a", "b"], ["1", "ha \"ha\" ha"], ["3", "4"]]),
        Case(
            "JSON in a cell", "key,val\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"at\"\": [102.0, 0.5]}\"\n",
            [["key", "val"], ["1", "{\"type\": \"Point\", \"at\": [102.0, 0.5]}"]]),
        Case("newlines in quotes", "a,b,c\n1,2,3\n\"Once upon \na time\",5,6\n", [["a", "b", "c"], ["1", "2", "3"], ["Once upon \na time", "5", "6"]]),
        Case("quotes and newlines", "a,b\n1,\"ha \n\"\"ha\"\" \nha\"\n3,4\n", [["a", "b"], ["1", "ha \n\"ha\" \nha"], ["3", "4"]]),
        Case("UTF-8", "a,b,c\n1,2,3\n4,5,ʤ\n", [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "ʤ"]]),
        Case("quoted delimiter alone", "a,b\n\",\",\"\"\"\"\n", [["a", "b"], [",", "\""]]),
        Case("only quotes in a cell", "a,b\n\"\"\"\"\"\",x\n", [["a", "b"], ["\"\"", "x"]]),
        Case("a quoted header with a line break", "\"a\nb\",c\n1,2\n", [["a b", "c"], ["1", "2"]]),
    ]

    @Test("A published edge case is read as published", arguments: cases)
    func published(value: Case) throws {
        let reading = try Reading(value.text)
        #expect(reading.table == value.table)
        #expect(reading.defects.allSatisfy { $0 == nil })
    }
}
