import Contacts
import Foundation
import Testing

@testable import ContactStore

@Suite("New contacts") struct NewContactTests {
    @Test("A batch of new and known contacts comes to what its rows come to one by one", arguments: 0..<8 as Range<UInt64>)
    func together(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let known = (0..<200).filter { _ in Int.random(in: 0..<8, using: &random) < Int(seed) }.map { Contact.make(external: "e\($0)") }
        let batch = (0..<200).map { _ in
            var contact = Contact.make(
                external: Int.random(in: 0..<9, using: &random) == 0 ? nil : "e\(Int.random(in: 0..<200, using: &random))",
                phone: "+1415555010\(Int.random(in: 0..<3, using: &random))", data: #"{"n":"1"}"#)
            // A later row takes the place of an earlier one, and with it its overrides.
            if contact.externalID == nil, Bool.random(using: &random) {
                contact.overrides = AgentOverrides()
                contact.overrides?.agentNumber = "+14155550199"
            }
            return contact
        }
        let (whole, single) = (try TemporaryStore(), try TemporaryStore())
        for store in [whole, single] { try store.apply(known) }
        let result = try whole.apply(batch)
        let results = try batch.map { try single.apply([$0]) }
        #expect(try whole.fields().sorted() == single.fields().sorted())
        #expect(result.outcome.inserted == results.reduce(0) { $0 + $1.outcome.inserted })
        #expect(result.ids.count == batch.count)
        for (contact, id) in zip(batch, result.ids) where contact.externalID != nil {
            #expect(try whole.store.contact(id)?.externalID == contact.externalID)
        }
    }

    @Test("Known contacts come to what they come to one by one, whatever they carry", arguments: 0..<4 as Range<UInt64>)
    func knownTogether(seed: UInt64) throws {
        var random = Seeded(state: seed)
        func delivery() -> [Contact] {
            (0..<110).shuffled(using: &random).map { key in
                Contact.make(
                    external: key < 100 ? "e\(key)" : nil, phone: "+1415555010\(Int.random(in: 0..<2, using: &random))",
                    data: [nil, #"{"n":"1"}"#, #"{"n":"2"}"#].randomElement(using: &random) ?? nil,
                    timezone: [nil, "UTC", "Europe/Berlin"].randomElement(using: &random) ?? nil,
                    at: [nil, 1, 2].randomElement(using: &random) ?? nil)
            }
        }
        let (whole, single) = (try TemporaryStore(), try TemporaryStore())
        for _ in 0..<5 {
            let batch = delivery()
            let together = try whole.apply(batch).outcome
            let each = try batch.map { try single.apply([$0]).outcome }
            #expect(together.counts == each.reduce([0, 0, 0, 0]) { zip($0, $1.counts).map(+) })
            #expect(try whole.fields().sorted() == single.fields().sorted())
        }
    }

    @Test("Texts of any length are stored as they are, beside those that are not carried")
    func lengths() throws {
        let temporary = try TemporaryStore()
        let texts = ["{}", #"{"long":"\#(String(repeating: "ß", count: 20_000))"}"#, nil, #"{"n":"1"}"#]
        let ids = try temporary.apply(texts.map { .make(external: $0.map { "key of \($0.utf8.count)" }, data: $0) }).ids
        for (id, text) in zip(ids, texts) { #expect(try temporary.store.contact(id)?.data == text) }
    }

    @Test("New contacts stand in the order of their rows, whichever statement wrote them")
    func order() throws {
        let temporary = try TemporaryStore()
        var batch = (0..<130).map { Contact.make(external: "e\($0)") }
        batch[37].id = UUID()
        batch[64].overrides = AgentOverrides()
        let ids = try temporary.apply(batch).ids
        #expect(try temporary.store.contacts(campaign: "spring", limit: 200, offset: 0).map(\.id) == ids)
    }
}

@Suite("Contact ids") struct ContactIDTests {
    /// Of ours, of others that look like ours, and of contacts that came before ids carried their row.
    @Test("A contact is found by its id, whoever made it", arguments: ["ours", "another's", "an older store's"])
    func found(by maker: String) throws {
        let temporary = try TemporaryStore()
        let ours = try temporary.apply((0..<30).map { .make(external: "e\($0)") }).ids
        // Its last bits are the first contact's row.
        let other = try #require(UUID(uuidString: "0193e4a1-0000-7000-8000-000000000001"))
        try temporary.apply([.make(id: other, external: "other")])
        if maker == "an older store's" { try temporary.makeOlder() }
        let store = maker == "an older store's" ? try ContactStore(at: temporary.path) : temporary.store
        for (index, id) in ours.enumerated() { #expect(try store.contact(id)?.externalID == "e\(index)") }
        #expect(try store.contact(other)?.externalID == "other")
        #expect(try store.contact(other, campaign: "spring")?.id == other)
        let id = maker == "another's" ? other : ours[0]
        try store.mark(id, .pending)
        #expect(try store.apply([Contact.make(id: id, phone: "+14155550102")].placed, batch: 0, of: .any(), conflicts: .refuse).ids == [id])
        #expect(try store.contact(id)?.phoneNumbers == ["+14155550102"])
        #expect(try store.delete(id, campaign: "spring"))
        #expect(try store.contact(id) == nil && store.count(campaign: "spring") == 30)
    }

    @Test("A deleted contact's id stays its own: it comes back under it, and no new one gets it")
    func comingBack() throws {
        let temporary = try TemporaryStore()
        let ids = try temporary.apply([.make(external: "a"), .make(external: "b")]).ids
        #expect(try temporary.store.delete(ids[1], campaign: "spring"))
        let new = try temporary.apply([.make(external: "c")]).ids[0]
        #expect(new != ids[1])
        try temporary.apply([.make(id: ids[1], external: "b")])
        #expect(try temporary.store.contact(ids[1])?.externalID == "b")
        #expect(try temporary.store.contact(new)?.externalID == "c")
    }

    @Test("Ids of others are looked up in their index, and ours by their row")
    func plan() throws {
        let temporary = try TemporaryStore()
        let plan = try temporary.sql("EXPLAIN QUERY PLAN \(ContactIDSearch.sql)")
        #expect(plan.contains("SEARCH contact USING INTEGER PRIMARY KEY (rowid=?)"))
        #expect(plan.contains("SEARCH contact USING INDEX contact_foreign_id (id=?)"))
    }
}

extension TemporaryStore {
    /// What the contacts hold, but for their ids and times.
    fileprivate func fields() throws -> [String] {
        try store.contacts(campaign: "spring", limit: .max, offset: 0).map {
            "\($0.externalID ?? "") \($0.phoneNumbers) \($0.data ?? "") \($0.agentNumber ?? "")"
        }
    }

    /// Takes the schema back to what it was before the fourth migration.
    fileprivate func makeOlder() throws {
        try sql(
            """
            DROP INDEX contact_foreign_id; ALTER TABLE contact DROP COLUMN foreign_id; CREATE UNIQUE INDEX contact_id ON contact (id);
            DELETE FROM grdb_migrations WHERE identifier LIKE '4:%'
            """)
    }
}

private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
