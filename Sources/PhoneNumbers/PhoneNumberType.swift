/// What kind of line a number belongs to, by the numbering plan: libphonenumber's types.
public enum PhoneNumberType: String, Sendable, Hashable, CaseIterable, Codable {
    case fixedLine = "fixed_line"
    case mobile = "mobile"
    /// The plan does not tell the two apart, as in North America.
    case fixedLineOrMobile = "fixed_line_or_mobile"
    case tollFree = "toll_free"
    case premiumRate = "premium_rate"
    /// Caller and callee share the cost.
    case sharedCost = "shared_cost"
    case voip = "voip"
    /// Follows a person to whichever line that person is at.
    case personalNumber = "personal_number"
    case pager = "pager"
    /// A universal access number: one number for a company's many lines.
    case uan = "uan"
    case voicemail = "voicemail"
    case unknown = "unknown"

    /// libphonenumber's own numbers, which are the cases' order.
    init(code: Int) {
        let all = Self.allCases
        self = all.indices.contains(code) ? all[code] : .unknown
    }
}
