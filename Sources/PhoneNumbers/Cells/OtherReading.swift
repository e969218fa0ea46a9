/// A national number's other reading: the same digits with a plus before them.
struct OtherReading {
    let number: PhoneNumber

    /// `nil` unless `text` has no plus and its digits are also a valid international number, another one than `taken`.
    init?(of text: UnsafeBufferPointer<UInt8>, taken: PhoneNumber) {
        guard let number = Self.withPlus(text), number != taken else { return nil }
        self.number = number
    }

    /// The number that `text` would be with a plus. Written in groups it must have its calling code in a group of its
    /// own: "(479) 555-0101" is not +47 95…, "4795550101" may be.
    static func withPlus(_ text: UnsafeBufferPointer<UInt8>) -> PhoneNumber? {
        guard let first = text.firstIndex(where: \.isASCIIDigit), let last = text.lastIndex(where: \.isASCIIDigit),
            text[first] != UInt8(ascii: "0"), isPunctuation(text[..<first]), isPunctuation(text[(last + 1)...])
        else { return nil }
        let groupEnd = text[first...last].firstIndex { !$0.isASCIIDigit }
        guard let groupEnd else { return international(text[first...last], codeLength: nil) }
        guard groupEnd - first <= 3 else { return nil }
        return international(text[first...last], codeLength: groupEnd - first)
    }

    private static func international(_ text: Slice<UnsafeBufferPointer<UInt8>>, codeLength: Int?) -> PhoneNumber? {
        let plans = Tables.shared.plans
        var digits: UInt64 = 0
        var count = 0
        var state: Int?
        for byte in text where byte.isASCIIDigit || !isPunctuation(byte) {
            guard byte.isASCIIDigit, count < 15 else { return nil }
            count += 1
            digits = digits * 10 + UInt64(byte - 48)
            if let known = state {
                state = plans.next(known, byte - 48)
            } else if count <= 3, plans.mainRegion(Int(digits)) != nil {
                guard codeLength == nil || codeLength == count else { return nil }
                state = plans.root(Int(digits))
            }
            if count >= 3, state ?? NumberingPlans.dead == NumberingPlans.dead { return nil }
        }
        return state.flatMap { PhoneNumber(digits: digits, outcome: plans.outcome($0)) }
    }

    private static func isPunctuation(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        bytes.allSatisfy { isPunctuation($0) }
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "."),
            UInt8(ascii: "/"):
            true
        default: false
        }
    }

    func notice(_ text: UnsafeBufferPointer<UInt8>, _ taken: PhoneNumber, _ region: RegionCode?) -> PhoneNotice {
        let before = text.string
        let home = region.map { " as a number of \($0)" } ?? ""
        return PhoneNotice(
            code: "ambiguous_number",
            message: "\(PhoneNumberError.quoted(before)) was read\(home): \(taken.e164); "
                + "with a plus it would be \(number.e164)\(number.region.map { " (\($0))" } ?? "")",
            before: before, after: taken.e164)
    }
}
