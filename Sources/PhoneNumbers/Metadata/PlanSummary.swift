/// The valid numbers of the tables, counted: what a new edition of the metadata changes, region by region.
package struct PlanSummary: Hashable, Sendable, CustomStringConvertible {
    /// `US`, or `001` for a non-geographic calling code.
    package let region: String
    package let callingCode: Int
    package let type: PhoneNumberType
    /// How many digits a national number has.
    package let length: Int
    /// How many such numbers are valid.
    package let count: UInt64

    /// `US +1 toll_free 10 55999990`.
    package var description: String { "\(key) \(count)" }
    /// Everything but the count.
    package var key: String { "\(region) +\(callingCode) \(type.rawValue) \(length)" }

    /// All regions' numbers, in a stable order.
    package static func all() -> [PlanSummary] {
        (1...999).flatMap(counts).sorted { ($0.region, $0.key) < ($1.region, $1.key) }
    }

    /// Walks a calling code's automaton digit by digit, with the number of ways into each state.
    private static func counts(callingCode: Int) -> [PlanSummary] {
        let plans = Tables.shared.plans
        guard plans.mainRegion(callingCode) != nil else { return [] }
        var summaries: [PlanSummary] = []
        var ways: [Int: UInt64] = [plans.root(callingCode): 1]
        for length in 1...17 {
            var next: [Int: UInt64] = [:]
            for (state, count) in ways {
                for digit in UInt8(0)...9 { next[plans.next(state, digit), default: 0] += count }
            }
            next[NumberingPlans.dead] = nil
            ways = next
            let outcomes = Dictionary(ways.map { (plans.outcome($0), $1) }, uniquingKeysWith: +)
            for (outcome, count) in outcomes where outcome != 0 {
                summaries.append(summary(outcome, callingCode, length, count))
            }
        }
        return summaries
    }

    private static func summary(_ outcome: Int, _ callingCode: Int, _ length: Int, _ count: UInt64) -> PlanSummary {
        let index = outcome >> 4
        let isGeographic = index < Tables.shared.plans.geographicRegions
        return PlanSummary(
            region: isGeographic ? RegionCode(index: index).description : "001", callingCode: callingCode,
            type: PhoneNumberType(code: outcome & 15 - 1), length: length, count: count)
    }
}
