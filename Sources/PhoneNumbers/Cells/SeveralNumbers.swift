/// Finds two numbers in one text: a place where it can be cut so that both sides are valid numbers.
struct SeveralNumbers {
    let text: UnsafeBufferPointer<UInt8>
    let region: RegionCode?

    private static let conjunctions: Set<String> = ["or", "and", "und", "oder", "ou", "et", "y", "o", "e"]
    /// Digits of the shortest pair worth a look.
    private static let fewestDigits = 10

    /// Cuts only at separators that stand between numbers, and only where digits follow: a valid number with an
    /// extension stays one number.
    var isSplitBySeparator: Bool {
        isSplit { position in
            guard let next = afterSeparator(position) else { return false }
            let byte = text[next]
            return byte.isASCIIDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "(")
        }
    }

    /// For a text that is no number as a whole: cuts at any space, too, and before any plus.
    var isSplitAnywhere: Bool {
        isSplit { position in
            text[position].isASCIISpace || text[position] == UInt8(ascii: "+") || isSeparator(text[position])
        }
    }

    private func isSplit(at isCut: (Int) -> Bool) -> Bool {
        guard text.count <= SymbolReader.longestText,
            text.count(where: \.isASCIIDigit) >= Self.fewestDigits
        else { return false }
        return text.indices.dropFirst().contains { position in
            isCut(position) && isNumber(position..<text.count) && isNumber(0..<position)
        }
    }

    /// Where the text goes on after a separator or a conjunction at `position`, spaces aside.
    private func afterSeparator(_ position: Int) -> Int? {
        var next = position
        if isSeparator(text[position]) {
            next += 1
        } else if text[position].isASCIISpace {
            let start = skippingSpaces(position)
            next = start
            while next < text.count, text[next].isASCIILetter { next += 1 }
            let word = UnsafeBufferPointer(rebasing: text[start..<next]).string.lowercased()
            guard Self.conjunctions.contains(word) else { return nil }
        } else {
            return nil
        }
        next = skippingSpaces(next)
        return next < text.count ? next : nil
    }

    private func skippingSpaces(_ position: Int) -> Int {
        var next = position
        while next < text.count, text[next].isASCIISpace { next += 1 }
        return next
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: ","), UInt8(ascii: "&"), UInt8(ascii: ";"), UInt8(ascii: "|"),
            UInt8(ascii: "\\"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            true
        default: false
        }
    }

    private func isNumber(_ range: Range<Int>) -> Bool {
        let part = UnsafeBufferPointer(rebasing: text[range])
        guard case .success = NumberParser.parse(part, region: region) else { return false }
        return true
    }
}
