import PhoneNumbers
import Testing

@Suite("Phone numbers")
struct PhoneNumberTests {
    struct Valid {
        var text: String
        var region: String?
        var e164: String
        var home: String?
        var type: PhoneNumberType
    }

    @Test(
        "A valid number has its E.164 form, region and type",
        arguments: [
            Valid(text: "(415) 555-0101", region: "US", e164: "+14155550101", home: "US", type: .fixedLineOrMobile),
            Valid(text: "+1 684-733-1234", region: nil, e164: "+16847331234", home: "AS", type: .mobile),
            Valid(text: "07400 123456", region: "gb", e164: "+447400123456", home: "GB", type: .mobile),
            Valid(text: "0121 234 5678", region: "GB", e164: "+441212345678", home: "GB", type: .fixedLine),
            Valid(text: "1-800-FLOWERS", region: "CA", e164: "+18003569377", home: "US", type: .tollFree),
            Valid(text: "+39 06 1234 5678", region: nil, e164: "+390612345678", home: "IT", type: .fixedLine),
            Valid(text: "011 15 2345-6789", region: "AR", e164: "+5491123456789", home: "AR", type: .mobile),
            Valid(text: "+800 1234 5678", region: nil, e164: "+80012345678", home: nil, type: .tollFree),
            Valid(text: "0049 30 123456", region: "FR", e164: "+4930123456", home: "DE", type: .fixedLine),
            Valid(text: "tel:020-7946-0000;phone-context=+44", region: "US", e164: "+442079460000", home: "GB", type: .fixedLine),
            Valid(text: "\u{FF14}\u{FF11}\u{FF15} \u{665}\u{665}\u{665} 0101", region: "US", e164: "+14155550101", home: "US", type: .fixedLineOrMobile),
        ])
    func valid(_ row: Valid) throws {
        let number = try PhoneNumber(row.text, region: row.region.flatMap { RegionCode($0) })
        #expect(number.e164 == row.e164)
        #expect(number.region?.description == row.home)
        #expect(number.type == row.type)
        #expect(row.e164.hasPrefix("+\(number.callingCode)"))
        #expect(try PhoneNumber(number.e164, region: nil) == number)
    }

    @Test("A number takes eight bytes")
    func size() {
        #expect(MemoryLayout<PhoneNumber>.size == 8)
    }

    @Test("A region is found by its code in any case, and by its calling code")
    func regions() {
        #expect(RegionCode("us")?.description == "US")
        #expect(RegionCode("Gb")?.callingCode == 44)
        for unknown in ["", "U", "USA", "ZZ", "00", "é", "1", "@[", "U\u{301}"] { #expect(RegionCode(unknown) == nil) }
        #expect(RegionCode(mainRegionOf: 44) == RegionCode("GB"))
        #expect(RegionCode(mainRegionOf: 1) == RegionCode("US"))
        for unknown in [0, -1, 800, 999, 1000, .max, .min] { #expect(RegionCode(mainRegionOf: unknown) == nil) }
        #expect(RegionCode.all.count > 240)
        #expect(RegionCode.all.map(\.description) == RegionCode.all.map(\.description).sorted())
        #expect(RegionCode.all.allSatisfy { RegionCode($0.description) == $0 })
    }

    @Test("The metadata tells its version and its date")
    func metadata() throws {
        #expect(PhoneMetadata.version.split(separator: ".").count == 3)
        #expect(try /\d{4}-\d\d-\d\d/.wholeMatch(in: PhoneMetadata.date) != nil)
    }
}
