import Contacts
import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing

@testable import ContactStore

@Suite("Shared commits") struct SharedCommitTests {
    private static func outcome(_ batch: BatchOutcome) -> IngestOutcome {
        IngestOutcome(status: .accepted, code: 200, detail: "\(batch.inserted) inserted", rows: batch.contacts)
    }

    @Test("Files that come at once are in the store with their outcomes, each by itself; one that fails spoils no other")
    func atOnce() throws {
        let temporary = try TemporaryStore()
        try temporary.store.create(Campaign(key: "shut", name: "shut"))
        _ = try temporary.store.setStatus(.closed, of: "shut")
        let store = temporary.store
        let ingests = (0..<24).map { IngestRecord.any(campaign: $0.isMultiple(of: 6) ? "shut" : "spring") }
        let refused = Mutex<Set<Int>>([])
        DispatchQueue.concurrentPerform(iterations: ingests.count) { index in
            let rows = (0..<50).map { PlacedContact(contact: .make(external: "\(index)-\($0)"), row: $0 + 1, line: $0 + 2) }
            do {
                let inserted = try store.applyWhole(Batch(rows, index: 0), of: ingests[index]) { (Self.outcome($0), $0.inserted) }
                store.finish(ingests[index].id)
                #expect(inserted == 50)
            } catch {
                #expect(error is CampaignClosed)
                refused.withLock { _ = $0.insert(index) }
            }
        }
        #expect(refused.withLock { $0 } == [0, 6, 12, 18])
        #expect(try temporary.store.count(campaign: "spring") == 20 * 50)
        for (index, ingest) in ingests.enumerated() {
            let entry = try temporary.store.ingest(ingest.id)
            #expect(entry?.state == (index.isMultiple(of: 6) ? nil : .done))
            #expect(entry?.outcome?.rows == (index.isMultiple(of: 6) ? nil : 50))
        }
    }

    @Test("What is not waited for is done all the same, with nobody there and behind others")
    func later() throws {
        let temporary = try TemporaryStore()
        try temporary.sql("CREATE TABLE noted (value INTEGER)")
        let store = temporary.store
        DispatchQueue.concurrentPerform(iterations: 40) { index in
            store.commits.runLater(in: store.pool) { db in
                try db.execute(sql: "INSERT INTO noted VALUES (?)", arguments: [index])
            }
        }
        temporary.store.commits.runLater(in: temporary.store.pool) { db in try db.execute(sql: "INSERT INTO noted VALUES (40)") }
        #expect(try temporary.sql("SELECT count(DISTINCT value) FROM noted") == "41")
    }

    @Test("The log is moved into the database file beside the work, and begins anew")
    func checkpoints() throws {
        let temporary = try TemporaryStore()
        let data = #"{"a":"\#(String(repeating: "x", count: 3500))"}"#
        func size(_ suffix: String) throws -> Int {
            try FileManager.default.attributesOfItem(atPath: temporary.path + suffix)[.size] as? Int ?? 0
        }
        // A page each: 240 MB in all, less than SQLite's own limit for the log.
        for index in 0..<60 {
            let rows = (0..<1000).map { Contact.make(external: "\(index)-\($0)", data: data) }.placed
            _ = try temporary.store.apply(rows, batch: index, of: .any(), conflicts: .skip)
        }
        #expect(try size("") > 50 << 20)
        #expect(try size("-wal") < 150 << 20)
        #expect(try temporary.sql("PRAGMA integrity_check") == "ok")
        #expect(try temporary.store.count(campaign: "spring") == 60_000)
    }
}

@Suite("Batches of one transaction") struct BatchGroupTests {
    private let temporary: TemporaryStore
    private let ingest = IngestRecord.any()

    init() throws { temporary = try TemporaryStore() }

    private func batch(_ index: Int, phone: String = "+14155550101") throws -> Batch {
        try Batch((0..<20).map { .make(external: "\(index)-\($0)", phone: phone) }.placed, index: index)
    }

    private func apply(from first: Int, following: () throws -> Batch?) throws -> [BatchResult] {
        try temporary.store.apply(batch(first), of: ingest, conflicts: .skip, following: following)
    }

    @Test("Each comes to what it would by itself, with its own row in the ledger, and is not applied twice")
    func together() throws {
        var left = [2, 1]
        let results = try apply(from: 0) { try left.popLast().map { try batch($0) } }
        #expect(results.map(\.outcome.index) == [0, 1, 2] && results.allSatisfy { $0.outcome.inserted == 20 && !$0.replayed })
        #expect(try temporary.store.batches(of: ingest.id).map(\.index) == [0, 1, 2])
        left = [3]
        let again = try apply(from: 2) { try left.popLast().map { try batch($0) } }
        #expect(again.map(\.replayed) == [true, false])
        #expect(try temporary.store.count(campaign: "spring") == 80)
    }

    @Test("An error undoes them all")
    func undone() throws {
        #expect(throws: CancellationError.self) { try apply(from: 0) { throw CancellationError() } }
        #expect(try temporary.store.count(campaign: "spring") == 0)
        #expect(try temporary.store.ingest(ingest.id) == nil)
    }

    @Test("Whoever else wants to write does not wait for the rest", .timeLimit(.minutes(1)))
    func wanted() throws {
        let store = temporary.store
        let other = DispatchGroup()
        var asked = 0
        let results = try apply(from: 0) {
            asked += 1
            DispatchQueue.global().async(group: other) {
                let rows = [Contact.make(external: "other")].placed
                _ = try? store.applyWhole(Batch(rows, index: 0), of: .any()) { (IngestOutcome(status: .accepted, code: 200, detail: ""), $0.inserted) }
            }
            while !store.commits.isWanted { usleep(1000) }
            return try batch(1)
        }
        #expect(asked == 1 && results.count == 2)
        other.wait()
        #expect(try store.count(campaign: "spring") == 41)
    }
}

@Suite("Statements that run once a row") struct RowStatementTests {
    @Test("Text is bound as GRDB binds it", arguments: ["", "e", "fünfzehn Bytes!", String(repeating: "länger ", count: 900), "\u{1F342}"])
    func text(_ value: String) throws {
        let temporary = try TemporaryStore()
        let sql = "SELECT ?1 IS CAST(?2 AS TEXT) AND typeof(?1) = 'text' AND length(?1) = ?3"
        let same = try temporary.store.pool.write { db in
            let statement = try RowStatement(sql, db)
            try statement.bind(value, at: 1)
            try statement.bind(value, at: 2)
            try statement.bind(Int64(value.unicodeScalars.count), at: 3)
            let plain = try Int64.fetchOne(db, sql: sql, arguments: [value, value, value.unicodeScalars.count])
            return (try statement.first { statement.integer(0) }, plain)
        }
        #expect(same.0 == 1 && same.1 == 1)
    }

    @Test("Numbers, ids and NULL come back as they were bound", arguments: [Int64.min, -1, 0, 4_294_967_296, .max])
    func values(_ number: Int64) throws {
        let temporary = try TemporaryStore()
        let id = UUID()
        let (back, backID, isNull) = try temporary.store.pool.write { db in
            let statement = try RowStatement("SELECT ?1, ?2, ?3 IS NULL", db)
            try statement.bind("of an earlier row", at: 3)
            statement.clear()
            try statement.bind(number, at: 1)
            try statement.bind(id, at: 2)
            try statement.bind(nil as String?, at: 3)
            let row = try statement.first { (statement.integer(0), statement.id(1), statement.integer(2)) }
            return try #require(row)
        }
        #expect(back == number && backID == id && isNull == 1)
        #expect(try temporary.store.pool.read { try UUID.fetchOne($0, sql: "SELECT ?", arguments: [id]) } == backID)
    }

    @Test("An error of SQLite's is GRDB's error, and the statement can be used again")
    func failure() throws {
        let temporary = try TemporaryStore()
        try temporary.store.pool.write { db in
            try db.execute(sql: "CREATE TABLE one (value INTEGER UNIQUE)")
            let statement = try RowStatement("INSERT INTO one VALUES (?1)", db)
            try statement.bind(Int64(1), at: 1)
            #expect(try statement.run() == 1)
            let error = #expect(throws: DatabaseError.self) { try statement.run() }
            #expect(error?.resultCode == .SQLITE_CONSTRAINT)
            try statement.bind(Int64(2), at: 1)
            #expect(try statement.run() == 1)
        }
    }
}
