import ContactStore
import Contacts
import Foundation
import Testing

/// Ids with a name: `a` and `b` are stored in `spring` with the external ids `e-a` and `e-b`, `o` in another campaign;
/// `x` and `y` are unknown.
private enum ID: String {
    case a = "0199c0de-0000-7000-8000-00000000000a"
    case b = "0199c0de-0000-7000-8000-00000000000b"
    case o = "0199c0de-0000-7000-8000-0000000000aa"
    case x = "0199c0de-0000-7000-8000-0000000000e1"
    case y = "0199c0de-0000-7000-8000-0000000000e2"

    // A literal above; a typing error there fails every test here.
    var uuid: UUID { UUID(uuidString: rawValue) ?? UUID() }
}

private let changed = "+14155550199"

private func row(_ id: ID? = nil, _ external: String? = nil, _ phone: String = changed) -> Contact {
    .make(id: id?.uuid, external: external, phone: phone)
}

private struct Case: CustomTestStringConvertible {
    var rule: String
    var rows: [Contact]
    /// Inserted, updated, unchanged, superseded.
    var counts: [Int] = [0, 0, 0, 0]
    /// Code of the conflict at each of these positions.
    var conflicts: [Int: String] = [:]
    var testDescription: String { rule }
}

private let cases = [
    Case(rule: "an id in the campaign updates that contact", rows: [row(.a)], counts: [0, 1, 0, 0]),
    Case(rule: "an external id in the campaign updates that contact", rows: [row(nil, "e-a")], counts: [0, 1, 0, 0]),
    Case(rule: "both keys of one contact update it", rows: [row(.a, "e-a")], counts: [0, 1, 0, 0]),
    Case(rule: "an id with a new external id updates the contact", rows: [row(.a, "new")], counts: [0, 1, 0, 0]),
    Case(rule: "an unknown id with a known external id updates that one", rows: [row(.x, "e-a")], counts: [0, 1, 0, 0]),
    Case(rule: "an unknown id inserts", rows: [row(.x)], counts: [1, 0, 0, 0]),
    Case(rule: "an unknown external id inserts", rows: [row(nil, "new")], counts: [1, 0, 0, 0]),
    Case(rule: "an external id of another campaign inserts", rows: [row(nil, "e-o")], counts: [1, 0, 0, 0]),
    Case(rule: "contacts without a key always insert", rows: [row(), row(), row()], counts: [3, 0, 0, 0]),
    Case(rule: "external ids differ by case", rows: [row(nil, "E-A")], counts: [1, 0, 0, 0]),
    Case(rule: "equal fields leave a contact unchanged", rows: [row(.a, "e-a", "+14155550101")], counts: [0, 0, 1, 0]),
    Case(
        rule: "an id of another campaign is a conflict", rows: [row(.o), row(.a)], counts: [0, 1, 0, 0],
        conflicts: [0: "id_in_other_campaign"]),
    Case(
        rule: "keys of two contacts are a conflict", rows: [row(.a, "e-b")],
        conflicts: [0: "id_external_id_conflict"]),
    Case(rule: "an id twice counts the later row", rows: [row(.x), row(.x)], counts: [1, 0, 0, 1]),
    Case(rule: "an external id twice counts the later row", rows: [row(nil, "n"), row(nil, "n")], counts: [1, 0, 0, 1]),
    Case(
        rule: "an id and an external id of one stored contact are the same", rows: [row(.a), row(nil, "e-a")],
        counts: [0, 1, 0, 1]),
    Case(
        rule: "an id and an external id that the batch ties together are the same",
        rows: [row(.x), row(.x, "n"), row(nil, "n")], counts: [1, 0, 0, 2]),
    Case(
        rule: "a new external id that the batch gives to a stored contact is that contact's",
        rows: [row(.a, "n"), row(nil, "n")], counts: [0, 1, 0, 1]),
    Case(
        rule: "two unknown ids under one external id are the same", rows: [row(.x, "n"), row(.y, "n")],
        counts: [1, 0, 0, 1]),
    Case(
        rule: "keys of two earlier rows are a conflict", rows: [row(.x), row(nil, "n"), row(.x, "n")],
        counts: [2, 0, 0, 0], conflicts: [2: "id_external_id_conflict"]),
    Case(
        rule: "one new external id for two stored contacts is a conflict", rows: [row(.a, "n"), row(.b, "n")],
        counts: [0, 1, 0, 0], conflicts: [1: "id_external_id_conflict"]),
    Case(
        rule: "a row in conflict supersedes nothing", rows: [row(.a), row(.a, "e-b")], counts: [0, 1, 0, 0],
        conflicts: [1: "id_external_id_conflict"]),
    Case(
        rule: "an external id with a NUL is refused", rows: [row(nil, "n\0a"), row(nil, "n")], counts: [1, 0, 0, 0],
        conflicts: [0: "invalid_external_id"]),
    Case(
        rule: "composed and decomposed letters are two external ids", rows: [row(nil, "caf\u{E9}"), row(nil, "cafe\u{301}")],
        counts: [2, 0, 0, 0]),
]

@Suite("Matching") struct MatchingTests {
    private static func stored() throws -> TemporaryStore {
        let temporary = try TemporaryStore()
        try temporary.store.create(Campaign(key: "other"))
        try temporary.apply([row(.a, "e-a", "+14155550101"), row(.b, "e-b", "+14155550101")])
        try temporary.apply([row(.o, "e-o", "+14155550101")], to: "other")
        return temporary
    }

    @Test("Each row of a batch finds its contact", arguments: cases)
    fileprivate func rule(_ test: Case) throws {
        let temporary = try Self.stored()
        let result = try temporary.apply(test.rows, conflicts: .skip)
        #expect(result.outcome.counts == test.counts)
        #expect(result.outcome.contacts == test.counts.reduce(0, +))
        #expect(result.ids.count == result.outcome.contacts)
        #expect(Dictionary(uniqueKeysWithValues: result.conflicts.map { ($0.position, $0.problem.code) }) == test.conflicts)
        #expect(try temporary.store.count(campaign: "spring") == 2 + test.counts[0])
        for id in result.ids { #expect(try temporary.store.contact(id)?.campaign == "spring") }
    }

    @Test("A rehearsal counts what applying then does", arguments: cases)
    fileprivate func rehearsal(_ test: Case) throws {
        let temporary = try Self.stored()
        let before = try temporary.everything()
        let rehearsed = try temporary.store.rehearse(test.rows.placed, of: .any())
        #expect(try temporary.everything() == before)
        let applied = try temporary.apply(test.rows, conflicts: .skip)
        #expect(rehearsed.outcome == applied.outcome)
        #expect(rehearsed.conflicts == applied.conflicts)
    }

    @Test("The same batch again changes nothing", arguments: cases.filter { $0.conflicts.isEmpty })
    fileprivate func again(_ test: Case) throws {
        let temporary = try Self.stored()
        let keyed = test.rows.filter { $0.id != nil || $0.externalID != nil }
        let first = try temporary.apply(keyed)
        let second = try temporary.apply(keyed)
        #expect(second.outcome.inserted == 0 && second.outcome.updated == 0)
        #expect(second.ids == first.ids)
    }

    @Test("The later of two rows gives all fields, the earlier none")
    func laterRowWins() throws {
        let temporary = try TemporaryStore()
        let result = try temporary.apply([
            .make(external: "n", phone: "+14155550101", data: #"{"a":"1"}"#, timezone: "Europe/Berlin"),
            .make(external: "n", phone: "+14155550102"),
        ])
        let contact = try #require(try temporary.store.contact(externalID: "n", campaign: "spring"))
        #expect(contact.phoneNumbers == ["+14155550102"])
        #expect(contact.data == nil && contact.timezone == nil)
        #expect(result.ids == [contact.id, contact.id])
    }

    @Test("A conflict names its row, its line, the value, and the remedy")
    func conflictIsReadable() throws {
        let temporary = try Self.stored()
        let result = try temporary.apply([row(), row(.o), row(.a, "e-b")])
        #expect(result.conflicts.map(\.position) == [1, 2])
        let problem = try #require(result.conflicts.first?.problem)
        #expect(problem.row == 2 && problem.line == 3 && problem.field == .id)
        #expect(problem.value == ID.o.rawValue)
        #expect(problem.message == "the contact \(ID.o.rawValue) belongs to another campaign")
        #expect(result.conflicts.allSatisfy { $0.problem.hint?.hasSuffix(".") == true })
        #expect(result.conflicts.last?.problem.value == "e-b")
    }
}
