import CSV
import Testing

/// A reader of sound CSV, one byte at a time, as RFC 4180 describes it: what the fast one is held against.
private func plainRows(_ text: [UInt8], delimiter: UInt8) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell: [UInt8] = []
    var (isQuoted, wasQuote) = (false, false)
    func endCell() {
        row.append(String(decoding: cell, as: UTF8.self))
        cell = []
    }
    for byte in text {
        if isQuoted, byte != 0x22 || wasQuote == false {
            if byte == 0x22 { (isQuoted, wasQuote) = (false, true) } else { cell.append(byte) }
            continue
        }
        switch byte {
        case 0x22:
            // Right behind a quote, it is one that was doubled.
            if wasQuote { cell.append(byte) }
            (isQuoted, wasQuote) = (true, false)
        case delimiter:
            endCell()
            wasQuote = false
        case 0x0D: break
        case 0x0A:
            endCell()
            rows.append(row)
            (row, wasQuote) = ([], false)
        default: cell.append(byte)
        }
    }
    return rows
}

@Suite struct PlainReaderTests {
    private static let letters = Array("abcxyz 0123456789.+-@/:'#".utf8)

    private static func cell(_ random: inout SplitMix, delimiter: UInt8) -> [UInt8] {
        let length = random.next() % 8 == 0 ? Int(random.next() % 200) : Int(random.next() % 12)
        var text = (0..<length).map { _ in letters[Int(random.next() % UInt64(letters.count))] }
        if text.first == 0x20 { text[0] = UInt8(ascii: "a") }
        guard random.next() % 6 == 0 else { return text }
        for _ in 0..<Int(random.next() % 5) {
            let pieces: [[UInt8]] = [[delimiter], [0x0A], [0x0D, 0x0A], [0x22, 0x22], Array("é".utf8), Array("€".utf8)]
            // Never within a piece: at the end.
            text += pieces[Int(random.next() % 6)] + [UInt8(ascii: "z")]
        }
        return [0x22] + text + [0x22]
    }

    @Test("Sound files are read as a plain reader reads them", arguments: [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09])
    func sound(delimiter: UInt8) throws {
        var random = SplitMix(state: 0x5EED + UInt64(delimiter))
        for _ in 0..<60 {
            let width = 2 + Int(random.next() % 12)
            var text = (0..<width).map { "c\($0)" }.joined(separator: String(UnicodeScalar(delimiter))).utf8.map { $0 } + [0x0A]
            for _ in 0..<40 {
                for column in 0..<width {
                    if column > 0 { text.append(delimiter) }
                    text += Self.cell(&random, delimiter: delimiter)
                }
                text += random.next() % 2 == 0 ? [0x0A] : [0x0D, 0x0A]
            }
            var options = CSVOptions()
            (options.encoding, options.delimiter, options.quote, options.escape) = (.utf8, delimiter, .double, .doubled)
            (options.hasHeader, options.isPlain) = (true, true)
            let reading = try Reading(text, options)
            let expected = plainRows(text, delimiter: delimiter)
            #expect([reading.header] + reading.rows == expected)
            guard [reading.header] + reading.rows == expected else { return }
        }
    }
}
