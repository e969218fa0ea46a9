/// The letters O, o, l and I where digits are expected.
enum LookalikeLetters {
    private static let extensionLabels: Set<String> = ["x", "ext", "extn", "xt", "xtn", "extension", "int", "anexo"]

    /// Whether a word of nothing but such letters touches a digit or stands between digits. A text with other letters
    /// after its first digit is a vanity number or prose, and is not judged.
    static func areAmongDigits(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = text.firstIndex(where: \.isASCIIDigit), let last = text.lastIndex(where: \.isASCIIDigit)
        else { return false }
        var found = false
        var position = 0
        while position < text.count {
            let word = word(text, from: position)
            position = word.upperBound
            if word.isEmpty {
                position += 1
            } else if word.allSatisfy({ isLookalike(text[$0]) }) {
                found = found || touchesDigit(text, word) || first < word.lowerBound && word.upperBound <= last
            } else if word.lowerBound > first, !isExtensionLabel(text, word) {
                return false
            }
        }
        return found
    }

    private static func word(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int> {
        var end = start
        while end < text.count, text[end].isASCIILetter || text[end] >= 128 { end += 1 }
        return start..<end
    }

    private static func touchesDigit(_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> Bool {
        word.lowerBound > 0 && text[word.lowerBound - 1].isASCIIDigit
            || word.upperBound < text.count && text[word.upperBound].isASCIIDigit
    }

    private static func isLookalike(_ byte: UInt8) -> Bool {
        byte | 32 == UInt8(ascii: "o") || byte == UInt8(ascii: "l") || byte == UInt8(ascii: "I")
    }

    private static func isExtensionLabel(_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> Bool {
        extensionLabels.contains(UnsafeBufferPointer(rebasing: text[word]).string.lowercased())
    }
}
