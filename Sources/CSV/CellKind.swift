/// What a cell's text looks like. A dialect that cuts a file rightly gives cells that look like something.
enum CellKind: Sendable, Hashable {
    case empty, number, decimal, longDigits, dateTime, email, url, uuid, word, text
    /// Several phone numbers or addresses.
    case contactList
    /// Words with commas and no spaces between: a list, or cells that were not cut.
    case list
    case odd

    /// Kinds that a column's name never has.
    var isData: Bool {
        switch self {
        case .decimal, .longDigits, .dateTime, .email, .url, .uuid, .contactList: true
        default: false
        }
    }

    /// How much a cell of this kind speaks for the cut that gave it, of 1.
    var weight: Double {
        switch self {
        case .empty: 0.9
        case .number, .decimal, .longDigits, .dateTime, .email, .url, .uuid: 1
        case .word: 0.95
        case .text, .contactList: 0.8
        case .list, .odd: 0.2
        }
    }

    init(_ cell: ArraySlice<UInt8>) {
        let text = cell.drop { $0 == 0x20 }
        let trimmed = text[..<(text.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? text.startIndex)]
        self = trimmed.isEmpty ? .empty : Self.kind(trimmed)
    }

    private static func kind(_ text: ArraySlice<UInt8>) -> CellKind {
        var tally = Tally()
        text.prefix(400).withUnsafeBufferPointer { for byte in $0 { tally.add(byte) } }
        // Apostrophes on both sides are quotes that were not taken as such.
        if text.count >= 2, text.first == 0x27, text.last == 0x27 { return .odd }
        if tally.digits > 0, tally.letters == 0, tally.others == 0 { return numeric(text, tally) }
        if let structured = structured(text, tally) { return structured }
        if tally.separators > 0, isContactList(text) { return .contactList }
        if tally.separators > 0 || text.first == 0x22 || text.last == 0x22 || text.first == 0x3A { return .odd }
        // A sentence has a space after its commas.
        if tally.tightCommas > 0, tally.letters > 0 { return .list }
        if tally.others == 0, tally.commas == 0, tally.colons == 0, text.count <= 60 { return .word }
        return .text
    }

    /// Digits and the signs that go with them.
    private static func numeric(_ text: ArraySlice<UInt8>, _ tally: Tally) -> CellKind {
        if tally.separators > 0 { return isContactList(text) ? .contactList : .odd }
        if tally.colons > 0 { return tally.colons <= 3 && tally.digits <= 20 && isClock(text) ? .dateTime : .odd }
        if tally.slashes >= 1 || tally.dashes == 2 || (tally.dots == 2 && tally.digits >= 6) {
            return tally.digits >= 7 && text.first == UInt8(ascii: "+") ? .longDigits : .dateTime
        }
        if tally.digits >= 7, tally.dots <= 3, tally.commas == 0 { return .longDigits }
        if tally.commas > 1, !isGrouped(text) { return .odd }
        return tally.dots + tally.commas > 0 ? .decimal : .number
    }

    /// Whether the cell holds several phone numbers or addresses, as contact exports join them: `+1415…;+1415…`.
    private static func isContactList(_ text: ArraySlice<UInt8>) -> Bool {
        text.split(whereSeparator: { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "|") }).allSatisfy { piece in
            var tally = Tally()
            piece.withUnsafeBufferPointer { for byte in $0 { tally.add(byte) } }
            if tally.commas > 0 || tally.separators > 0 { return false }
            return tally.ats == 1 && tally.dots > 0 || tally.digits >= 7 && tally.letters == 0 && tally.others == 0
        }
    }

    /// Whether two digits or more follow each colon.
    private static func isClock(_ text: ArraySlice<UInt8>) -> Bool {
        text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).dropFirst()
            .allSatisfy { $0.prefix { $0 >= 0x30 && $0 <= 0x39 }.count >= 2 }
    }

    /// Whether commas stand where thousands are parted: 1,234,567.
    private static func isGrouped(_ text: ArraySlice<UInt8>) -> Bool {
        let groups = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        return groups.dropFirst().allSatisfy { $0.prefix { $0 >= 0x30 && $0 <= 0x39 }.count == 3 }
    }

    private static func structured(_ text: ArraySlice<UInt8>, _ tally: Tally) -> CellKind? {
        if tally.ats == 1, tally.dots > 0, tally.spaces == 0, tally.commas == 0, tally.separators == 0 { return .email }
        if tally.spaces == 0, startsLikeURL(text) { return .url }
        if text.count == 36, tally.dashes == 4, tally.letters + tally.digits == 32 { return .uuid }
        let isTime = tally.digits >= 8 && tally.letters <= 2 && tally.dashes >= 2 && tally.others == 0
        return isTime && tally.separators == 0 ? .dateTime : nil
    }

    private static func startsLikeURL(_ text: ArraySlice<UInt8>) -> Bool {
        let lower = text.prefix(4).lazy.map { $0 | 0x20 }
        return lower.elementsEqual("http".utf8) || lower.elementsEqual("www.".utf8)
    }

    private struct Tally {
        var digits = 0, letters = 0, spaces = 0, dots = 0, commas = 0, colons = 0, slashes = 0, dashes = 0
        var ats = 0, separators = 0, others = 0, tightCommas = 0
        private var last: UInt8 = 0

        mutating func add(_ byte: UInt8) {
            if last == UInt8(ascii: ","), byte != 0x20 { tightCommas += 1 }
            last = byte
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case 0x80...: letters += 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): letters += 1
            case 0x20: spaces += 1
            case UInt8(ascii: "."): dots += 1
            case UInt8(ascii: ","): commas += 1
            case UInt8(ascii: ":"): colons += 1
            case UInt8(ascii: "/"): slashes += 1
            case UInt8(ascii: "-"): dashes += 1
            case UInt8(ascii: "@"): ats += 1
            case UInt8(ascii: ";"), UInt8(ascii: "|"), 0x09: separators += 1
            case UInt8(ascii: "+"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "%"), UInt8(ascii: "$"),
                UInt8(ascii: "_"), UInt8(ascii: "'"), UInt8(ascii: "#"), UInt8(ascii: "&"):
                break
            default: others += 1
            }
        }
    }
}
