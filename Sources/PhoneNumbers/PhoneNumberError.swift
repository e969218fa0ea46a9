/// Why a text is no valid phone number. The first five are libphonenumber's terms; the others are about a cell's text.
///
/// ```swift
/// do throws(PhoneNumberError) {
///     _ = try PhoneNumber("555-01", region: region)
/// } catch {
///     error.code                                      // "too_short"
///     error.message(value: "555-01", region: region)  // "\"555-01\" is too short for US"
///     error.hint(value: "555-01", region: region)     // "Add the missing digits; …"
/// }
/// ```
public enum PhoneNumberError: Error, Hashable, Sendable, CaseIterable {
    /// Nothing in the text can be a number (`NOT_A_NUMBER`).
    case notANumber
    /// The calling code does not exist, or there is neither a plus nor a region (`INVALID_COUNTRY_CODE`).
    case invalidCountryCode
    /// Fewer digits than any number of its region has, or only a local number without area code (`TOO_SHORT`).
    case tooShort
    /// More digits than any number of its region has, or more than E.164's 15, or a text of over 250 characters
    /// (`TOO_LONG`).
    case tooLong
    /// The number of digits is right, but no such number can exist in its region.
    case invalidForRegion
    /// Scientific notation from a spreadsheet that no longer holds all digits: `1.41555E+10`.
    case digitsLost
    /// The letter O or l among digits, where 0 or 1 may be meant.
    case ambiguousLetters
    /// Two numbers or more in one text.
    case severalNumbers

    /// A stable name in snake case: `too_short`.
    public var code: String {
        switch self {
        case .notANumber: "not_a_number"
        case .invalidCountryCode: "invalid_country_code"
        case .tooShort: "too_short"
        case .tooLong: "too_long"
        case .invalidForRegion: "invalid_for_region"
        case .digitsLost: "digits_lost"
        case .ambiguousLetters: "ambiguous_letters"
        case .severalNumbers: "several_numbers"
        }
    }
}
