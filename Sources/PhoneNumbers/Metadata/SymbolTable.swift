/// One character of the input, reduced to what the rules tell apart: ASCII characters are themselves, all others are
/// numbered by class from 128.
typealias Symbol = UInt8

/// What the reference's patterns say about a symbol.
struct SymbolClass: OptionSet {
    let rawValue: UInt8
    static let digit = SymbolClass(rawValue: 1)
    static let plus = SymbolClass(rawValue: 2)
    /// Punctuation that may stand before or between a number's first digits, and the star.
    static let punctuation = SymbolClass(rawValue: 4)
    /// May follow a number's third digit: punctuation, star, letters, digits.
    static let tail = SymbolClass(rawValue: 8)
    /// A letter, a number or the hash sign: ends a possible number.
    static let word = SymbolClass(rawValue: 16)
}

/// The classes of all characters.
struct SymbolTable: Sendable {
    static let none: UInt8 = 255

    private let flags: ConstantArray<UInt8>
    private let digits: ConstantArray<UInt8>
    private let keypad: ConstantArray<UInt8>
    private let starts: ConstantArray<UInt32>
    private let symbols: ConstantArray<Symbol>

    init(_ reader: inout BlobReader) {
        flags = ConstantArray(reader.list())
        digits = ConstantArray(reader.list())
        keypad = ConstantArray(reader.list())
        var starts: [UInt32] = []
        var symbols: [Symbol] = []
        var start = 0
        for _ in 0..<reader.next() {
            start += reader.next()
            starts.append(UInt32(truncatingIfNeeded: start))
            symbols.append(Symbol(truncatingIfNeeded: reader.next()))
        }
        self.starts = ConstantArray(starts)
        self.symbols = ConstantArray(symbols)
    }

    func classes(_ symbol: Symbol) -> SymbolClass { SymbolClass(rawValue: flags[Int(symbol)]) }

    func has(_ symbol: Symbol, _ wanted: SymbolClass) -> Bool {
        flags[Int(symbol)] & wanted.rawValue != 0
    }

    /// The decimal value of a digit of any script, or `none`.
    func digit(_ symbol: Symbol) -> UInt8 { digits[Int(symbol)] }

    /// The digit on whose key the letter stands; an ASCII digit stands on its own. Or `none`.
    func key(_ symbol: Symbol) -> UInt8 { keypad[Int(symbol)] }

    /// The symbol of a character outside ASCII.
    func symbol(_ scalar: UInt32) -> Symbol {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= scalar { low = middle } else { high = middle }
        }
        return symbols[low]
    }
}

/// Recognises an extension ("ext. 12", "x12", ";ext=12", "- 12#", …), read from the end of the text backwards.
struct ExtensionAutomaton: Sendable {
    private let columns: ConstantArray<UInt8>
    private let width: Int
    let start: Int
    let dead: Int
    private let accepting: ConstantArray<UInt8>
    private let targets: ConstantArray<UInt16>

    init(_ reader: inout BlobReader) {
        columns = ConstantArray(reader.list())
        width = reader.next()
        start = reader.next()
        dead = reader.next()
        accepting = ConstantArray(reader.list())
        targets = ConstantArray(reader.list())
    }

    func next(_ state: Int, _ symbol: Symbol) -> Int {
        Int(targets[state * width + Int(columns[Int(symbol)])])
    }

    func accepts(_ state: Int) -> Bool { accepting[state] != 0 }
}
