/// What spreadsheets do to numbers, and how to undo it where no digit is lost.
enum SpreadsheetDamage {
    struct Repair {
        var text: [UInt8]
        var notices: [PhoneNotice]
    }

    /// Wrappings that can lie around each other: an apostrophe in a formula, for instance.
    private static let deepest = 4

    /// The text as it was before the spreadsheet had it, or `nil` if there is nothing to repair.
    static func repair(_ text: UnsafeBufferPointer<UInt8>) -> Result<Repair?, PhoneNumberError> {
        var notices: [PhoneNotice] = []
        var current = Array(text.trimmed)
        for _ in 0..<deepest {
            guard let (code, what, inner) = unwrapped(current) else { break }
            notices.append(notice(code, what, current, inner))
            current = inner
        }
        switch number(current) {
        case .failure(let error): return .failure(error)
        case .success(nil): break
        case .success(let (code, what, plain)?):
            notices.append(notice(code, what, current, plain))
            current = plain
        }
        return .success(notices.isEmpty ? nil : Repair(text: current, notices: notices))
    }

    private typealias Step = (code: String, what: String, text: [UInt8])

    private static func unwrapped(_ text: [UInt8]) -> Step? {
        if text.first == UInt8(ascii: "'") {
            return ("apostrophe_removed", "an apostrophe stood before the number", trimmed(text.dropFirst()))
        }
        if text.count > 3, text.starts(with: "=\"".utf8), text.last == UInt8(ascii: "\"") {
            return ("formula_unwrapped", "the number was wrapped in a formula", trimmed(text[2...].dropLast()))
        }
        return nil
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> [UInt8] {
        Array(text.drop(while: \.isASCIISpace).reversed().drop(while: \.isASCIISpace).reversed())
    }

    /// Scientific notation, or a whole number with decimals.
    private static func number(_ text: [UInt8]) -> Result<Step?, PhoneNumberError> {
        guard let decimal = Decimal(text) else { return .success(nil) }
        guard let exponent = decimal.exponent else {
            guard decimal.isWhole, decimal.whole.count >= 7, 1...2 ~= decimal.fraction.count else { return .success(nil) }
            return .success(
                ("decimal_point_removed", "decimals stood after the number", decimal.sign + decimal.whole))
        }
        guard exponent >= 0 else { return .failure(.notANumber) }
        guard let digits = decimal.shifted(exponent) else {
            return .failure(exponent > decimal.fraction.count ? .digitsLost : .notANumber)
        }
        return .success(
            ("scientific_notation_expanded", "the number stood in scientific notation", decimal.sign + digits))
    }

    private static func notice(_ code: String, _ what: String, _ before: [UInt8], _ after: [UInt8]) -> PhoneNotice {
        let before = String(decoding: before, as: UTF8.self)
        let after = String(decoding: after, as: UTF8.self)
        return PhoneNotice(
            code: code, message: "\(what): \(PhoneNumberError.quoted(before)) was read as \(PhoneNumberError.quoted(after))",
            before: before, after: after)
    }
}

/// A number as a spreadsheet writes it: `+14155550101.0`, `1.4155550101E+10`, `1,4155550101e10`.
private struct Decimal {
    var sign: [UInt8] = []
    var whole: [UInt8] = []
    var fraction: [UInt8] = []
    var exponent: Int?

    init?(_ text: [UInt8]) {
        var rest = text[...]
        if rest.first == UInt8(ascii: "+") { sign = [rest.removeFirst()] }
        whole = Self.digits(&rest)
        guard !whole.isEmpty else { return nil }
        let hasPoint = rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",")
        if hasPoint {
            rest.removeFirst()
            fraction = Self.digits(&rest)
        }
        if rest.first.map({ $0 | 32 == UInt8(ascii: "e") }) ?? false {
            rest.removeFirst()
            guard let exponent = Self.exponent(&rest) else { return nil }
            self.exponent = exponent
        } else if !hasPoint {
            return nil
        }
        guard rest.isEmpty else { return nil }
    }

    var isWhole: Bool { fraction.allSatisfy { $0 == UInt8(ascii: "0") } }

    /// The digits with the point moved to the right: `nil` if that needs digits that aren't there, or leaves some over.
    func shifted(_ places: Int) -> [UInt8]? {
        guard places <= fraction.count, fraction[places...].allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        return whole + fraction[..<places]
    }

    private static func digits(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        let digits = rest.prefix(while: \.isASCIIDigit)
        rest = rest.dropFirst(digits.count)
        return Array(digits)
    }

    private static func exponent(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let digits = digits(&rest)
        guard 1...3 ~= digits.count else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return isNegative ? -value : value
    }
}
