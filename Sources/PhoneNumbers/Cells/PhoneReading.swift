/// What a cell of a contact file holds: a number, and what had to be repaired or could be meant otherwise.
public struct PhoneReading: Sendable, Hashable {
    public var number: PhoneNumber
    /// In the order in which they came up; empty for an undamaged, unambiguous number.
    public var notices: [PhoneNotice]
}

/// A repair of a cell's text, or a second way to read it.
public struct PhoneNotice: Sendable, Hashable {
    /// A stable name in snake case: `formula_unwrapped`, `apostrophe_removed`, `scientific_notation_expanded`,
    /// `decimal_point_removed`, `ambiguous_number`.
    public var code: String
    /// One clause for people.
    public var message: String
    /// The text as it stood.
    public var before: String
    /// The text after the repair; for `ambiguous_number` the E.164 number that it was taken for.
    public var after: String
}

extension PhoneNumber {
    /// The one number that a cell of a contact file holds.
    ///
    /// What a spreadsheet did to a number is recognised before it is parsed and repaired where no digit is lost: an
    /// apostrophe in front, `="…"`, scientific notation, a trailing `.0`. Each repair gives a notice. Refused are
    /// scientific notation that lost digits (`digitsLost`), the letters O, o, l and I among digits
    /// (`ambiguousLetters`), and two numbers (`severalNumbers`). Everything else is as in ``init(utf8:region:)``.
    ///
    /// ```swift
    /// let cell = try PhoneNumber.read("1.4155550101E+10", region: RegionCode("US"))
    /// cell.number.e164       // "+14155550101"
    /// cell.notices[0].after  // "14155550101"
    /// ```
    ///
    /// - Parameters:
    ///   - utf8: The cell's bytes, in UTF-8; other bytes are never part of a number.
    ///   - region: Where a number without a calling code is at home. `nil` admits only numbers with a plus.
    public static func read(
        utf8: UnsafeBufferPointer<UInt8>, region: RegionCode?
    ) throws(PhoneNumberError) -> PhoneReading {
        try CellReader(region: region).read(utf8).get()
    }

    /// The one number that a cell holds; see ``read(utf8:region:)``.
    public static func read(_ text: String, region: RegionCode?) throws(PhoneNumberError) -> PhoneReading {
        var text = text
        return try text.withUTF8 { CellReader(region: region).read($0) }.get()
    }
}
