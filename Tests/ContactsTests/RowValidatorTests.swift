import Foundation
import PhoneNumbers
import Testing

@testable import Contacts

@Suite("A row becomes a contact, or all the reasons why not")
struct RowValidatorTests {
    private func check(_ row: MappedRow, timezone: String? = nil) -> (contact: Contact?, rejections: [Problem]) {
        var campaign = Campaign(key: "k", defaultRegion: RegionCode("US"))
        campaign.defaultTimezone = timezone
        var validator = RowValidator(campaign: campaign)
        let contact = validator.contact(from: row)
        return (contact, validator.rejections)
    }

    private func row(
        _ phones: [String], id: String? = nil, externalID: String? = nil, timezone: String? = nil, scheduledAt: String? = nil
    ) -> MappedRow {
        var row = MappedRow(row: 7, line: 9)
        row.phones = phones.enumerated().map { Cell(column: "Phone \($0.offset + 1)", text: $0.element) }
        row.id = id.map { Cell(column: "id", text: $0) }
        row.externalID = externalID.map { Cell(column: "External ID", text: $0) }
        row.timezone = timezone.map { Cell(column: "Timezone", text: $0) }
        row.scheduledAt = scheduledAt.map { Cell(column: "Scheduled At", text: $0) }
        return row
    }

    @Test("Numbers come out as E.164 in dial order, each once", arguments: [
        (["(415) 555-2671"], ["+14155552671"]),
        (["415 555 2671; +44 20 7946 0018"], ["+14155552671", "+442079460018"]),
        (["4155552671|4155552672", "4155552671"], ["+14155552671", "+14155552672"]),
        (["4155552671\n4155552672\r\n"], ["+14155552671", "+14155552672"]),
        (["4155552671 ::: 4155552672"], ["+14155552671", "+14155552672"]),
        (["", "4155552671", "  "], ["+14155552671"]),
        (["tel:+1-415-555-2671;ext=3"], ["+14155552671"]),
        (["+1 415 555 2671;ext=3; 4155552672"], ["+14155552671", "+14155552672"]),
    ])
    func numbers(cells: [String], expected: [String]) {
        #expect(check(row(cells)).contact?.phoneNumbers == expected)
    }

    @Test("A row without any number is refused", arguments: [[""], ["", " "], [";"]])
    func noNumber(cells: [String]) {
        let checked = check(row(cells))
        #expect(checked.contact == nil)
        #expect(checked.rejections.map(\.code) == ["no_number"])
    }

    @Test("An invalid number is listed with its place, its text, a stable reason and a hint")
    func invalidNumber() throws {
        let checked = check(row(["4155552671", "555-01"]))
        #expect(checked.contact == nil)
        let problem = try #require(checked.rejections.first)
        #expect(problem.row == 7)
        #expect(problem.line == 9)
        #expect(problem.column == "Phone 2")
        #expect(problem.value == "555-01")
        #expect(problem.code == "too_short")
        #expect(problem.hint?.isEmpty == false)
    }

    @Test("Everything that is wrong with a row is reported, not only the first thing")
    func everything() {
        let checked = check(row(["12", "34"], id: "4711", timezone: "EST", scheduledAt: "tomorrow"))
        #expect(checked.contact == nil)
        #expect(Set(checked.rejections.map(\.code)).isSuperset(of: ["invalid_uuid", "invalid_timezone", "invalid_time"]))
        #expect(checked.rejections.filter { $0.field == .phoneNumbers }.count == 2)
    }

    @Test("A valid row after a refused one carries nothing over")
    func noCarryOver() {
        var validator = RowValidator(campaign: Campaign(key: "k", defaultRegion: RegionCode("US")))
        let refused = validator.contact(from: row(["1"]))
        let taken = validator.contact(from: row(["4155552671"]))
        #expect(refused == nil && taken != nil)
        #expect(validator.rejections.isEmpty)
    }

    @Test("Blank cells are fields that the row does not carry")
    func blanks() throws {
        let blank = row(["4155552671"], id: " ", externalID: "\u{A0}", timezone: "", scheduledAt: "  ")
        let contact = try #require(check(blank).contact)
        #expect(contact.id == nil && contact.externalID == nil && contact.timezone == nil && contact.scheduledAt == nil)
    }

    @Test("Time zones are IANA names of the system's database, links included, abbreviations not", arguments: [
        ("America/New_York", true), ("Europe/Berlin", true), ("UTC", true), ("Asia/Calcutta", true), ("Etc/GMT+5", true),
        ("EST", false), ("PST8PDT", false), ("america/new_york", false), ("Mars/Phobos", false), ("", true),
        ("../../etc/passwd", false), ("America", false), ("tzdata.zi", false), ("posix/Europe/Berlin", false),
        ("Europe/Berlin\u{0}", false),
    ])
    func timezones(name: String, accepted: Bool) {
        #expect((check(row(["4155552671"], timezone: name)).contact != nil) == accepted)
    }

    @Test("A time without an offset is taken in the contact's zone, else the campaign's", arguments: [
        ("2026-07-01T09:00", "America/New_York", nil, "2026-07-01T13:00:00Z"),
        ("2026-07-01T09:00", "America/New_York", "Europe/Berlin", "2026-07-01T13:00:00Z"),
        ("2026-07-01 09:00:30", nil, "Europe/Berlin", "2026-07-01T07:00:30Z"),
        ("2026-07-01T09:00:00+05:30", "America/New_York", nil, "2026-07-01T03:30:00Z"),
        ("2026-07-01T09:00:00.250Z", nil, nil, "2026-07-01T09:00:00.250Z"),
        // Summer time skips 02:30 on this day, and runs through 01:30 twice on the other.
        ("2026-03-08T02:30", "America/New_York", nil, "2026-03-08T07:30:00Z"),
        ("2026-11-01T01:30", "America/New_York", nil, "2026-11-01T05:30:00Z"),
    ] as [(String, String?, String?, String)])
    func scheduled(text: String, zone: String?, campaign: String?, expected: String) {
        let contact = check(row(["4155552671"], timezone: zone, scheduledAt: text), timezone: campaign).contact
        #expect(contact?.scheduledAt?.iso8601 == expected)
    }

    @Test("A time without offset or zone is refused with its own code")
    func timeWithoutZone() {
        let checked = check(row(["4155552671"], scheduledAt: "2026-07-01T09:00"))
        #expect(checked.contact == nil)
        #expect(checked.rejections.map(\.code) == ["time_without_zone"])
    }

    @Test("Days and hours that do not exist are no times", arguments: [
        "2026-02-29T10:00Z", "2026-13-01T10:00Z", "2026-01-32T10:00Z", "2026-01-01T24:00Z", "2026-01-01T10:60Z", "2026-01-01",
        "01/02/2026 10:00", "2026-1-1T10:00Z", "2026-01-01T10:00:00+2", "2026-01-01T10:00Zjunk", "now", "2026-00-10T10:00Z",
    ])
    func notTimes(text: String) {
        #expect(ISO8601Time(text) == nil)
    }

    @Test("A leap day and the days around 1970 count right", arguments: [
        ("2024-02-29T00:00Z", "2024-02-29T00:00:00Z"), ("1970-01-01T00:00Z", "1970-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"), ("2000-03-01T12:00+01", "2000-03-01T11:00:00Z"),
        ("2100-12-31T23:00-0130", "2101-01-01T00:30:00Z"),
    ])
    func days(text: String, expected: String) {
        #expect(ISO8601Time(text)?.milliseconds(in: nil)?.iso8601 == expected)
    }
}
