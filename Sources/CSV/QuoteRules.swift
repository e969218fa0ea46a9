/// A dialect and a way to take stray quotes, made ready for the scanner: where a quoted cell ends.
struct QuoteRules: Sendable {
    let delimiter: UInt8
    let skipsSpace: Bool
    /// The quote byte; -1 for none.
    private let quote: Int32
    private let letterAt: Int
    private let quoteByte: UInt8
    private let quotes: WordPattern
    private let backslashes: WordPattern
    private let usesBackslash: Bool
    private let firstCloses: Bool
    private let isDoubled: Bool
    /// After a line break inside the cell, more stray quotes than this mean that the cell was never closed.
    private static let strayLimit = 3

    init(_ dialect: Dialect, _ reading: QuoteReading = .lenient) {
        delimiter = dialect.delimiter
        skipsSpace = dialect.skipsInitialSpace
        quote = dialect.quote.map(Int32.init) ?? -1
        quoteByte = dialect.quote ?? 0
        usesBackslash = dialect.escape == .backslash
        quotes = WordPattern(quoteByte)
        backslashes = WordPattern(usesBackslash ? UInt8(ascii: "\\") : quoteByte)
        firstCloses = reading == .firstCloses
        isDoubled = reading != .undoubled
        if case .letter(let at) = reading { letterAt = at } else { letterAt = -1 }
    }

    @inline(__always)
    func isQuote(_ byte: UInt8, at position: Int) -> Bool { Int32(byte) == quote && position != letterAt }

    /// Cheaper than ``startsSpecially(_:at:)``, and false only where that is.
    @inline(__always)
    func mayStartSpecially(_ byte: UInt8) -> Bool { byte == quoteByte || byte == 0x20 }

    /// Whether a cell that starts with `byte` needs more than a look for its delimiter.
    @inline(__always)
    func startsSpecially(_ byte: UInt8, at position: Int) -> Bool {
        isQuote(byte, at: position) || (skipsSpace && byte == 0x20)
    }

    /// One quoted cell: its text is after the opening quote and before `end`; `next` is at the delimiter or line end behind it.
    struct Cell {
        var end: Int
        var next: Int
        var traits: ScannedRecord.Traits = [.quoted]
        var breaks = 0
        /// All bytes seen, merged.
        var seen: UInt64 = 0
        /// The high bits of bytes below 0x0E, merged.
        var controls: UInt64 = 0
    }

    /// Scans the cell whose opening quote is at `open`; nil when more bytes are needed to tell.
    func scanCell(_ bytes: UnsafePointer<UInt8>, open: Int, limit: Int, isFinal: Bool) -> Cell? {
        var cell = Cell(end: limit, next: limit)
        var from = open + 1
        var straysAfterBreak = 0
        while let at = nextSpecial(bytes, from: from, limit: limit, cell: &cell) {
            if usesBackslash, bytes[at] == UInt8(ascii: "\\") {
                cell.traits.insert(.escaped)
                // The next word starts behind this byte.
                cell.seen |= UInt64(bytes[at + 1])
                if bytes[at + 1] < 0x0E { cell.controls |= 1 }
                from = min(at + 2, limit)
                continue
            }
            guard at + 1 < limit || isFinal else { return nil }
            if isDoubled, at + 1 < limit, bytes[at + 1] == quoteByte {
                cell.traits.insert(.escaped)
                from = at + 2
                continue
            }
            guard let next = closing(bytes, after: at + 1, limit: limit, isFinal: isFinal) else { return nil }
            if next >= 0 { return finish(cell, bytes, open: open, end: at, next: next) }
            cell.traits.insert(.strayQuote)
            if firstCloses {
                guard let next = plainEnd(bytes, from: at + 1, limit: limit, isFinal: isFinal) else { return nil }
                cell.traits.insert(.escaped)
                for position in at..<next {
                    cell.seen |= UInt64(bytes[position])
                    if bytes[position] < 0x0E { cell.controls |= 1 }
                }
                return finish(cell, bytes, open: open, end: next, next: next)
            }
            if LineBreaks.count(bytes, from: open, to: at) > 0 { straysAfterBreak += 1 }
            if straysAfterBreak > Self.strayLimit { break }
            from = at + 1
        }
        guard isFinal || straysAfterBreak > Self.strayLimit else { return nil }
        cell.traits.insert(.unclosed)
        return finish(cell, bytes, open: open, end: limit, next: limit)
    }

    private func finish(_ found: Cell, _ bytes: UnsafePointer<UInt8>, open: Int, end: Int, next: Int) -> Cell {
        var cell = found
        cell.end = end
        cell.next = next
        if cell.seen & Word.highBits != 0 { cell.traits.insert(.nonASCII) }
        if cell.controls != 0 {
            for at in open..<end where bytes[at] == 0 { cell.traits.insert(.zeros) }
            if cell.traits.isDisjoint(with: .unclosed) { cell.breaks = LineBreaks.count(bytes, from: open, to: end) }
        }
        return cell
    }

    /// The next quote, or backslash where it escapes.
    @inline(__always)
    private func nextSpecial(
        _ bytes: UnsafePointer<UInt8>, from: Int, limit: Int, cell: inout Cell
    ) -> Int? {
        var position = from
        while position < limit {
            let word = Word.load(bytes + position)
            cell.seen |= word
            cell.controls |= ~Word.printables(in: word) & Word.highBits
            let hits = ~(quotes.misses(in: word) & backslashes.misses(in: word)) & Word.highBits
            if hits != 0 {
                let at = position + Word.firstByte(hits)
                return at < limit ? at : nil
            }
            position += 8
        }
        return nil
    }

    /// Where the cell's delimiter or line end stands when nothing but blanks come before it; -1 when text does; nil when
    /// the bytes do not reach.
    @inline(__always)
    private func closing(_ bytes: UnsafePointer<UInt8>, after start: Int, limit: Int, isFinal: Bool) -> Int? {
        var position = start
        while position < limit {
            let byte = bytes[position]
            if byte == delimiter || byte == 0x0A || byte == 0x0D { return position }
            guard byte == 0x20 || byte == 0x09 || byte == 0 else { return -1 }
            position += 1
        }
        return isFinal ? limit : nil
    }

    /// The next delimiter or line end.
    private func plainEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, limit: Int, isFinal: Bool) -> Int? {
        var position = start
        while position < limit {
            let byte = bytes[position]
            if byte == delimiter || byte == 0x0A || byte == 0x0D { return position }
            position += 1
        }
        return isFinal ? limit : nil
    }
}

/// Physical lines, whichever way they end.
enum LineBreaks {
    /// How many line breaks lie in `from..<to`; CR LF is one.
    static func count(_ bytes: UnsafePointer<UInt8>, from: Int, to: Int) -> Int {
        var breaks = 0
        var position = from
        while position < to {
            let byte = bytes[position]
            if byte == 0x0A || (byte == 0x0D && (position + 1 >= to || bytes[position + 1] != 0x0A)) { breaks += 1 }
            position += 1
        }
        return breaks
    }

    /// Where the line that `from` lies in ends, and where the next starts.
    static func lineEnd(_ bytes: UnsafePointer<UInt8>, from: Int, limit: Int) -> (end: Int, next: Int) {
        var position = from
        while position < limit, bytes[position] != 0x0A, bytes[position] != 0x0D { position += 1 }
        guard position < limit else { return (limit, limit) }
        let isPair = bytes[position] == 0x0D && position + 1 < limit && bytes[position + 1] == 0x0A
        return (position, position + (isPair ? 2 : 1))
    }
}
