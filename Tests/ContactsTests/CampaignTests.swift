import Foundation
import PhoneNumbers
import Testing

@testable import Contacts

@Suite("A campaign's defaults and identities")
struct CampaignTests {
    @Test("A default country code is a region in any case or a calling code", arguments: [
        ("US", "US"), ("us", "US"), ("1", "US"), ("+1", "US"), ("+44", "GB"), ("44", "GB"), ("49", "DE"), ("7", "RU"),
    ])
    func countryCode(text: String, region: String) throws {
        #expect(try RegionCode.defaultCountryCode(text) == RegionCode(region))
    }

    @Test("Anything else is refused", arguments: ["", "XX", "999", "+", "USA", "0", "-1", "+800", "４４"])
    func notACountryCode(text: String) {
        #expect(throws: CountryCodeError.self) { try RegionCode.defaultCountryCode(text) }
    }

    @Test("Time-ordered ids are version 7, unique, and never go backwards, even when the clock does")
    func timeOrder() {
        var ids = TimeOrderedUUIDs()
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let made = (0..<10_000).map { ids.next(at: $0 == 5000 ? now.addingTimeInterval(-3600) : now).text }
        #expect(made == made.sorted())
        #expect(Set(made).count == made.count)
        #expect(made.allSatisfy { $0.dropFirst(14).first == "7" && "89ab".contains($0.dropFirst(19).first ?? " ") })
    }
}
