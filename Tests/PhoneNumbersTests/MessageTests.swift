import PhoneNumbers
import Testing

@Suite("Messages")
struct MessageTests {
    @Test(
        "A message names the text, what is wrong and where",
        arguments: [
            ("555-01", "US", "\"555-01\" is too short for US"),
            ("abc", "US", "\"abc\" is not a phone number"),
            ("4155550101", "", "\"4155550101\" has no calling code, and no region is given"),
            ("+999 123 456", "US", "\"+999 123 456\" has a calling code that does not exist"),
            ("+44 12 34", "US", "\"+44 12 34\" is too short for its calling code"),
            ("1155550101", "US", "\"1155550101\" is not a valid number for US"),
            ("1.41555E+10", "US", "\"1.41555E+10\" has lost digits to scientific notation"),
            ("a\nb\u{7}", "US", "\"a\\nb\\u{07}\" is not a phone number"),
        ])
    func message(_ value: String, _ region: String, _ expected: String) {
        #expect(explanation(value, region) { $0.message(value: $1, region: $2) } == expected)
    }

    @Test(
        "A lost plus is named in the hint",
        arguments: [
            ("14155550101", "GB", "+14155550101, a number of US"), ("14155550101", "", "+14155550101, a number of US"),
            ("1.4155550101E+10", "GB", "+14155550101, a number of US"), ("'447400123456", "US", "+447400123456, a number of GB"),
            ("44 7400 123456", "US", "+447400123456, a number of GB"),
        ])
    func lostPlus(_ value: String, _ region: String, _ expected: String) {
        #expect(explanation(value, region) { $0.hint(value: $1, region: $2) }.contains(expected))
    }

    @Test("Every reason has a code in snake case, a message and a hint", arguments: PhoneNumberError.allCases)
    func complete(_ error: PhoneNumberError) {
        #expect(error.code.allSatisfy { $0.isLowercase || $0 == "_" })
        #expect(error.message(value: "1", region: nil).hasPrefix("\"1\" "))
        #expect(error.hint(value: "1", region: nil).hasSuffix("."))
    }

    private func explanation(
        _ value: String, _ region: String, _ text: (PhoneNumberError, String, RegionCode?) -> String
    ) -> String {
        let region = RegionCode(region)
        do throws(PhoneNumberError) {
            return "read as \(try PhoneNumber.read(value, region: region).number)"
        } catch {
            return text(error, value, region)
        }
    }
}
