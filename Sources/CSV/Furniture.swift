/// What exports put behind the data: a report's notes, a line of totals.
extension CSVReader {
    private static var reach: Int { 1 << 16 }

    /// Whether all that is left, after a blank line, is notes: rows with one filled cell at most, and nothing in it that
    /// looks like a phone number or an address.
    mutating func isFooter(_ first: ScannedRecord) -> Bool {
        guard wasBlank, row > 0, width >= 3, window.isFinal, window.end - window.start <= Self.reach else { return false }
        var at = window.start
        var filled = 0
        while at < window.end {
            guard let record = scanner.scan(
                window.base, from: at, limit: window.end, isFinal: true, rules: rules)
            else { return false }
            let cells = filledCells(record, at: at)
            guard cells <= 1, !looksLikeContact(from: at, to: record.next) else { return false }
            filled += cells
            at = record.next
        }
        return filled > 0
    }

    /// Ends the reading, with a notice.
    mutating func skipFooter() {
        log.add(
            CSVNotice(
                code: "footer_skipped",
                message: "The notes below the data, from line \(position.line) on, were skipped.", line: position.line))
        isFinished = true
    }

    /// Whether `record` is the file's last and adds the others up. Says so, and ends the reading.
    mutating func isTotals(_ record: ScannedRecord) -> Bool {
        guard !options.isPlain, width >= 3, row > 0, window.isFinal, window.end - record.next <= 64,
            record.count > 0, isBlankText(from: record.next, to: window.end)
        else { return false }
        guard filledCells(record, at: window.start) < width, startsWithTotal(record) else { return false }
        log.add(
            CSVNotice(
                code: "totals_row_skipped",
                message: "The last row adds up the others and was skipped.", line: position.line))
        isFinished = true
        return true
    }

    private func startsWithTotal(_ record: ScannedRecord) -> Bool {
        for index in 0..<record.count {
            let range = scanner.ranges[index]
            let (start, end) = (window.start + Int(range.start), window.start + range.cleanEnd)
            guard end > start else { continue }
            guard end - start <= 40 else { return false }
            let text = String(
                decoding: UnsafeBufferPointer(start: window.base + start, count: end - start), as: UTF8.self
            ).lowercased()
            let word = text.drop { $0 == " " }.prefix { $0.isLetter || $0 == " " }
            return Self.totals.contains { word == $0 || word == $0 + " " }
        }
        return false
    }

    private static var totals: [String] {
        ["total", "totals", "grand total", "grand totals", "sum", "subtotal", "gesamt", "summe", "totaal", "totale", "suma"]
    }

    @inline(__always)
    func isBlank(_ record: ScannedRecord) -> Bool {
        guard record.count > 0 else { return true }
        let first = scanner.ranges[0]
        if first.cleanEnd > first.start, window.base[window.start + Int(first.start)] > 0x20 { return false }
        return filledCells(record, at: window.start) == 0
    }

    /// How many cells hold more than blanks.
    private func filledCells(_ record: ScannedRecord, at start: Int) -> Int {
        (0..<record.count).count { index in
            let range = scanner.ranges[index]
            return !isBlankText(from: start + Int(range.start), to: start + range.cleanEnd)
        }
    }

    private func isBlankText(from start: Int, to end: Int) -> Bool {
        var at = start
        while at < end {
            if window.base[at] > 0x20 { return false }
            at += 1
        }
        return true
    }

    private func looksLikeContact(from start: Int, to end: Int) -> Bool {
        var digits = 0
        for at in start..<end {
            let byte = window.base[at]
            if byte == UInt8(ascii: "@") { return true }
            digits = byte >= 0x30 && byte <= 0x39 ? digits + 1 : 0
            if digits >= 7 { return true }
        }
        return false
    }
}
