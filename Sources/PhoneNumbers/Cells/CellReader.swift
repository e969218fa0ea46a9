/// Reads a cell: repairs first, then the parser, then what else the text could mean.
struct CellReader {
    typealias Bytes = UnsafeBufferPointer<UInt8>
    typealias Outcome = Result<PhoneReading, PhoneNumberError>

    let region: RegionCode?

    func read(_ text: Bytes) -> Outcome {
        let traits = CellTraits(text)
        guard traits.contains(.damaged) else { return readUnrepaired(text, traits, []) }
        switch SpreadsheetDamage.repair(text) {
        case .failure(let error): return .failure(error)
        case .success(nil): return readUnrepaired(text, traits, [])
        case .success(let repair?):
            return repair.text.withUnsafeBufferPointer { readUnrepaired($0, CellTraits($0), repair.notices) }
        }
    }

    private func readUnrepaired(_ text: Bytes, _ traits: CellTraits, _ notices: [PhoneNotice]) -> Outcome {
        let numbers = SeveralNumbers(text: text, region: region)
        if traits.contains(.separated), numbers.isSplitBySeparator { return .failure(.severalNumbers) }
        if traits.contains(.lookalikes), LookalikeLetters.areAmongDigits(text) { return .failure(.ambiguousLetters) }
        switch NumberParser.parse(text, region: region) {
        case .failure(let error): return .failure(numbers.isSplitAnywhere ? .severalNumbers : error)
        case .success(let number):
            guard !traits.contains(.international), let other = OtherReading(of: text, taken: number) else {
                return .success(PhoneReading(number: number, notices: notices))
            }
            return .success(PhoneReading(number: number, notices: notices + [other.notice(text, number, region)]))
        }
    }
}

/// What one look at a cell's bytes shows: which of the dearer questions need asking.
struct CellTraits: OptionSet {
    let rawValue: UInt8
    /// Has a plus, or is no number in ASCII digits and punctuation alone: no plus can have been lost.
    static let international = CellTraits(rawValue: 1)
    /// Begins like a wrapped number, or consists of the characters of a decimal number.
    static let damaged = CellTraits(rawValue: 2)
    /// Has a character or a letter that can stand between two numbers.
    static let separated = CellTraits(rawValue: 4)
    /// Has letters that look like digits.
    static let lookalikes = CellTraits(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ text: UnsafeBufferPointer<UInt8>) {
        var kinds: Kinds = []
        var points = 0
        for byte in text where !byte.isASCIIDigit {
            kinds.formUnion(Kinds(byte))
            points += byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") ? 1 : 0
        }
        self = []
        if kinds.contains(.plus) || !kinds.isDisjoint(with: [.letter, .exponent, .lookalike, .other]) {
            insert(.international)
        }
        let isDecimal = points == 1 || points == 0 && kinds.contains(.exponent)
        if kinds.contains(.quote) || isDecimal && kinds.isSubset(of: .decimal) { insert(.damaged) }
        if !kinds.isDisjoint(with: [.comma, .separator, .letter, .exponent, .lookalike]) { insert(.separated) }
        if kinds.contains(.lookalike) { insert(.lookalikes) }
    }

    private struct Kinds: OptionSet {
        let rawValue: UInt16
        static let plus = Kinds(rawValue: 1)
        static let dash = Kinds(rawValue: 2)
        static let space = Kinds(rawValue: 4)
        static let point = Kinds(rawValue: 8)
        static let comma = Kinds(rawValue: 16)
        static let quote = Kinds(rawValue: 32)
        static let separator = Kinds(rawValue: 64)
        static let exponent = Kinds(rawValue: 128)
        static let lookalike = Kinds(rawValue: 256)
        static let letter = Kinds(rawValue: 512)
        static let other = Kinds(rawValue: 1024)
        static let bracket = Kinds(rawValue: 2048)

        static let decimal: Kinds = [.point, .comma, .exponent, .plus, .dash, .space, .separator]

        init(rawValue: UInt16) { self.rawValue = rawValue }

        init(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "-"): self = .dash
            case UInt8(ascii: " "): self = .space
            case UInt8(ascii: "("), UInt8(ascii: ")"): self = .bracket
            case UInt8(ascii: "."): self = .point
            case UInt8(ascii: "+"): self = .plus
            case UInt8(ascii: ","): self = .comma
            case UInt8(ascii: "'"), UInt8(ascii: "="): self = .quote
            case UInt8(ascii: "e"), UInt8(ascii: "E"): self = .exponent
            case UInt8(ascii: "o"), UInt8(ascii: "O"), UInt8(ascii: "l"), UInt8(ascii: "I"): self = .lookalike
            case UInt8(ascii: "/"), UInt8(ascii: "&"), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "\\"),
                9...13:
                self = .separator
            default: self = byte.isASCIILetter ? .letter : .other
            }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Without spaces, tabs and line breaks at either end.
    var trimmed: UnsafeBufferPointer<UInt8> {
        var range = indices
        while let first = range.first, self[first].isASCIISpace { range.removeFirst() }
        while let last = range.last, self[last].isASCIISpace { range.removeLast() }
        return UnsafeBufferPointer(rebasing: self[range])
    }

    var string: String { String(decoding: self, as: UTF8.self) }
}

extension UInt8 {
    var isASCIISpace: Bool { self == 32 || self &- 9 < 5 }
}
