/// The numbering plans and character classes, decoded once from the generated text. It holds no reference that is
/// counted: threads that parse share nothing that they write.
struct Tables: Sendable {
    static let shared = Tables()

    let symbols: SymbolTable
    let extensions: ExtensionAutomaton
    let plans: NumberingPlans
    let programs: PrefixPrograms

    private init() {
        var reader = BlobReader(GeneratedTables.blob)
        symbols = SymbolTable(&reader)
        extensions = ExtensionAutomaton(&reader)
        let states = NumberingPlans.states(&reader)
        programs = PrefixPrograms(&reader)
        plans = NumberingPlans(states: states, &reader)
    }
}

/// Reads the generated numbers: base 64 of groups of seven bits, the lowest group first.
struct BlobReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: StaticString) {
        bytes = text.withUTF8Buffer { Self.base64($0) }
    }

    mutating func next() -> Int {
        var value = 0
        var shift = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            value |= Int(byte & 127) << shift
            if byte < 128 { break }
            shift += 7
        }
        return value
    }

    mutating func list<Number: FixedWidthInteger>(of count: Int) -> [Number] {
        var numbers: [Number] = []
        numbers.reserveCapacity(count)
        for _ in 0..<count { numbers.append(Number(truncatingIfNeeded: next())) }
        return numbers
    }

    mutating func list<Number: FixedWidthInteger>() -> [Number] { list(of: next()) }

    private static func base64(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var held = 0
        for character in text {
            guard let value = sextet(character) else { break }
            bits = bits << 6 | value
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> held))
            }
        }
        return bytes
    }

    private static func sextet(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
