/// Unique, readable names from a header's cells.
enum HeaderNames {
    /// The columns, and a notice for each name that had to be changed.
    static func columns(_ names: [String], line: Int?) -> (columns: [CSVColumn], notices: [CSVNotice]) {
        var columns: [CSVColumn] = []
        var notices: [CSVNotice] = []
        var taken: Set<String> = []
        // A later column may already be called "Phone (2)" by itself.
        let written = Set(names.map(trimmed))
        for (index, original) in names.enumerated() {
            let plain = trimmed(original)
            let wanted = plain.isEmpty ? "Column \(index + 1)" : plain
            let isFree = !taken.contains(wanted) && !(plain.isEmpty && written.contains(wanted))
            let name = isFree ? wanted : numbered(wanted, apartFrom: taken.union(written))
            taken.insert(name)
            columns.append(CSVColumn(name: name, originalName: original, index: index))
            if let notice = notice(name, plain: plain, original: original, index: index, line: line) {
                notices.append(notice)
            }
        }
        return (columns, notices)
    }

    private static func numbered(_ wanted: String, apartFrom others: Set<String>) -> String {
        var number = 2
        while others.contains("\(wanted) (\(number))") { number += 1 }
        return "\(wanted) (\(number))"
    }

    private static func notice(_ name: String, plain: String, original: String, index: Int, line: Int?) -> CSVNotice? {
        let place = "Column \(index + 1)"
        if plain.isEmpty {
            return CSVNotice(
                code: "blank_header", message: "\(place) has no name and is called \"\(name)\".", line: line, column: name)
        }
        if name != plain {
            return CSVNotice(
                code: "duplicate_header", message: "\(place), a further \"\(plain)\", is called \"\(name)\".", line: line,
                column: name)
        }
        guard name != original else { return nil }
        return CSVNotice(
            code: "padded_header", message: "\(place)'s name had blanks around it or unusual ones in it.", line: line,
            column: name)
    }

    private static func isControl(_ scalar: UnicodeScalar) -> Bool {
        scalar.value < 0x20 && !scalar.properties.isWhitespace
    }

    /// Whether it is of visible ASCII, with single spaces between, so that nothing is to be trimmed.
    private static func isPlain(_ name: String) -> Bool {
        var last: UInt8 = 0x20
        for byte in name.utf8 {
            guard byte > 0x20 || last != 0x20, byte >= 0x20, byte < 0x7F else { return false }
            last = byte
        }
        return last != 0x20 || name.isEmpty
    }

    /// The name without blanks around it, of any kind, and with plain single spaces in it.
    static func trimmed(_ name: String) -> String {
        if isPlain(name) { return name }
        let invisible: Set<UnicodeScalar> = ["\u{FEFF}", "\u{200B}", "\u{2060}", "\u{200E}", "\u{200F}", "\u{AD}"]
        // By scalars: a blank with a combining mark is one Character, and the mark must stay.
        let visible = name.unicodeScalars.filter { !invisible.contains($0) && !isControl($0) }
        return visible.split { $0.properties.isWhitespace }.map { String(String.UnicodeScalarView($0)) }
            .joined(separator: " ")
    }
}
