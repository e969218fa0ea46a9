/// How well a dialect fits a sample, from 0 to 1.
enum DialectScore {
    private static let typedRows = 80
    /// A cell in quotes may hold any delimiter, and its quotes speak for the cut.
    private static let quotedWeight = 0.9

    /// A usual delimiter that scores more is taken, whatever others there are: see `prior` and `ofOneColumn`.
    static let mostOfUnusual = 0.75

    static func of(_ table: SampleTable, _ dialect: Dialect) -> Double {
        guard table.filledRows > 0, table.width > 1 else { return 0 }
        let share = Double(table.fitting) / Double(table.filledRows)
        // Ragged rows that all hold the delimiter still speak for it.
        let cut = Double(table.cutRows) / Double(table.filledRows)
        let width = Double(table.width)
        let unbroken = 1 - Double(table.broken) / Double(table.filledRows)
        let unmended = 1 - 0.3 * Double(table.refitted) / Double(table.filledRows)
        return (0.7 * share + 0.3 * cut) * (width - 0.5) / width * types(table) * unbroken * unbroken * unmended
            * prior(dialect, table, share) * quotePrior(dialect, table) * headFit(table)
    }

    /// One column is the weakest reading: any consistent cut is preferred, unless lines are typed as they stand.
    static func ofOneColumn(_ table: SampleTable) -> Double {
        let cells = table.rows.prefix(typedRows).compactMap { table.cells(of: $0).first }.filter { !$0.isEmpty }
        guard !cells.isEmpty else { return 0 }
        // "1,2" may be a decimal, and may be two cells.
        let typed = cells.count { cell in
            let kind = CellKind(cell)
            return kind.isData && kind != .decimal && (kind != .longDigits || isPhone(cell))
        }
        return 0.3 + 0.4 * Double(typed) / Double(cells.count)
    }

    /// No phone number has more than 15 digits (E.164); a row of numbers may.
    private static func isPhone(_ cell: ArraySlice<UInt8>) -> Bool { cell.count { $0 >= 0x30 && $0 <= 0x39 } <= 15 }

    private static func types(_ table: SampleTable) -> Double {
        var (sum, count) = (0.0, 0)
        for row in table.rows.prefix(typedRows) where !row.isBlank {
            for (index, cell) in table.cells(of: row).prefix(200).enumerated() {
                let kind = CellKind(cell)
                let isCut = kind == .odd || kind == .list
                sum += isCut && table.isQuoted(row, index) ? quotedWeight : kind.weight
                count += 1
            }
        }
        return count == 0 ? 0 : sum / Double(count)
    }

    private static func prior(_ dialect: Dialect, _ table: SampleTable, _ share: Double) -> Double {
        switch dialect.delimiter {
        case UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|"): return 1
        case 0x1F, 0x01: return 0.95
        // Quotes that open and close at it in every row prove a delimiter.
        case let other where table.width >= 3 && table.quotedRows == table.filledRows && table.broken == 0:
            return other == 0x20 && emptyShare(table) > 0.2 ? 0.3 : 0.95
        case UInt8(ascii: " "):
            // Words of text come in no constant number.
            if table.width >= 4, share > 0.9 { return 0.75 }
            return share > 0.9 && holdsNumbersOnly(table) ? 0.6 : 0.3
        case UInt8(ascii: ":"): return table.width >= 3 ? (table.width >= 5 && share > 0.9 ? 0.75 : 0.65) : 0.45
        case UInt8(ascii: "^"), UInt8(ascii: "~"): return table.width >= 3 ? 0.75 : 0.55
        default: return table.width >= 3 ? 0.75 : 0.4
        }
    }

    /// Aligned text is full of spaces that part nothing.
    private static func emptyShare(_ table: SampleTable) -> Double {
        let cells = table.rows.prefix(typedRows).flatMap { table.cells(of: $0) }
        return Double(cells.count(where: \.isEmpty)) / Double(max(cells.count, 1))
    }

    private static func holdsNumbersOnly(_ table: SampleTable) -> Bool {
        table.rows.prefix(typedRows).allSatisfy { row in
            table.cells(of: row).allSatisfy { [.number, .decimal, .empty].contains(CellKind($0)) }
        }
    }

    /// Apostrophes are letters unless they go around cells; a file with double quotes around cells is not unquoted.
    private static func quotePrior(_ dialect: Dialect, _ table: SampleTable) -> Double {
        let quoted = table.quotedRows
        switch dialect.quote {
        case UInt8(ascii: "\""): return dialect.escape == .backslash ? 0.999 : 1
        case UInt8(ascii: "'"): return quoted >= 2 && table.broken == 0 ? 0.995 : 0.8
        default: return 0.97
        }
    }

    /// A first line of one short word over rows of two cells is the name of one column, not a title, unless a blank line follows.
    private static func headFit(_ table: SampleTable) -> Double {
        guard let at = table.rows.firstIndex(where: { !$0.isBlank }), table.rows[at].count == 1, table.width == 2,
            let cell = table.cells(of: table.rows[at]).first, cell.count <= 30, cell.first != UInt8(ascii: "#")
        else { return 1 }
        let isSetApart = at + 1 < table.rows.count && table.rows[at + 1].isBlank
        return isSetApart ? 1 : 0.4
    }
}

/// Sentences that say why a dialect was taken.
enum DialectReasons {
    static func name(_ byte: UInt8) -> String {
        switch byte {
        case 0x09: "a tab"
        case 0x20: "a space"
        case ..<0x20: "the control character \(byte)"
        default: "\"\(String(UnicodeScalar(byte)))\""
        }
    }

    static func reasons(_ best: DialectDetector.Candidate, options: CSVOptions) -> CSVFormat.Reasons {
        var reasons = CSVFormat.Reasons()
        let table = best.table
        if options.delimiter != nil {
            reasons.delimiter = "The delimiter was told."
        } else if table.width <= 1 {
            reasons.delimiter = "No delimiter cuts the lines alike; the file is read as one column."
        } else {
            reasons.delimiter =
                "\(name(best.dialect.delimiter)) cuts \(table.fitting) of the first \(table.filledRows) rows into \(table.width) cells."
        }
        let quoted = table.quotedRows
        if options.quote != nil {
            reasons.quote = "The quote character was told."
        } else if let quote = best.dialect.quote {
            reasons.quote =
                quoted > 0
                ? "\(name(quote)) goes around cells in \(quoted) of the first \(table.rows.count) rows."
                : "No quoted cell was seen; the usual quote stays in force."
        } else {
            reasons.quote = "Quotes do not go around cells here; they are letters."
        }
        reasons.escape =
            options.escape != nil
            ? "The escape was told."
            : best.dialect.escape == .backslash
                ? "Quotes inside quoted cells come after a backslash." : "Quotes inside quoted cells are doubled, or there are none."
        return reasons
    }
}
