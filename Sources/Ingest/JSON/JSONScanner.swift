/// Tells at once, for nearly every text, that it is a well-formed JSON object (RFC 8259).
///
/// A contact's text is read in the innermost loop, where Foundation's parser costs twenty times as much. What this one does not
/// accept is not refused: Foundation has the last word, and the words for what is wrong. So it accepts nothing that Foundation
/// would not, and leaves rare things, such as exponents, long numbers and deep nesting, to it.
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at: Int
    private var lineEnds = 0
    private static let deepest = 64
    /// Characters of a number that every type for numbers can hold.
    private static let longestNumber = 16

    /// Whether `text` is surely one object in UTF-8, with nothing around it.
    static func accepts(_ text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { object(in: $0, from: 0)?.end == $0.count }
    }

    /// The position behind the object in UTF-8 that begins at `start`, and the line feeds within it; `nil` where it is not sure.
    static func object(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> (end: Int, lineEnds: Int)? {
        var scanner = JSONScanner(bytes, start)
        guard scanner.object(depth: 1) else { return nil }
        let text = UnsafeBufferPointer(rebasing: bytes[start..<scanner.at])
        guard JSONBytes.isASCII(text) || String(validating: text, as: UTF8.self) != nil else { return nil }
        return (scanner.at, scanner.lineEnds)
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) {
        self.bytes = bytes
        at = start
    }

    /// The next byte; 0, which stands nowhere in JSON, at the end.
    private var next: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while JSONBytes.isSpace(next) {
            if next == 0x0A { lineEnds += 1 }
            at += 1
        }
    }

    private mutating func value(depth: Int) -> Bool {
        switch next {
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "{"): depth < Self.deepest && object(depth: depth + 1)
        case UInt8(ascii: "["): depth < Self.deepest && array(depth: depth + 1)
        case UInt8(ascii: "t"): word("true")
        case UInt8(ascii: "f"): word("false")
        case UInt8(ascii: "n"): word("null")
        default: number()
        }
    }

    private mutating func object(depth: Int) -> Bool {
        guard take(UInt8(ascii: "{")) else { return false }
        skipSpace()
        if take(UInt8(ascii: "}")) { return true }
        repeat {
            skipSpace()
            guard string() else { return false }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return false }
            skipSpace()
            guard value(depth: depth) else { return false }
            skipSpace()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}"))
    }

    private mutating func array(depth: Int) -> Bool {
        guard take(UInt8(ascii: "[")) else { return false }
        skipSpace()
        if take(UInt8(ascii: "]")) { return true }
        repeat {
            skipSpace()
            guard value(depth: depth) else { return false }
            skipSpace()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]"))
    }

    private mutating func word(_ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { return false }
        }
        return true
    }

    private mutating func number() -> Bool {
        let start = at
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), !digits() { return false }
        if take(UInt8(ascii: ".")), !digits() { return false }
        // What follows is checked by the caller: neither a digit nor an exponent may stand there.
        return at - start <= Self.longestNumber
    }

    private mutating func digits() -> Bool {
        let start = at
        while next >= UInt8(ascii: "0"), next <= UInt8(ascii: "9") { at += 1 }
        return at > start
    }

    private mutating func string() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while true {
            at = JSONBytes.firstMark(in: bytes, from: at)
            if take(UInt8(ascii: "\"")) { return true }
            guard take(UInt8(ascii: "\\")), escape() else { return false }
        }
    }

    private mutating func escape() -> Bool {
        let kind = next
        at += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            guard let unit = hexadecimal() else { return false }
            if !UTF16.isSurrogate(unit) { return true }
            guard UTF16.isLeadSurrogate(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let trail = hexadecimal() else { return false }
            return UTF16.isTrailSurrogate(trail)
        default: return false
        }
    }

    private mutating func hexadecimal() -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = JSONBytes.hexadecimal(next) else { return nil }
            unit = unit << 4 | UInt16(digit)
            at += 1
        }
        return unit
    }
}
