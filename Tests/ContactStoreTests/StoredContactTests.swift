import ContactStore
import Contacts
import Foundation
import Testing

@Suite("Stored contacts") struct StoredContactTests {
    @Test("Awkward text comes back byte for byte", arguments: [
        "'; DROP TABLE contact; --", "\"quoted\"", "a\nb\r\n\tc", "?1 :x @y", "\u{1F469}\u{200D}\u{1F680}", "cafe\u{301}",
        "\u{FEFF}bom", "\u{202E}right to left", " spaces ", "0123", "1e5", "NULL", "%_", String(repeating: "\u{E9}", count: 50_000),
    ])
    func awkwardText(_ text: String) throws {
        let temporary = try TemporaryStore()
        let json = String(decoding: try JSONEncoder().encode(["note": text]), as: UTF8.self)
        let id = try temporary.apply([.make(external: text, data: json)]).ids[0]
        let contact = try #require(try temporary.store.contact(externalID: text, campaign: "spring"))
        #expect(contact.id == id)
        #expect(contact.externalID.map { Array($0.utf8) } == Array(text.utf8))
        #expect(contact.data == json)
        #expect(try temporary.apply([.make(external: text, data: json)]).outcome.counts == [0, 0, 1, 0])
    }

    @Test("Text for people keeps its place when it has a NUL")
    func nulInDetail() throws {
        let temporary = try TemporaryStore()
        let ingest = IngestRecord.any()
        try temporary.store.record(ingest, outcome: IngestOutcome(status: .failed, code: 400, detail: "a\0b"))
        #expect(try temporary.store.ingest(ingest.id)?.outcome?.detail == "a\u{FFFD}b")
    }

    @Test("A contact encodes under the API's names, with data as an object and times as ISO 8601")
    func encoding() throws {
        let temporary = try TemporaryStore()
        let data = #"{"Big":12345678901234567890,"Deep":[1,-2.5,true,null,{"a":"b"}],"First Name":"Ann"}"#
        var contact = Contact.make(external: "crm-1", data: data, timezone: "Europe/Paris", at: 1_767_225_600_250)
        contact.phoneNumbers = ["+14155550102", "+14155550101"]
        let id = try temporary.apply([contact]).ids[0]
        let stored = try #require(try temporary.store.contact(id))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(stored), as: UTF8.self)
        #expect(text == """
            {"agent_config":null,"agent_id":null,"agent_number":null,"agent_version":null,"campaign_id":"spring",\
            "created_at":"\(stored.createdAt.iso8601)","data":\(data),"external_id":"crm-1","id":"\(id.text)",\
            "initial_context":null,"phone_numbers":["+14155550102","+14155550101"],\
            "scheduled_at":"2026-01-01T00:00:00.250Z","status":"pending","timezone":"Europe/Paris",\
            "updated_at":"\(stored.updatedAt.iso8601)"}
            """)
    }

    @Test("Contacts are paged in the order of insertion, each campaign by itself")
    func paging() throws {
        let temporary = try TemporaryStore()
        try temporary.store.create(Campaign(key: "other"))
        let ids = try temporary.apply((0..<5).map { .make(external: "\(9 - $0)") }).ids
        try temporary.apply([.make()], to: "other")
        func page(_ campaign: String, _ limit: Int, _ offset: Int) throws -> [UUID] {
            try temporary.store.contacts(campaign: campaign, limit: limit, offset: offset).map(\.id)
        }
        #expect(try page("spring", 100, 0) == ids)
        #expect(try page("spring", 2, 3) == Array(ids[3...]))
        #expect(try page("spring", 2, 5) == [] && page("nowhere", 2, 0) == [] && page("spring", -1, 0) == [])
        #expect(try temporary.store.count(campaign: "spring") == 5 && temporary.store.count(campaign: "nowhere") == 0)
    }

    @Test("Contacts are counted by status, absent ones as zero")
    func statusCounts() throws {
        let temporary = try TemporaryStore()
        try temporary.apply([.make(external: "a"), .make(external: "b"), .make(external: "c")])
        for status in ["locked", "in_progress", "error"] {
            try temporary.sql("UPDATE contact SET status = '\(status)' WHERE external_id = 'b'")
        }
        let counts = try temporary.store.statusCounts(campaign: "spring")
        #expect(counts[.pending] == 2 && counts[.error] == 1 && counts[.locked] == 0)
        #expect(counts.count == ContactStatus.allCases.count)
    }

    @Test("Neither an unknown id nor an unknown key finds a contact")
    func unknown() throws {
        let temporary = try TemporaryStore()
        try temporary.apply([.make(external: "a")])
        #expect(try temporary.store.contact(UUID()) == nil)
        #expect(try temporary.store.contact(externalID: "A", campaign: "spring") == nil)
        #expect(try temporary.store.contact(externalID: "a", campaign: "other") == nil)
    }
}
