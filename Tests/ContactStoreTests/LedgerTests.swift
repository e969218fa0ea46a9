import Contacts
import Foundation
import Testing

@testable import ContactStore

@Suite("Ledger") struct LedgerTests {
    private let digest = [UInt8](0..<32)
    private let accepted = IngestOutcome(
        status: .accepted, code: 200, detail: "1 contact", manifest: #"{"manifest_version":1}"#, rows: 1)

    @Test("An ingest is applying, then recorded, then done")
    func states() throws {
        let temporary = try TemporaryStore()
        let ingest = IngestRecord.any(sha256: digest)
        #expect(try temporary.store.ingest(ingest.id) == nil)
        let batch = try temporary.store.apply([.make()].placed, batch: 0, of: ingest, conflicts: .refuse).outcome
        temporary.store.finish(ingest.id)
        #expect(try temporary.store.ingest(ingest.id)
            == LedgerEntry(ingest: ingest, state: .applying, outcome: nil, batches: [batch]))
        for _ in 0..<2 {
            try temporary.store.record(ingest, outcome: accepted)
            #expect(try temporary.store.ingest(ingest.id)
                == LedgerEntry(ingest: ingest, state: .recorded, outcome: accepted, batches: [batch]))
        }
        temporary.store.finish(ingest.id)
        #expect(try temporary.store.ingest(ingest.id)?.state == .done)
    }

    @Test("Any outcome is recorded, with or without a campaign, a digest, a manifest", arguments: [
        IngestOutcome(status: .rejected, code: 422, detail: "2 of 3 rows refused", rows: 3, rejected: 2),
        IngestOutcome(status: .duplicate, code: 200, detail: "seen", duplicateOf: UUID()),
        IngestOutcome(status: .failed, code: 413, detail: "too big", manifest: "{}"),
    ])
    func outcomes(_ outcome: IngestOutcome) throws {
        let temporary = try TemporaryStore()
        for ingest in [IngestRecord.any(campaign: "nowhere"), .any(sha256: digest)] {
            try temporary.store.record(ingest, outcome: outcome)
            #expect(try temporary.store.ingest(ingest.id)
                == LedgerEntry(ingest: ingest, state: .recorded, outcome: outcome, batches: []))
        }
    }

    @Test("The first accepted or running ingest of the same bytes in the same campaign is found, nothing else")
    func duplicates() throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let ids = (0..<3).map { _ in UUID() }
        func found(_ digest: [UInt8], in campaign: String = "spring", except: UUID = UUID()) throws -> UUID? {
            try store.acceptedIngest(sha256: digest, campaign: campaign, except: except)
        }
        try store.record(.any(sha256: digest), outcome: IngestOutcome(status: .rejected, code: 422, detail: ""))
        try store.record(.any(sha256: digest), outcome: IngestOutcome(status: .failed, code: 400, detail: ""))
        #expect(try found(digest) == nil)
        _ = try store.apply([], batch: 0, of: .any(id: ids[0], sha256: digest), conflicts: .refuse)
        #expect(try found(digest) == ids[0])
        #expect(try found(digest, except: ids[0]) == nil)
        try store.record(.any(id: ids[1], sha256: digest), outcome: accepted)
        try store.record(.any(id: ids[2], sha256: digest), outcome: accepted)
        #expect(try found(digest, except: ids[0]) == ids[1])
        #expect(try found(digest, in: "other") == nil)
        #expect(try found(digest.reversed()) == nil)
        try store.record(.any(id: ids[0], sha256: digest), outcome: accepted)
        store.finish(ids[0])
        #expect(try found(digest) == ids[0])
    }

    @Test("Ingests are listed newest first, by campaign and by page, without their manifests")
    func listing() throws {
        let temporary = try TemporaryStore()
        let all = (0..<5).map { IngestRecord.any(campaign: $0 == 2 ? "other" : "spring") }
        for ingest in all { try temporary.store.record(ingest, outcome: accepted) }
        func ids(_ campaign: String?, _ limit: Int, _ offset: Int) throws -> [UUID] {
            try temporary.store.ingests(campaign: campaign, limit: limit, offset: offset).map(\.ingest.id)
        }
        #expect(try ids(nil, 100, 0) == all.reversed().map(\.id))
        #expect(try ids("spring", 2, 1) == [all[3].id, all[1].id])
        #expect(try ids("nowhere", 2, 0) == [])
        #expect(try ids(nil, -1, -1) == [])
        #expect(try temporary.store.ingests(campaign: nil, limit: 1, offset: 0).first?.outcome?.manifest == nil)
    }
}
