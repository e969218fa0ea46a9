/// Finds the part of the input that may be a number: RFC 3966 parameters, leading and trailing matter.
struct PossibleNumber {
    private var tables: Tables { Tables.shared }
    /// The input's symbols. A `phone-context` is moved to the front here, so the array changes.
    let symbols: UnsafeMutableBufferPointer<Symbol>
    /// Room for another `SymbolReader.longestText` symbols.
    let scratch: UnsafeMutableBufferPointer<Symbol>

    private static let context: StaticString = ";phone-context="
    private static let scheme: StaticString = "tel:"
    private static let subaddress: StaticString = ";isub="

    /// The range of the possible number, or `nil` if the context is malformed.
    func find(_ count: Int) -> Range<Int>? {
        var possible: Range<Int>
        if let context = first(Self.context, 0..<count) {
            guard let joined = join(context, count) else { return nil }
            possible = joined
        } else {
            possible = trimmed(0..<count)
        }
        if let subaddress = first(Self.subaddress, possible), subaddress > possible.lowerBound {
            possible = possible.lowerBound..<subaddress
        }
        return possible
    }

    /// From the first plus or digit to the last letter, digit or hash, and not beyond a second extension (`/x`).
    private func trimmed(_ text: Range<Int>) -> Range<Int> {
        guard let start = text.first(where: { has($0, [.digit, .plus]) }) else { return 0..<0 }
        var end = text.upperBound
        while end > start, !has(end - 1, .word) { end -= 1 }
        return start..<(secondNumber(start..<end) ?? end)
    }

    private func secondNumber(_ text: Range<Int>) -> Int? {
        for start in text where symbols[start] == UInt8(ascii: "/") || symbols[start] == UInt8(ascii: "\\") {
            var position = start + 1
            while position < text.upperBound, symbols[position] == UInt8(ascii: " ") { position += 1 }
            if position < text.upperBound, symbols[position] == UInt8(ascii: "x") { return start }
        }
        return nil
    }

    /// A global context goes before the number; a domain is ignored.
    private func join(_ contextName: Int, _ count: Int) -> Range<Int>? {
        let start = contextName + Self.context.utf8CodeUnitCount
        let end = (start..<count).first { symbols[$0] == UInt8(ascii: ";") } ?? count
        guard PhoneContext(symbols: symbols).isValid(start..<end) else { return nil }
        let isGlobal = symbols[start] == UInt8(ascii: "+")
        let scheme = first(Self.scheme, 0..<count).map { $0 + Self.scheme.utf8CodeUnitCount } ?? 0
        let number = scheme..<max(scheme, contextName)
        var length = 0
        for position in isGlobal ? start..<end : 0..<0 {
            scratch[length] = symbols[position]
            length += 1
        }
        for position in number {
            scratch[length] = symbols[position]
            length += 1
        }
        for position in 0..<length { symbols[position] = scratch[position] }
        return 0..<length
    }

    private func first(_ word: StaticString, _ text: Range<Int>) -> Int? {
        word.withUTF8Buffer { word in
            guard text.count >= word.count else { return nil }
            for start in text.lowerBound...(text.upperBound - word.count)
            where symbols[start] == word[0] && word.indices.allSatisfy({ symbols[start + $0] == word[$0] }) {
                return start
            }
            return nil
        }
    }

    private func has(_ position: Int, _ wanted: SymbolClass) -> Bool {
        tables.symbols.has(symbols[position], wanted)
    }
}

/// The value of RFC 3966's `phone-context`: a global number or a domain name.
struct PhoneContext {
    private var tables: Tables { Tables.shared }
    let symbols: UnsafeMutableBufferPointer<Symbol>

    func isValid(_ text: Range<Int>) -> Bool {
        guard let first = text.first else { return false }
        return symbols[first] == UInt8(ascii: "+") ? isGlobalNumber(text.dropFirst()) : isDomainName(text)
    }

    private func isGlobalNumber(_ text: Range<Int>) -> Bool {
        var digits = 0
        for position in text {
            if isDigit(position) {
                digits += 1
            } else if !isVisualSeparator(symbols[position]) {
                return false
            }
        }
        return digits > 0
    }

    private func isVisualSeparator(_ symbol: Symbol) -> Bool {
        switch symbol {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"): true
        default: false
        }
    }

    /// Labels of letters, digits and inner hyphens; the last one begins with a letter and may end with a full stop.
    private func isDomainName(_ text: Range<Int>) -> Bool {
        var end = text.upperBound
        if symbols[end - 1] == UInt8(ascii: ".") { end -= 1 }
        var label = text.lowerBound
        for position in text.lowerBound..<end where symbols[position] == UInt8(ascii: ".") {
            guard isLabel(label..<position) else { return false }
            label = position + 1
        }
        return isLabel(label..<end) && symbols[label].isASCIILetter
    }

    private func isLabel(_ text: Range<Int>) -> Bool {
        guard let first = text.first, let last = text.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.allSatisfy { isAlphanumeric($0) || symbols[$0] == UInt8(ascii: "-") }
    }

    private func isAlphanumeric(_ position: Int) -> Bool { symbols[position].isASCIILetter || isDigit(position) }

    private func isDigit(_ position: Int) -> Bool { tables.symbols.has(symbols[position], .digit) }
}
