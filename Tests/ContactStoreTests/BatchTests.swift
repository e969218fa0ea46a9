import ContactStore
import Contacts
import Foundation
import Testing

@Suite("Batches") struct BatchTests {
    @Test("An update replaces what the contact carries and keeps the rest and the status")
    func updateKeepsTheRest() throws {
        let temporary = try TemporaryStore()
        try temporary.apply([.make(external: "e", data: #"{"a":"1"}"#, timezone: "Europe/Berlin", at: 1000)])
        let before = try #require(try temporary.store.contact(externalID: "e", campaign: "spring"))
        for status in ["locked", "in_progress", "completed"] { try temporary.sql("UPDATE contact SET status = '\(status)'") }
        try temporary.apply([.make(external: "e", phone: "+14155550102", data: #"{"b":"2"}"#)])
        let after = try #require(try temporary.store.contact(before.id))
        #expect(after.phoneNumbers == ["+14155550102"])
        #expect(after.data == #"{"b":"2"}"#)
        #expect(after.timezone == "Europe/Berlin" && after.scheduledAt == 1000 && after.externalID == "e")
        #expect(after.status == .completed)
        #expect(after.createdAt == before.createdAt)
    }

    @Test("A change of any one field counts as an update", arguments: [
        Contact.make(external: "e", phone: "+14155550102"), .make(external: "e", data: #"{"b":"2"}"#),
        .make(external: "e", timezone: "Europe/Paris"), .make(external: "e", at: 2000),
    ])
    func eachFieldCounts(_ change: Contact) throws {
        let temporary = try TemporaryStore()
        try temporary.apply([.make(external: "e")])
        #expect(try temporary.apply([change]).outcome.counts == [0, 1, 0, 0])
        #expect(try temporary.apply([change]).outcome.counts == [0, 0, 1, 0])
        try temporary.apply([.make(external: "e", phone: "+14155550103", data: "{}", timezone: "UTC", at: 1)])
        #expect(try temporary.apply([change]).outcome.counts == [0, 1, 0, 0])
    }

    @Test("A re-delivered unchanged batch writes no contact, and no page but the ledger's")
    func unchangedWritesNothing() throws {
        let temporary = try TemporaryStore()
        let contacts = (0..<1000).map { Contact.make(external: "e\($0)", data: #"{"n":"\#($0)"}"#, timezone: "UTC", at: 5) }
        let inserted = try temporary.framesWritten { try temporary.apply(contacts) }
        let before = try temporary.store.contacts(campaign: "spring", limit: 2000, offset: 0)
        let again = try temporary.framesWritten { try temporary.apply(contacts) }
        #expect(try temporary.store.contacts(campaign: "spring", limit: 2000, offset: 0) == before)
        #expect(inserted > 20)
        #expect(again <= 6, "the ledger's tables and indexes alone")
    }

    @Test("Contacts that the ledger's batches would hide, because they were cut otherwise since, are in the store", arguments: [
        (before: 500, after: 1000), (before: 1000, after: 500), (before: 700, after: 300),
    ])
    func recut(before: Int, after: Int) throws {
        let temporary = try TemporaryStore()
        let ingest = IngestRecord.any()
        let rows = (1...1500).map { PlacedContact(contact: .make(external: "e\($0)"), row: $0, line: $0 + 1) }
        func apply(by size: Int, upTo end: Int) throws {
            for (index, start) in stride(from: 0, to: end, by: size).enumerated() {
                let batch = Array(rows[start..<min(start + size, rows.count)])
                _ = try temporary.store.apply(batch, batch: index, of: ingest, conflicts: .skip)
            }
        }
        try apply(by: before, upTo: 1000)
        try apply(by: after, upTo: 1500)
        #expect(try temporary.store.count(campaign: "spring") == 1500)
        #expect(try temporary.store.batches(of: ingest.id).reduce(0) { $0 + $1.contacts } == 1500)
    }

    @Test("A batch that is in the ledger does nothing and returns what it came to", arguments: [true, false])
    func replay(closedMeanwhile: Bool) throws {
        let temporary = try TemporaryStore()
        let ingest = IngestRecord.any()
        let id = UUID()
        let contacts = [Contact.make(), .make(external: "e"), .make(external: "e"), .make(id: id), .make(external: "\0")].placed
        let first = try temporary.store.apply(contacts, batch: 3, of: ingest, conflicts: .skip)
        if closedMeanwhile { _ = try temporary.store.setStatus(.closed, of: "spring") }
        let before = try temporary.everything()
        let second = try temporary.store.apply(contacts, batch: 3, of: ingest, conflicts: .skip)
        #expect(!first.replayed && second.replayed)
        #expect(second.outcome == first.outcome && second.conflicts == first.conflicts)
        #expect(first.outcome == BatchOutcome(index: 3, contacts: 4, inserted: 3, superseded: 1))
        #expect(try temporary.everything() == before)
        #expect(try temporary.store.batches(of: ingest.id) == [first.outcome])
    }

    @Test("The batches of one ingest are numbered in the ledger")
    func severalBatches() throws {
        let temporary = try TemporaryStore()
        let ingest = IngestRecord.any()
        for index in [0, 1, 2] {
            _ = try temporary.store.apply([.make()].placed, batch: index, of: ingest, conflicts: .refuse)
        }
        #expect(try temporary.store.batches(of: ingest.id).map(\.index) == [0, 1, 2])
        #expect(try temporary.store.count(campaign: "spring") == 3)
        #expect(try temporary.store.batches(of: UUID()).isEmpty)
    }

    @Test("A refused batch leaves store and ledger as they were")
    func refusedBatch() throws {
        let temporary = try TemporaryStore()
        try temporary.apply([.make(external: "e")])
        let before = try temporary.everything()
        let ingest = IngestRecord.any()
        let contacts = [Contact.make(), .make(external: "e", phone: "+14155550102"), .make(external: "\0")].placed
        let result = try temporary.store.apply(contacts, batch: 0, of: ingest, conflicts: .refuse)
        #expect(result.outcome == BatchOutcome(index: 0, contacts: 0) && result.ids.isEmpty)
        #expect(result.conflicts.map(\.position) == [2])
        #expect(try temporary.everything() == before)
        #expect(try temporary.store.ingest(ingest.id) == nil)
        let skipped = try temporary.store.apply(contacts, batch: 0, of: ingest, conflicts: .skip)
        #expect(skipped.outcome.counts == [1, 1, 0, 0] && skipped.conflicts == result.conflicts)
    }

    @Test("A closed campaign takes nothing, a paused one does; reopened, it takes the batch")
    func closedCampaign() throws {
        let temporary = try TemporaryStore()
        #expect(try temporary.store.setStatus(.closed, of: "spring"))
        #expect(throws: CampaignClosed.self) { try temporary.apply([.make()]) }
        #expect(throws: CampaignClosed.self) { try temporary.store.rehearse([.make()].placed, of: .any()) }
        #expect(try temporary.everything() == [])
        for status in [CampaignStatus.paused, .active] {
            #expect(try temporary.store.setStatus(status, of: "spring"))
            #expect(try temporary.apply([.make()]).outcome.inserted == 1)
        }
    }

    @Test("An unknown campaign takes nothing, but can be rehearsed: all are inserts")
    func unknownCampaign() throws {
        let temporary = try TemporaryStore()
        let stored = try temporary.apply([.make(external: "e")]).ids
        #expect(throws: CampaignUnknown.self) { try temporary.apply([.make()], to: "nowhere") }
        let result = try temporary.store.rehearse(
            [.make(external: "e"), .make(external: "f"), .make(id: stored[0])].placed, of: .any(campaign: "nowhere"))
        #expect(result.outcome.counts == [2, 0, 0, 0])
        #expect(result.conflicts.map(\.problem.code) == ["id_in_other_campaign"])
    }

    @Test("An empty batch is a batch")
    func emptyBatch() throws {
        let temporary = try TemporaryStore()
        #expect(try temporary.apply([]).outcome == BatchOutcome(index: 0, contacts: 0))
    }

    @Test("New ids are version 7 and in the order of insertion")
    func idsInOrder() throws {
        let temporary = try TemporaryStore()
        let ids = try temporary.apply((0..<1000).map { _ in .make() }).ids.map(\.text)
        #expect(ids == ids.sorted() && Set(ids).count == 1000)
        #expect(ids.allSatisfy { $0.dropFirst(14).first == "7" })
        #expect(try temporary.store.contacts(campaign: "spring", limit: 1000, offset: 0).map(\.id.text) == ids)
    }
}
