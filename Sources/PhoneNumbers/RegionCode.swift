/// A region of the numbering plans: an ISO 3166-1 alpha-2 code such as `US`, or `XK` and the like where the metadata
/// has one.
public struct RegionCode: Sendable, Hashable, CustomStringConvertible {
    /// Position in the tables.
    let index: UInt8

    init(index: Int) { self.index = UInt8(truncatingIfNeeded: index) }

    /// The region with this ISO 3166-1 alpha-2 code, in upper or lower case; `nil` if the metadata has none.
    public init?(_ text: some StringProtocol) {
        var letters = text.utf8.makeIterator()
        guard let first = letters.next(), let second = letters.next(), letters.next() == nil,
            let region = Tables.shared.plans.region(letters: (first.uppercase, second.uppercase))
        else { return nil }
        self.init(index: region)
    }

    /// The main region of a calling code: 44 gives `GB`, 1 gives `US`. `nil` for an unknown or a non-geographic code.
    public init?(mainRegionOf callingCode: Int) {
        let plans = Tables.shared.plans
        guard let region = plans.mainRegion(callingCode), region < plans.geographicRegions else { return nil }
        self.init(index: region)
    }

    /// The calling code, without plus: 1 for `US`.
    public var callingCode: Int { Tables.shared.plans.regions[Int(index)].callingCode }

    /// Every region that the metadata knows, in alphabetical order.
    public static var all: [RegionCode] {
        (0..<Tables.shared.plans.geographicRegions).map(RegionCode.init(index:))
    }

    /// The code in upper case: `US`.
    public var description: String {
        let letters = Tables.shared.plans.regions[Int(index)].letters
        return String(decoding: [letters.0, letters.1], as: UTF8.self)
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { self &- 48 < 10 }
    var isASCIILetter: Bool { (self | 32) &- 97 < 26 }
    var uppercase: UInt8 { self &- 97 < 26 ? self - 32 : self }
}
