/// libphonenumber's `parse` and `isValidNumber` in one: text to a valid number or the reason why not.
struct NumberParser {
    typealias Outcome = Result<PhoneNumber, PhoneNumberError>

    private var tables: Tables { Tables.shared }
    let symbols: UnsafeMutableBufferPointer<Symbol>
    let region: Int?
    private var digits: DigitString

    /// E.164's limit, calling code included.
    private static let mostDigits = 15
    private static let sixteenDigits: UInt64 = 1_000_000_000_000_000
    private static let roomForText = 256
    private static let roomForDigits = 256 + DigitString.headroom

    static func parse(_ text: UnsafeBufferPointer<UInt8>, region: RegionCode?) -> Outcome {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * roomForText + roomForDigits) { memory in
            let symbols = UnsafeMutableBufferPointer(rebasing: memory[..<roomForText])
            let scratch = UnsafeMutableBufferPointer(rebasing: memory[roomForText..<2 * roomForText])
            let digits = UnsafeMutableBufferPointer(rebasing: memory[(2 * roomForText)...])
            guard let count = SymbolReader.read(text, into: symbols) else { return .failure(.tooLong) }
            let possible = PossibleNumber(symbols: symbols, scratch: scratch).find(count)
            guard let possible else { return .failure(.notANumber) }
            var parser = NumberParser(
                symbols: symbols, region: region.map { Int($0.index) }, digits: DigitString(digits))
            return parser.parse(possible)
        }
    }

    private mutating func parse(_ possible: Range<Int>) -> Outcome {
        let viability = Viability(symbols: symbols)
        guard viability.isViable(possible) else { return .failure(.notANumber) }
        let text = viability.withoutExtension(possible)
        switch callingCode(text) {
        case .refused(let error): return .failure(error)
        case .found(let code): return national(code)
        case .absent: return national(nil)
        }
    }

    /// What remains in `digits` is a national number of `callingCode`, or of the region if that is `nil`.
    private mutating func national(_ callingCode: Int?) -> Outcome {
        guard let rules = callingCode.map(tables.plans.mainRegion) ?? region else { return .failure(.invalidCountryCode) }
        removeNationalPrefix(rules)
        guard digits.count >= 2 else { return .failure(.tooShort) }
        guard digits.count <= 17 else { return .failure(.tooLong) }
        return validated(callingCode ?? tables.plans.regions[rules].callingCode)
    }

    /// Numbers too short for the region keep their prefix: they may be short numbers that begin like it.
    private mutating func removeNationalPrefix(_ rules: Int) {
        guard let prefix = nationalPrefix(digits.all, rules) else { return }
        switch tables.plans.checkLength(length(digits.count, without: prefix), region: rules) {
        case .possible, .tooLong: digits.replace(prefix)
        case .tooShort, .localOnly, .between: break
        }
    }

    private func validated(_ callingCode: Int) -> Outcome {
        let plans = tables.plans
        var state = plans.root(callingCode)
        for digit in digits.all { state = plans.next(state, digit) }
        guard plans.outcome(state) != 0 else { return .failure(reason(callingCode)) }
        guard digits.count <= Self.mostDigits else { return .failure(.tooLong) }
        var number = UInt64(callingCode)
        for digit in digits.all { number = number * 10 + UInt64(digit) }
        guard number < Self.sixteenDigits, let valid = PhoneNumber(digits: number, outcome: plans.outcome(state)) else {
            return .failure(.tooLong)
        }
        return .success(valid)
    }

    /// libphonenumber's `isPossibleNumberWithReason`. A local-only number lacks its area code: too short.
    private func reason(_ callingCode: Int) -> PhoneNumberError {
        guard let main = tables.plans.mainRegion(callingCode) else { return .invalidCountryCode }
        switch tables.plans.checkLength(digits.count, region: main) {
        case .tooShort, .localOnly: return .tooShort
        case .tooLong: return .tooLong
        case .possible, .between: return .invalidForRegion
        }
    }

    private func isPlus(_ position: Int) -> Bool { tables.symbols.has(symbols[position], .plus) }
}

// MARK: - Calling codes

extension NumberParser {
    /// What stands before the national number.
    private enum CallingCode {
        case found(Int)
        case absent
        case refused(PhoneNumberError)
    }

    /// Takes the calling code off the number and leaves the rest in `digits`.
    private mutating func callingCode(_ text: Range<Int>) -> CallingCode {
        let start = text.first { !isPlus($0) } ?? text.upperBound
        guard start > text.lowerBound else { return callingCodeWithoutPlus(text) }
        let number = start..<text.upperBound
        normalize(number)
        let result = leadingCallingCode()
        guard case .refused(.invalidCountryCode) = result else { return result }
        // The plus may be a mistake: read the number once more as if it weren't there.
        let second = callingCodeWithoutPlus(number)
        guard case .absent = second else { return second }
        return .refused(.invalidCountryCode)
    }

    private mutating func callingCodeWithoutPlus(_ text: Range<Int>) -> CallingCode {
        normalize(text)
        guard let region else { return .absent }
        if let prefix = internationalPrefix(region) {
            digits.removeFirst(prefix)
            return leadingCallingCode()
        }
        return removeOwnCallingCode(region) ? .found(tables.plans.regions[region].callingCode) : .absent
    }

    private func internationalPrefix(_ region: Int) -> Int? {
        let program = tables.plans.regions[region].internationalPrefix
        guard let match = tables.programs.match(program, digits.all) else { return nil }
        // A calling code never begins with 0.
        return match.end < digits.count && digits[match.end] == 0 ? nil : match.end
    }

    private mutating func leadingCallingCode() -> CallingCode {
        guard digits.count > 2 else { return .refused(.tooShort) }
        guard digits[0] != 0 else { return .refused(.invalidCountryCode) }
        var code = 0
        for length in 1...3 {
            code = code * 10 + Int(digits[length - 1])
            if tables.plans.mainRegion(code) != nil {
                digits.removeFirst(length)
                return .found(code)
            }
        }
        return .refused(.invalidCountryCode)
    }

    /// A calling code without plus counts if only the rest is a number of the region, or if the whole is too long.
    private mutating func removeOwnCallingCode(_ region: Int) -> Bool {
        guard let codeLength = ownCallingCodeLength(region) else { return false }
        let full = digits.all
        let rest = UnsafeBufferPointer(rebasing: full[codeLength...])
        let prefix = nationalPrefix(rest, region)
        let restIsNumber = prefix.map { isGeneral(rest, without: $0, region) } ?? isGeneral(rest, region)
        guard (!isGeneral(full, region) && restIsNumber)
            || tables.plans.checkLength(full.count, region: region) == .tooLong
        else { return false }
        digits.removeFirst(codeLength)
        if let prefix { digits.replace(prefix) }
        return true
    }

    private func ownCallingCodeLength(_ region: Int) -> Int? {
        let code = tables.plans.regions[region].callingCode
        let divisors = code < 10 ? 1 : code < 100 ? 10 : 100
        var divisor = divisors
        var position = 0
        while divisor > 0 {
            guard position < digits.count, Int(digits[position]) == code / divisor % 10 else { return nil }
            divisor /= 10
            position += 1
        }
        return position
    }
}

// MARK: - Digits

extension NumberParser {
    /// Three letters or more make a vanity number, in which letters stand for the digits of their keys and only ASCII
    /// digits count; otherwise letters drop out and digits of all scripts count.
    private mutating func normalize(_ text: Range<Int>) {
        var letters = 0
        for position in text where symbols[position].isASCIILetter { letters += 1 }
        let table = tables.symbols
        digits.removeAll()
        for position in text {
            let digit = letters >= 3 ? table.key(symbols[position]) : table.digit(symbols[position])
            if digit != SymbolTable.none { digits.append(digit) }
        }
    }

    /// The national prefix that comes off `number`, unless that would make a number of the region into none.
    private func nationalPrefix(_ number: UnsafeBufferPointer<UInt8>, _ region: Int) -> NationalPrefix? {
        let rules = tables.plans.regions[region]
        guard !number.isEmpty, let match = tables.programs.match(rules.nationalPrefix, number) else { return nil }
        var prefix = NationalPrefix(end: match.end, group: 0..<0, replacement: 0)
        if rules.transform != 0, let group = match.group {
            prefix.group = group
            prefix.replacement = rules.transform
        }
        return isGeneral(number, region) && !isGeneral(number, without: prefix, region) ? nil : prefix
    }

    private func length(_ count: Int, without prefix: NationalPrefix) -> Int {
        var replaced = count - prefix.end + prefix.group.count
        var digits = prefix.replacement
        while digits > 9 {
            replaced += 1
            digits /= 10
        }
        return replaced
    }

    private func isGeneral(_ number: UnsafeBufferPointer<UInt8>, _ region: Int) -> Bool {
        isGeneral(number, without: NationalPrefix(end: 0, group: 0..<0, replacement: 0), region)
    }

    /// Whether the number, with its prefix replaced, matches the region's general pattern.
    private func isGeneral(
        _ number: UnsafeBufferPointer<UInt8>, without prefix: NationalPrefix, _ region: Int
    ) -> Bool {
        let plans = tables.plans
        var state = plans.regions[region].general
        var divisor = 1
        while prefix.replacement / divisor > 9 { divisor *= 10 }
        while divisor > 1 {
            divisor /= 10
            state = plans.next(state, UInt8(truncatingIfNeeded: prefix.replacement / divisor % 10))
        }
        for position in prefix.group { state = plans.next(state, number[position]) }
        for position in prefix.end..<number.count where state != NumberingPlans.dead {
            state = plans.next(state, number[position])
        }
        return plans.outcome(state) != 0
    }
}
