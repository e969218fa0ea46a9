import PhoneNumbers
import Testing

/// The examples of the library's documentation, word for word.
@Suite("Documentation")
struct DocumentationTests {
    @Test("The example of PhoneNumber holds")
    func phoneNumber() throws {
        let number = try PhoneNumber("(415) 555-0101", region: RegionCode("US"))
        #expect(number.e164 == "+14155550101")
        #expect(number.region == RegionCode("US"))
        #expect(number.type == .fixedLineOrMobile)
    }

    @Test("The example of reading a cell holds")
    func cell() throws {
        let cell = try PhoneNumber.read("1.4155550101E+10", region: RegionCode("US"))
        #expect(cell.number.e164 == "+14155550101")
        #expect(cell.notices[0].after == "14155550101")
    }

    @Test("The example of a refusal holds")
    func refusal() {
        let region = RegionCode("US")
        do throws(PhoneNumberError) {
            _ = try PhoneNumber("555-01", region: region)
            Issue.record("555-01 is no number")
        } catch {
            #expect(error.code == "too_short")
            #expect(error.message(value: "555-01", region: region) == "\"555-01\" is too short for US")
            #expect(
                error.hint(value: "555-01", region: region)
                    == "Add the missing digits; a local number needs its area code.")
        }
    }
}
