import Contacts
import Foundation
import GRDB
import Testing

@testable import ContactStore

@Suite("Opening") struct OpeningTests {
    @Test("A commit is forced to disk: the writer is at FULL after opening, and again after an ingest is finished")
    func synchronousIsFull() throws {
        let temporary = try TemporaryStore()
        func level() throws -> Int? {
            try temporary.store.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        }
        #expect(try level() == 2)
        temporary.store.finish(UUID())
        #expect(try level() == 2)
    }

    @Test("A new store has its schema, its log, its mark and a file that others cannot read")
    func newStore() throws {
        let temporary = try TemporaryStore()
        #expect(try temporary.sql("PRAGMA journal_mode") == "wal")
        #expect(try temporary.sql("PRAGMA application_id") == "\(0x526F_6C6C)")
        #expect(try temporary.sql("SELECT count(*) FROM grdb_migrations") == "4")
        for suffix in ["", "-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: temporary.path + suffix)
            #expect((attributes[.posixPermissions] as? Int ?? 0o777) & 0o007 == 0)
        }
    }

    @Test("A new store has pages of 8 KiB; an older one keeps its own and is written as ever")
    func pages() throws {
        let temporary = try TemporaryStore()
        #expect(try temporary.sql("PRAGMA page_size") == "8192")
        let path = temporary.folder.appending(path: "older.db").path
        try temporary.sql("PRAGMA page_size = 4096; VACUUM INTO '\(path)'")
        let older = try ContactStore(at: path)
        #expect(try older.read { try Int.fetchOne($0, sql: "PRAGMA page_size") } == 4096)
        try older.create(Campaign(key: "autumn"))
        let contacts = (0..<1000).map { Contact.make(external: "e\($0)") }.placed
        #expect(try older.apply(contacts, batch: 0, of: .any(campaign: "autumn"), conflicts: .skip).outcome.inserted == 1000)
        #expect(try older.integrityProblems() == [])
    }

    @Test("An existing store opens again with all that it holds")
    func reopening() throws {
        let temporary = try TemporaryStore()
        try temporary.apply([.make(external: "e")])
        let again = try ContactStore(at: temporary.path)
        #expect(try again.contact(externalID: "e", campaign: "spring") != nil)
        try again.checkpoint()
        #expect(try again.count(campaign: "spring") == 1)
    }

    @Test("A path that cannot be a store is refused with its name and a remedy", arguments: [
        "a missing folder", "a folder", "a text file", "another program's database", "a newer schema",
    ])
    func refused(_ what: String) throws {
        let temporary = try TemporaryStore()
        var path = temporary.folder.appending(path: "other").path
        switch what {
        case "a missing folder": path += "/rollcall.db"
        case "a folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        case "a text file": try String(repeating: "Name,Phone\n", count: 100).write(toFile: path, atomically: true, encoding: .utf8)
        case "another program's database":
            try temporary.sql("ATTACH '\(path)' AS other; CREATE TABLE other.invoice (number)")
        default:
            try temporary.sql("INSERT INTO grdb_migrations VALUES ('99: from the future')")
            path = temporary.path
        }
        let error = try #require(throws: StoreError.self) { try ContactStore(at: path) }
        #expect(error.path == path && error.description.hasPrefix(path))
        #expect(error.hint.hasSuffix("."))
        #expect(!error.description.contains("should not happen"))
    }

    @Test("Another program's database is left byte for byte as it was")
    func foreignFileIsUntouched() throws {
        let temporary = try TemporaryStore()
        let path = temporary.folder.appending(path: "other.db").path
        try temporary.sql("ATTACH '\(path)' AS other; CREATE TABLE other.invoice (number)")
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(throws: StoreError.self) { try ContactStore(at: path) }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test("A store whose making was cut short, before the first table or after, is made in full", arguments: [
        "PRAGMA user_version", "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)",
    ])
    func unfinishedStore(_ sql: String) throws {
        let temporary = try TemporaryStore()
        let path = temporary.folder.appending(path: "new.db").path
        try temporary.sql("ATTACH '\(path)' AS new; \(sql.replacing("TABLE ", with: "TABLE new."))")
        #expect(try ContactStore(at: path).campaigns().isEmpty)
    }

    @Test("Eight stores that open one new file at once, and write to it, all succeed", arguments: 1...12)
    func openingAtOnce(round: Int) async throws {
        let temporary = try TemporaryStore()
        let path = temporary.folder.appending(path: "new.db").path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { @concurrent in
                    let store = try ContactStore(at: path)
                    try store.create(Campaign(key: "c\(number)"))
                    for batch in 0..<5 {
                        let contacts = [Contact.make(), .make(external: "shared")].placed
                        let ingest = IngestRecord.any(campaign: "c\(number)")
                        _ = try store.apply(contacts, batch: batch, of: ingest, conflicts: .refuse)
                    }
                }
            }
            try await group.waitForAll()
        }
        let store = try ContactStore(at: path)
        #expect(try store.campaigns().map { try store.count(campaign: $0.key) } == Array(repeating: 6, count: 8))
    }

    @Test("A lock held by another process is waited for")
    func otherProcess() throws {
        let temporary = try TemporaryStore()
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "sqlite3", temporary.path, "BEGIN IMMEDIATE", "UPDATE campaign SET name = 'theirs'", "SELECT 'locked'",
            ".shell sleep 0.5", "COMMIT",
        ]
        process.standardOutput = output
        try process.run()
        _ = try output.fileHandleForReading.read(upToCount: 1)
        #expect(try temporary.apply([.make()]).outcome.inserted == 1)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try temporary.store.campaign("spring")?.name == "theirs")
    }
}
