import CSV
import Testing

/// RFC 4180's rules, and the kinds that csv-spectrum, csv-test-data, Papa Parse and Python's csv are tested with, each as a
/// case of our own.
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
        Case("one row without a line end", "A,b,c", [["A", "b", "c"]]),
        Case("a quoted cell in the middle", "A,\"B\",C\n", [["A", "B", "C"]]),
        Case("spaces around cells stay", "A,b\n  x  , y \n", [["A", "b"], ["  x  ", " y "]]),
        Case("delimiter in quotes", "A,\"B,B\",C\n", [["A", "B,B", "C"]]),
        Case("line feed in quotes", "A,b\nx,\"y\nz\"\n", [["A", "b"], ["x", "y\nz"]]),
        Case("CR LF in quotes", "A,b\r\nx,\"y\r\nz\"\r\n", [["A", "b"], ["x", "y\r\nz"]]),
        Case("CR in quotes", "A,b\nx,\"y\rz\"\n", [["A", "b"], ["x", "y\rz"]]),
        Case("doubled quotes at the start", "A,b\n\"\"\"x\",y\n", [["A", "b"], ["\"x", "y"]]),
        Case("doubled quotes at the end", "A,b\n\"x\"\"\",y\n", [["A", "b"], ["x\"", "y"]]),
        Case("doubled quotes all through", "A,b,c\nx,\"y \"\"y\"\" y\",z\n", [["A", "b", "c"], ["x", "y \"y\" y", "z"]]),
        Case("CR ends records", "A,B\ra,b\r", [["A", "B"], ["a", "b"]]),
        Case("an empty first cell", "a,b,c\nd,e,f\n,e,f\n", [["a", "b", "c"], ["d", "e", "f"], ["", "e", "f"]]),
        Case("an empty last cell", "a,b,c\nd,e,\n", [["a", "b", "c"], ["d", "e", ""]]),
        Case("only delimiters", "a,b,c\n,,\n1,2,3\n", [["a", "b", "c"], ["", "", ""], ["1", "2", "3"]]),
        Case("quotes inside a cell that has none around", "A,B \"C\" D,E\n1,2 \"3\",4\n", [["A", "B \"C\" D", "E"], ["1", "2 \"3\"", "4"]]),
        Case("a quote as a letter", "A,B\nx\"y,z\n", [["A", "B"], ["x\"y", "z"]]),
        Case("text behind a closing quote", "A,B,C\na,\"b\"c,d\n", [["A", "B", "C"], ["a", "bc", "d"]]),
        Case("a cell of blanks in quotes", "a,b\n\"  \",x\n", [["a", "b"], ["  ", "x"]]),
        Case("letters of other scripts", "名前,語\n山田,日本\n", [["名前", "語"], ["山田", "日本"]]),
        Case("dates, times and decimals", "d,t,n\n2010-01-01,10:30,5.5\n", [["d", "t", "n"], ["2010-01-01", "10:30", "5.5"]]),
        Case("thousands in quotes", "n,m\n\"1,000\",\"2,000\"\n3,4\n", [["n", "m"], ["1,000", "2,000"], ["3", "4"]]),
        Case("apostrophes are letters", "id,name\n1,\"O'Brien\"\n2,D'Angelo\n", [["id", "name"], ["1", "O'Brien"], ["2", "D'Angelo"]]),
        Case("a backslash is a letter", "a,b\nx\\y,z\n", [["a", "b"], ["x\\y", "z"]]),
        Case("three lines in one cell", "A,B\n\"x\ny\nz\",1\n\"p\",2\n", [["A", "B"], ["x\ny\nz", "1"], ["p", "2"]]),
        Case("formulas are text", "a,b\n=1+1,@x\n+1,-2\n", [["a", "b"], ["=1+1", "@x"], ["+1", "-2"]]),
        Case("every cell quoted", "\"A\",\"B\"\n\"C\",\"D\"\n", [["A", "B"], ["C", "D"]]),
        Case("a blank line between", "a,b,c\n\nd,e,f\n", [["a", "b", "c"], ["d", "e", "f"]]),
        Case("an empty cell in quotes", "a,b\n\"\",x\n", [["a", "b"], ["", "x"]]),
        Case("a quoted header with a line break", "\"a\nb\",c\n1,2\n", [["a b", "c"], ["1", "2"]]),
    ]

    @Test("A published edge case is read as published", arguments: cases)
    func published(value: Case) throws {
        let reading = try Reading(value.text)
        let rows = zip(reading.rows, reading.records).filter { !$1.isBlankLine }.map(\.0)
        #expect([reading.header] + rows == value.table)
        #expect(reading.defects.allSatisfy { $0 == nil })
    }
}
