/// Tells a file's encoding by its byte-order mark and its content.
struct EncodingDetector {
    struct Finding: Sendable {
        var encoding: CSVEncoding
        var markLength = 0
        var reason: String
        /// What to tell when the text is hardly in that encoding.
        var doubt: CSVNotice?
    }

    private static let marks: [(bytes: [UInt8], encoding: CSVEncoding)] = [
        ([0xEF, 0xBB, 0xBF], .utf8), ([0xFF, 0xFE], .utf16LittleEndian), ([0xFE, 0xFF], .utf16BigEndian),
    ]

    /// `glance` is at the same bytes.
    static func detect(_ bytes: [UInt8], _ glance: TextGlance, told: CSVEncoding?) -> Finding {
        for mark in marks where bytes.starts(with: mark.bytes) && (told ?? mark.encoding) == mark.encoding {
            return Finding(
                encoding: mark.encoding, markLength: mark.bytes.count,
                reason: "The file starts with the byte-order mark of \(mark.encoding.name).")
        }
        if let told { return Finding(encoding: told, reason: "The encoding was told.") }
        return withoutMark(bytes, glance)
    }

    private static func withoutMark(_ bytes: [UInt8], _ glance: TextGlance) -> Finding {
        if glance.hasZeros, let wide = wide(bytes) { return wide }
        if glance.isASCII {
            return Finding(encoding: .utf8, reason: "Only ASCII characters were seen.")
        }
        let isSound = bytes.withUnsafeBufferPointer(UTF8Check.isSound)
        let (good, bad) = isSound ? (0, 0) : sequences(bytes)
        if bad == 0 { return Finding(encoding: .utf8, reason: "All of it is well-formed UTF-8.") }
        if good >= bad * 2 {
            return Finding(
                encoding: .utf8, reason: "Most of it is well-formed UTF-8; \(bad) places are not.")
        }
        return singleByte(bytes)
    }

    /// UTF-16 without a mark: in Latin text every other byte is zero; in any, the line ends are two bytes.
    private static func wide(_ bytes: [UInt8]) -> Finding? {
        guard bytes.count >= 4 else { return nil }
        if let encoding = encodingOfWideLineEnds(bytes) {
            return Finding(encoding: encoding, reason: "Each line end has a zero byte beside it, as in UTF-16.")
        }
        var zeros = (even: 0, odd: 0)
        for index in bytes.indices where bytes[index] == 0 {
            if index.isMultiple(of: 2) { zeros.even += 1 } else { zeros.odd += 1 }
        }
        let half = bytes.count / 2
        let reason = "Every other byte is zero, as in UTF-16 of Latin text."
        if zeros.odd * 10 > half * 4, zeros.even * 10 < zeros.odd {
            return Finding(encoding: .utf16LittleEndian, reason: reason)
        }
        if zeros.even * 10 > half * 4, zeros.odd * 10 < zeros.even {
            return Finding(encoding: .utf16BigEndian, reason: reason)
        }
        return nil
    }

    /// The byte order by which every line end is one unit of two bytes, when zeros stand on one side only.
    private static func encodingOfWideLineEnds(_ bytes: [UInt8]) -> CSVEncoding? {
        var ends = (little: 0, big: 0)
        for index in bytes.indices where bytes[index] == 0x0A || bytes[index] == 0x0D {
            let isEven = index.isMultiple(of: 2)
            if isEven, index + 1 < bytes.count, bytes[index + 1] == 0 {
                ends.little += 1
            } else if !isEven, bytes[index - 1] == 0 {
                ends.big += 1
            } else {
                return nil
            }
        }
        guard ends.little == 0 || ends.big == 0, ends.little + ends.big > 0 else { return nil }
        return ends.little > 0 ? .utf16LittleEndian : .utf16BigEndian
    }

    /// How many longer sequences are well-formed, and how many bytes fit in none. A sequence that the sample's end cuts is neither.
    private static func sequences(_ bytes: [UInt8]) -> (good: Int, bad: Int) {
        bytes.withUnsafeBufferPointer { text in
            var (good, bad, at) = (0, 0, 0)
            while at < text.count {
                let length = UTF8Check.sequenceLength(text, at: at)
                if length > 1 { good += 1 }
                if length == 0, text.count - at >= 4 { bad += 1 }
                if length == 0, text.count - at < 4, text[at] < 0xC2 { bad += 1 }
                at += max(1, length)
            }
            return (good, bad)
        }
    }

    private static func singleByte(_ bytes: [UInt8]) -> Finding {
        let candidates: [CSVEncoding] = [.windows1252, .latin9, .macRoman]
        let scores = candidates.map { score(bytes, as: $0) }
        var best = 0
        for index in scores.indices where scores[index] > scores[best] { best = index }
        let encoding = candidates[best]
        let reason =
            switch encoding {
            case .macRoman: "It is no UTF-8, and its letters make words in MacRoman."
            case .latin9: "It is no UTF-8, and holds letters or the euro sign where ISO-8859-15 has them."
            default:
                bytes.contains { (0x80...0x9F).contains($0) }
                    ? "It is no UTF-8, and its letters and signs make sense in Windows-1252."
                    : "It is no UTF-8; read as Windows-1252, which is the same as ISO-8859-1 for these bytes."
            }
        return Finding(encoding: encoding, reason: reason, doubt: isWestern(bytes) && scores[best] > -3 ? nil : doubt(encoding))
    }

    /// In Western languages most letters are ASCII; in Cyrillic, Greek or East Asian encodings they are not.
    private static func isWestern(_ bytes: [UInt8]) -> Bool {
        let others = bytes.count { $0 >= 0x80 }
        let letters = bytes.count { (0x41...0x5A).contains($0 & 0xDF) && $0 < 0x80 }
        return others < 8 || others <= letters
    }

    private static func doubt(_ encoding: CSVEncoding) -> CSVNotice {
        CSVNotice(
            code: "encoding_doubtful",
            message: "The text was read as \(encoding.name), in which its letters make little sense; save the file as UTF-8.")
    }

    /// How well the bytes above 0x7F fit between their neighbours in `encoding`.
    private static func score(_ bytes: [UInt8], as encoding: CSVEncoding) -> Int {
        let table = SingleByteTables.scalars(of: encoding)
        let scalars = table.map { UnicodeScalar($0) ?? "\u{FFFD}" }
        var score = encoding == .windows1252 ? 1 : 0
        for index in bytes.indices where bytes[index] >= 0x80 {
            let before = index > 0 ? scalars[Int(bytes[index - 1])] : " "
            let after = index + 1 < bytes.count ? scalars[Int(bytes[index + 1])] : " "
            score += fit(scalars[Int(bytes[index])], before, after)
        }
        return score
    }

    private static func fit(_ scalar: UnicodeScalar, _ before: UnicodeScalar, _ after: UnicodeScalar) -> Int {
        let traits = scalar.properties
        if scalar == "\u{FFFD}" || (0x80...0x9F).contains(scalar.value) { return -10 }
        let isInside = before.properties.isAlphabetic && after.properties.isAlphabetic
        if traits.isAlphabetic {
            if scalar == "ª" || scalar == "º" || scalar == "ƒ" { return 0 }
            if traits.isUppercase { return before.properties.isLowercase ? -3 : 2 }
            return before.properties.isAlphabetic || after.properties.isAlphabetic ? 2 : 0
        }
        if scalar == "’" { return isInside ? 2 : 1 }
        if scalar == "€" { return isInside ? -1 : 2 }
        if ["“", "”", "–", "—", "…", "‘", "•", "\u{A0}", "°", "£", "§", "«", "»", "®", "©", "™"].contains(scalar) {
            return isInside ? -1 : 1
        }
        return isInside ? -3 : -1
    }
}
