/// The rules of a region, or of a non-geographic calling code.
struct RegionRules: Sendable, BitwiseCopyable {
    /// Two ASCII letters; "00" for a non-geographic calling code.
    let letters: (UInt8, UInt8)
    let callingCode: Int
    /// Root of the automaton of the region's general pattern.
    let general: Int
    /// Bit n: a national number may have n digits.
    let possibleLengths: UInt32
    /// Bit n: n digits can be dialled within an area only.
    let localLengths: UInt32
    let internationalPrefix: Int
    let nationalPrefix: Int
    /// Digits that a matched national prefix is replaced by, with a 1 before them; 0 where it is only removed.
    let transform: Int
}

/// How a number's length compares with a region's numbers.
enum LengthCheck {
    case possible, localOnly, tooShort, tooLong, between
}

/// All numbering plans as one automaton over digits with many roots.
struct NumberingPlans: Sendable {
    static let dead = 0
    private static let stride = 11

    private let states: ConstantArray<UInt16>
    let regions: ConstantArray<RegionRules>
    let geographicRegions: Int
    private let regionByLetters: ConstantArray<UInt8>
    private let mainRegions: ConstantArray<UInt8>
    private let roots: ConstantArray<UInt16>
    private static let noRegion: UInt8 = 255

    init(states: [UInt16], _ reader: inout BlobReader) {
        self.states = ConstantArray(states)
        let count = reader.next()
        geographicRegions = reader.next()
        var regions: [RegionRules] = []
        for _ in 0..<count { regions.append(Self.region(&reader)) }
        self.regions = ConstantArray(regions)
        var byLetters = [UInt8](repeating: Self.noRegion, count: 26 * 26)
        for index in 0..<geographicRegions {
            byLetters[Self.slot(regions[index].letters) ?? 0] = UInt8(truncatingIfNeeded: index)
        }
        regionByLetters = ConstantArray(byLetters)
        var mainRegions = [UInt8](repeating: Self.noRegion, count: 1000)
        var roots = [UInt16](repeating: 0, count: 1000)
        for _ in 0..<reader.next() {
            let callingCode = reader.next()
            mainRegions[callingCode] = UInt8(truncatingIfNeeded: reader.next())
            roots[callingCode] = UInt16(truncatingIfNeeded: reader.next())
        }
        self.mainRegions = ConstantArray(mainRegions)
        self.roots = ConstantArray(roots)
    }

    /// Rows of ten targets and an outcome, packed as runs of equal targets.
    static func states(_ reader: inout BlobReader) -> [UInt16] {
        let count = reader.next()
        var states: [UInt16] = []
        states.reserveCapacity(count * stride)
        for _ in 0..<count {
            let outcome = UInt16(truncatingIfNeeded: reader.next())
            let changes = reader.next()
            var target: UInt16 = 0
            for digit in 0..<10 {
                if changes >> digit & 1 != 0 { target = UInt16(truncatingIfNeeded: reader.next()) }
                states.append(target)
            }
            states.append(outcome)
        }
        return states
    }

    private static func region(_ reader: inout BlobReader) -> RegionRules {
        let numbers: [Int] = reader.list(of: 9)
        return RegionRules(
            letters: (UInt8(truncatingIfNeeded: numbers[0]), UInt8(truncatingIfNeeded: numbers[1])),
            callingCode: numbers[2], general: numbers[3],
            possibleLengths: UInt32(truncatingIfNeeded: numbers[4]),
            localLengths: UInt32(truncatingIfNeeded: numbers[5]),
            internationalPrefix: numbers[6], nationalPrefix: numbers[7], transform: numbers[8])
    }

    private static func slot(_ letters: (UInt8, UInt8)) -> Int? {
        let range = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard range.contains(letters.0), range.contains(letters.1) else { return nil }
        return Int(letters.0 - range.lowerBound) * 26 + Int(letters.1 - range.lowerBound)
    }

    func next(_ state: Int, _ digit: UInt8) -> Int { Int(states[state * Self.stride + Int(digit)]) }

    /// What a number that ends in this state is: 0 for nothing valid.
    func outcome(_ state: Int) -> Int { Int(states[state * Self.stride + 10]) }

    func region(letters: (UInt8, UInt8)) -> Int? {
        guard let slot = Self.slot(letters), regionByLetters[slot] != Self.noRegion else { return nil }
        return Int(regionByLetters[slot])
    }

    /// The main region of a calling code, or its non-geographic entry.
    func mainRegion(_ callingCode: Int) -> Int? {
        guard 0..<mainRegions.count ~= callingCode, mainRegions[callingCode] != Self.noRegion else { return nil }
        return Int(mainRegions[callingCode])
    }

    /// Root of the automaton whose outcomes are a calling code's valid numbers.
    func root(_ callingCode: Int) -> Int { Int(roots[callingCode]) }

    func checkLength(_ count: Int, region: Int) -> LengthCheck {
        let rules = regions[region]
        let bit: UInt32 = count < 32 ? 1 << UInt32(count) : 0
        if rules.localLengths & bit != 0 { return .localOnly }
        if rules.possibleLengths & bit != 0 { return .possible }
        if count < rules.possibleLengths.trailingZeroBitCount { return .tooShort }
        return count > 31 - rules.possibleLengths.leadingZeroBitCount ? .tooLong : .between
    }
}
