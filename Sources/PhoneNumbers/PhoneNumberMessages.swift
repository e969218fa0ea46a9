extension PhoneNumberError {
    /// What is wrong, in one clause: `"555-01" is too short for US`.
    ///
    /// - Parameters:
    ///   - value: The text as it stood.
    ///   - region: The region that it was read with.
    public func message(value: String, region: RegionCode?) -> String {
        let value = Value(value, region)
        return "\(Self.quoted(value.text)) \(clause(value))"
    }

    private func clause(_ value: Value) -> String {
        switch self {
        case .notANumber: "is not a phone number"
        case .invalidCountryCode where value.hasPlus: "has a calling code that does not exist"
        case .invalidCountryCode where value.region == nil: "has no calling code, and no region is given"
        case .invalidCountryCode: "has a calling code after its international prefix that does not exist"
        case .tooShort: "is too short\(value.place)"
        case .tooLong: "is too long\(value.place)"
        case .invalidForRegion: "is not a valid number\(value.place)"
        case .digitsLost: "has lost digits to scientific notation"
        case .ambiguousLetters: "has the letter O, l or I among its digits"
        case .severalNumbers: "holds more than one number"
        }
    }

    /// What to do about it. Where the text would be valid with a plus before it, the hint says which number that is.
    ///
    /// - Parameters:
    ///   - value: The text as it stood.
    ///   - region: The region that it was read with.
    public func hint(value: String, region: RegionCode?) -> String {
        switch self {
        case .notANumber: return "Write one phone number in digits, best with + and its calling code."
        case .digitsLost: return "Format the column as text in the spreadsheet, enter the number again and export anew."
        case .ambiguousLetters: return "Write zero and one as the digits 0 and 1."
        case .severalNumbers: return "Put one number into a cell, or separate them by ; or |."
        case .invalidCountryCode, .tooShort, .tooLong, .invalidForRegion:
            return Value(value, region).lostPlus.map(Self.lostPlusHint) ?? digitsHint(Value(value, region))
        }
    }

    private static func lostPlusHint(_ number: PhoneNumber) -> String {
        let home = number.region.map { ", a number of \($0)" } ?? ""
        return "If its plus was lost, it is \(number.e164)\(home): write it with the plus."
    }

    private func digitsHint(_ value: Value) -> String {
        switch self {
        case .invalidCountryCode where value.hasPlus: "Check the digits after the plus."
        case .invalidCountryCode: "Write the number with + and its calling code, or give the region it belongs to."
        case .tooShort: "Add the missing digits; a local number needs its area code."
        case .tooLong: "Remove the digits that are too many, or separate two numbers by ; or |."
        default: "Check the digits; write a number of another country with + and its calling code."
        }
    }

    /// The text in quotation marks, fit for one line: control characters are escaped, and what is very long is cut.
    static func quoted(_ text: String) -> String {
        let longest = 60
        var quoted = "\""
        for scalar in text.unicodeScalars.prefix(longest) {
            quoted += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return quoted + (text.unicodeScalars.dropFirst(longest).isEmpty ? "\"" : "…\"")
    }
}

/// A refused text, as messages need to see it.
private struct Value {
    let text: String
    let region: RegionCode?
    /// Without what a spreadsheet put around the number.
    private let number: String

    init(_ text: String, _ region: RegionCode?) {
        self.text = text
        self.region = region
        var copy = text
        let repair = try? copy.withUTF8 { SpreadsheetDamage.repair($0) }.get()
        number = repair.flatMap(\.self).map { String(decoding: $0.text, as: UTF8.self) } ?? text
    }

    var hasPlus: Bool {
        number.unicodeScalars.first { $0 == "+" || $0 == "\u{FF0B}" || $0.properties.numericType != nil }
            .map { $0.properties.numericType == nil } ?? false
    }

    /// Where the number should have been valid; a number with a plus says so itself.
    var place: String {
        hasPlus ? " for its calling code" : region.map { " for \($0)" } ?? ""
    }

    /// The number that the text would be with a plus.
    var lostPlus: PhoneNumber? {
        var number = number
        return hasPlus ? nil : number.withUTF8 { OtherReading.withPlus($0.trimmed) }
    }
}
