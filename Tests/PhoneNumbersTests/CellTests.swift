import PhoneNumbers
import Testing

@Suite("Cells")
struct CellTests {
    struct Repaired {
        var cell: String
        var region: String
        var e164: String
        var codes: [String]
        var after: String
    }

    @Test(
        "A repair is made where no digit is lost, and shown",
        arguments: [
            Repaired(cell: "'+14155550101", region: "", e164: "+14155550101", codes: ["apostrophe_removed"], after: "+14155550101"),
            Repaired(cell: "=\"+14155550101\"", region: "", e164: "+14155550101", codes: ["formula_unwrapped"], after: "+14155550101"),
            Repaired(cell: " =\"'4155550101\" ", region: "US", e164: "+14155550101", codes: ["formula_unwrapped", "apostrophe_removed"], after: "4155550101"),
            Repaired(cell: "1.4155550101E+10", region: "US", e164: "+14155550101", codes: ["scientific_notation_expanded"], after: "14155550101"),
            Repaired(cell: "1,4155550101e10", region: "US", e164: "+14155550101", codes: ["scientific_notation_expanded"], after: "14155550101"),
            Repaired(cell: "+1.4155550101E+010", region: "GB", e164: "+14155550101", codes: ["scientific_notation_expanded"], after: "+14155550101"),
            Repaired(cell: "14155550101.0E0", region: "US", e164: "+14155550101", codes: ["scientific_notation_expanded"], after: "14155550101"),
            Repaired(cell: "14155550101.0", region: "US", e164: "+14155550101", codes: ["decimal_point_removed"], after: "14155550101"),
            Repaired(cell: "'4155550101.00", region: "US", e164: "+14155550101", codes: ["apostrophe_removed", "decimal_point_removed"], after: "4155550101"),
        ])
    func repairs(_ row: Repaired) throws {
        let reading = try PhoneNumber.read(row.cell, region: RegionCode(row.region))
        #expect(reading.number.e164 == row.e164)
        #expect(reading.notices.map(\.code) == row.codes)
        #expect(reading.notices.last?.after == row.after)
    }

    @Test(
        "A cell that holds no single undamaged number is refused with its reason",
        arguments: [
            ("1.41555E+10", "US", PhoneNumberError.digitsLost), ("4.15555012E9", "US", .digitsLost),
            ("4E9", "US", .digitsLost), ("1.41555501015E+10", "US", .notANumber), ("1.4155550101E-10", "US", .notANumber),
            ("4l5-555-0101", "US", .ambiguousLetters), ("415-555-O1O1", "US", .ambiguousLetters),
            ("O20 7946 0000", "GB", .ambiguousLetters), ("1-8OO-555-OIOl", "US", .ambiguousLetters),
            ("415 555 O101 ext 5", "US", .ambiguousLetters),
            ("415-555-0101 / 415-555-0102", "US", .severalNumbers), ("4155550101,4155550102", "US", .severalNumbers),
            ("415-555-0101 or 415-555-0102", "US", .severalNumbers), ("4155550101 4155550102", "US", .severalNumbers),
            ("4155550101 o 4155550102", "US", .severalNumbers), ("+14155550101+14155550102", "", .severalNumbers),
            ("+47 22 33 44 55, 99 88 77 66", "NO", .severalNumbers), ("22334455,99887766", "DK", .severalNumbers),
            ("home: 415-555-0101, work: 415-555-0102", "US", .severalNumbers),
            ("555-01", "US", .tooShort), ("", "US", .notANumber), ("=\"\"", "US", .notANumber), ("'", "US", .notANumber),
            ("14155550101", "GB", .tooLong), ("4155550101", "", .invalidCountryCode), ("+999 123 456", "US", .invalidCountryCode),
        ])
    func refusals(_ cell: String, _ region: String, _ reason: PhoneNumberError) {
        #expect(throws: reason) { try PhoneNumber.read(cell, region: RegionCode(region)) }
    }

    @Test(
        "A number that only looks damaged is read as the reference reads it, without a notice",
        arguments: [
            ("(415) 555-0101", "US", "+14155550101"), ("415.555.0101", "US", "+14155550101"),
            ("415-555-0101 x302/x2303", "US", "+14155550101"), ("415-555-0101, ext. 5", "US", "+14155550101"),
            ("1-800-FLOWERS", "US", "+18003569377"), ("tel:+1-415-555-0101;ext=22", "", "+14155550101"),
            ("o 415 555 0101", "US", "+14155550101"), ("415 555 0101 (o)", "US", "+14155550101"),
            ("Office: 415 555 0101", "US", "+14155550101"), ("14155550101", "US", "+14155550101"),
            ("030/123456", "DE", "+4930123456"), ("020.7946.0000", "GB", "+442079460000"),
            ("(479) 555-0101", "US", "+14795550101"), ("4155550101,22", "US", "+14155550101"),
        ])
    func unharmed(_ cell: String, _ region: String, _ e164: String) throws {
        let reading = try PhoneNumber.read(cell, region: RegionCode(region))
        #expect(reading.number.e164 == e164)
        #expect(reading.notices.isEmpty)
    }

    @Test(
        "A second reading with a plus is named",
        arguments: [
            ("4795550101", "US", "+14795550101", "+4795550101 (NO)"), ("47 95 55 01 01", "US", "+14795550101", "+4795550101 (NO)"),
        ])
    func ambiguous(_ cell: String, _ region: String, _ e164: String, _ other: String) throws {
        let reading = try PhoneNumber.read(cell, region: RegionCode(region))
        let notice = try #require(reading.notices.first)
        #expect(reading.number.e164 == e164)
        #expect(notice.code == "ambiguous_number")
        #expect(notice.before == cell)
        #expect(notice.after == e164)
        #expect(notice.message.contains(other))
    }
}
