/// Whether a stretch of symbols can be a phone number at all, and where its extension begins.
struct Viability {
    private var tables: Tables { Tables.shared }
    let symbols: UnsafeMutableBufferPointer<Symbol>

    /// Exactly two digits; or plus signs, three digits with punctuation among them, and any tail of digits, letters and
    /// punctuation, with or without an extension.
    func isViable(_ text: Range<Int>) -> Bool {
        guard text.count >= 2 else { return false }
        guard let third = endOfThirdDigit(text) else {
            return text.count == 2 && has(text.lowerBound, .digit) && has(text.lowerBound + 1, .digit)
        }
        var tail = third
        while tail < text.upperBound, has(tail, .tail) { tail += 1 }
        if tail == text.upperBound { return true }
        return firstExtension(third..<text.upperBound, upTo: tail)
    }

    /// `text` without its extension. The longest extension counts, and only after a viable number.
    func withoutExtension(_ text: Range<Int>) -> Range<Int> {
        var start = text.upperBound
        eachExtension(text) { start = $0 }
        guard start < text.upperBound, isViable(text.lowerBound..<start) else { return text }
        return text.lowerBound..<start
    }

    private func endOfThirdDigit(_ text: Range<Int>) -> Int? {
        var position = text.lowerBound
        while position < text.upperBound, has(position, .plus) { position += 1 }
        for _ in 0..<3 {
            while position < text.upperBound, has(position, .punctuation) { position += 1 }
            guard position < text.upperBound, has(position, .digit) else { return nil }
            position += 1
        }
        return position
    }

    private func firstExtension(_ text: Range<Int>, upTo limit: Int) -> Bool {
        var found = false
        eachExtension(text) { found = found || $0 <= limit }
        return found
    }

    /// Calls `body` with each position from which the rest of `text` is an extension, the last position first.
    private func eachExtension(_ text: Range<Int>, _ body: (Int) -> Void) {
        let automaton = tables.extensions
        var state = automaton.start
        var position = text.upperBound
        while position > text.lowerBound, state != automaton.dead {
            position -= 1
            state = automaton.next(state, symbols[position])
            if automaton.accepts(state) { body(position) }
        }
    }

    private func has(_ position: Int, _ wanted: SymbolClass) -> Bool {
        tables.symbols.has(symbols[position], wanted)
    }
}
