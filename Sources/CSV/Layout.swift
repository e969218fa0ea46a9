/// Where the header lies in a file's first records.
struct Layout: Sendable {
    /// How many records come before the header, or before the data where there is none.
    var skippedRows: Int
    var hasHeader: Bool
    var width: Int
    var reason: String

    init(_ table: SampleTable, told: Bool?) {
        width = max(1, table.width)
        skippedRows = 0
        hasHeader = true
        reason = ""
        let rows = table.rows
        let first = rows.firstIndex { !$0.isBlank } ?? 0
        let start = Self.start(table) ?? first
        skippedRows = start
        if start < rows.count, told != true, let kind = Self.dataKind(table, at: start) {
            hasHeader = false
            reason = "The first row holds \(kind), as the rows below do: it is data, no header."
        } else if start > first {
            reason = "The first row that is as wide as the table is the header; \(start) records before it are a preamble."
        } else {
            reason = "The first row names the columns."
        }
        if let told {
            hasHeader = told
            reason = told ? "The header was told." : "It was told that there is no header."
        }
        if hasHeader, start < rows.count { width = Self.headerWidth(rows[start], body: table.width) }
    }

    /// The header decides how many cells a row has, unless its own quotes are broken.
    private static func headerWidth(_ header: SampleTable.Row, body: Int) -> Int {
        max(1, header.isBroken ? body : header.count)
    }

    /// The first row of the table, when what stands above it is narrower or nearly empty.
    private static func start(_ table: SampleTable) -> Int? {
        guard table.width >= 2, table.filledRows >= 3, table.fitting >= 2 else { return nil }
        var isInComments = false
        for (index, row) in table.rows.enumerated() where !row.isBlank {
            let startsComment = table.cells(of: row).first?.first == UInt8(ascii: "#")
            isInComments = startsComment && (isInComments || row.count != table.width)
            if row.filled * 2 >= table.width, !isInComments, !isNarrowTitle(row, table, index), !isSetApart(row, table, index) {
                return index
            }
        }
        return nil
    }

    /// A row too narrow for the table, with a blank line between.
    private static func isSetApart(_ row: SampleTable.Row, _ table: SampleTable, _ index: Int) -> Bool {
        guard row.count < table.width, index + 1 < table.rows.count, table.rows[index + 1].isBlank else { return false }
        return table.rows[(index + 1)...].first { !$0.isBlank }?.count == table.width
    }

    /// One cell over a table of two columns: half full, yet a title when several rows of two follow, set apart or long.
    private static func isNarrowTitle(_ row: SampleTable.Row, _ table: SampleTable, _ index: Int) -> Bool {
        guard row.filled == 1, table.width == 2, table.fitting >= 3 else { return false }
        let next = index + 1 < table.rows.count ? table.rows[index + 1] : nil
        return row.count == 1 || next?.isBlank == true
    }

    /// What the row at `index` holds that a header never does, if the rows below hold it too.
    private static func dataKind(_ table: SampleTable, at index: Int) -> String? {
        let below = table.rows.dropFirst(index + 1).lazy.filter { !$0.isBlank }.prefix(20).map { table.cells(of: $0) }
        for (column, cell) in table.cells(of: table.rows[index]).enumerated() {
            let kind = CellKind(cell)
            guard kind.isData else { continue }
            let same = below.count { $0.count > column && CellKind($0[column]) == kind }
            if same * 2 >= max(below.count, 1) { return name(kind) }
        }
        return nil
    }

    private static func name(_ kind: CellKind) -> String {
        switch kind {
        case .decimal: "numbers"
        case .longDigits: "phone numbers or long numbers"
        case .dateTime: "dates or times"
        case .email: "e-mail addresses"
        case .contactList: "several phone numbers or addresses"
        case .url: "web addresses"
        default: "identifiers"
        }
    }
}
