/// Bytes of a row that do not fit the file's encoding.
extension CSVReader {
    mutating func checkEncoding(_ record: inout CSVRecord) {
        if format.encoding == .utf8 {
            guard let bad = firstInvalidCell(record) else { return }
            reencode(&record, cell: bad.cell, offset: bad.offset)
        } else if let cell = (0..<record.count).first(where: { holdsReplacement(record, $0) }) {
            record.defect = undecodable(record, cell: cell, offset: nil)
        }
    }

    private func firstInvalidCell(_ record: borrowing CSVRecord) -> (cell: Int, offset: Int)? {
        for cell in 0..<record.count {
            let invalid = record.withField(cell) { UTF8Check.firstInvalid($0) }
            if let invalid { return (cell, invalid + Int(record.ranges[cell].start)) }
        }
        return nil
    }

    /// Takes every cell that is no UTF-8 as Windows-1252, which is what such rows nearly always are.
    private mutating func reencode(_ record: inout CSVRecord, cell: Int, offset: Int) {
        var bytes: [UInt8] = []
        var ranges: [FieldRange] = []
        for index in 0..<record.count {
            let start = bytes.count
            let isSound = record.withField(index) { text -> Bool in
                if UTF8Check.firstInvalid(text) == nil {
                    bytes.append(contentsOf: text)
                    return true
                }
                return Self.appendWindows1252(text, to: &bytes)
            }
            if !isSound { record.defect = undecodable(record, cell: index, offset: offset) }
            ranges.append(
                FieldRange(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: bytes.count)))
        }
        (record.bytes, record.ranges) = (bytes, ranges)
        guard record.defect == nil else { return }
        add("row_reencoded", "This row is not UTF-8; it was read as Windows-1252.", to: record)
    }

    /// Gives whether every byte means something in Windows-1252.
    private static func appendWindows1252(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) -> Bool {
        let table = SingleByteTables.scalars(of: .windows1252)
        var isSound = true
        for byte in text {
            let scalar = table[Int(byte)]
            if scalar == 0xFFFD { isSound = false }
            bytes.append(contentsOf: String(UnicodeScalar(scalar) ?? "\u{FFFD}").utf8)
        }
        return isSound
    }

    private func holdsReplacement(_ record: borrowing CSVRecord, _ cell: Int) -> Bool {
        record.withField(cell) { text in
            text.indices.dropLast(2).contains { text[$0] == 0xEF && text[$0 + 1] == 0xBF && text[$0 + 2] == 0xBD }
        }
    }

    private func undecodable(_ record: borrowing CSVRecord, cell: Int, offset: Int?) -> CSVDefect {
        let place = record.byteOffset + (offset ?? 0)
        let start = offset == nil ? "in the row from byte \(place)" : "at byte \(place)"
        return CSVDefect(
            code: "undecodable",
            message: "There are bytes that are neither \(format.encoding.name) nor Windows-1252 text, \(start) of the file on.",
            hint: "Save the file as UTF-8.", columnIndex: cell, byteOffset: place)
    }
}
