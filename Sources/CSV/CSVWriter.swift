/// Writes rows as RFC 4180 has them: UTF-8, commas, double quotes only where they are needed.
public struct CSVWriter: Sendable {
    /// What ends a row.
    public enum LineEnd: Sendable { case lf, crlf }

    public var lineEnd: LineEnd
    /// Whether cells that a spreadsheet would run as a formula get an apostrophe in front, as OWASP advises: those that
    /// start with `=`, `@`, TAB or CR, and those that start with `+` or `-` unless nothing but digits and
    /// `. , ( ) / - #`, spaces or an extension's `x` follow. So `+1 (415) 555-0101` and `-3.5` stay as they are;
    /// `-1+cmd|…` does not. Reading such a file back shows the apostrophe, so this is for people, not for programs.
    public var formulaSafe: Bool

    public init(lineEnd: LineEnd = .lf, formulaSafe: Bool = false) {
        self.lineEnd = lineEnd
        self.formulaSafe = formulaSafe
    }

    /// Appends one row with its line end to `output`, in UTF-8.
    public func append(row: some Sequence<String>, to output: inout [UInt8]) {
        let start = output.count
        var cells = 0
        for cell in row {
            if cells > 0 { output.append(UInt8(ascii: ",")) }
            appendCell(Array(cell.utf8), to: &output)
            cells += 1
        }
        // A row of one empty cell would read back as a blank line.
        if cells == 1, output.count == start { output.append(contentsOf: [0x22, 0x22]) }
        if lineEnd == .crlf { output.append(0x0D) }
        output.append(0x0A)
    }

    /// Appends one row with the default settings: LF, no formula guard.
    public static func append(row: some Sequence<String>, to output: inout [UInt8]) {
        CSVWriter().append(row: row, to: &output)
    }

    private func appendCell(_ cell: [UInt8], to output: inout [UInt8]) {
        let guarded = formulaSafe && Self.startsFormula(cell)
        guard guarded || Self.needsQuotes(cell) else { return output.append(contentsOf: cell) }
        output.append(0x22)
        if guarded { output.append(0x27) }
        for byte in cell {
            if byte == 0x22 { output.append(0x22) }
            output.append(byte)
        }
        output.append(0x22)
    }

    /// Blanks at the edges are quoted too: some readers trim them, and a lone blank row must not look blank.
    private static func needsQuotes(_ cell: [UInt8]) -> Bool {
        guard let first = cell.first, let last = cell.last else { return false }
        if first == 0x20 || last == 0x20 { return true }
        return cell.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    }

    /// Whether a spreadsheet would run `text` as a formula, by the rule of ``formulaSafe``.
    public static func startsFormula(_ text: some StringProtocol) -> Bool { startsFormula(Array(text.utf8)) }

    static func startsFormula(_ cell: [UInt8]) -> Bool {
        switch cell.first {
        case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0D: true
        case UInt8(ascii: "+"), UInt8(ascii: "-"): !cell.dropFirst().allSatisfy(isNumberByte)
        default: false
        }
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: " .,()/-#xX".utf8.contains(byte)
        }
    }
}
