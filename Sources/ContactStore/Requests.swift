package import Contacts
package import Foundation
import GRDB

/// A request whose key was used before in the same campaign; it was not applied again.
package struct RequestRepeated: Error {
    package let earlier: KeyedRequest

    package init(earlier: KeyedRequest) { self.earlier = earlier }
}

/// What became of a request that came with a key.
package struct KeyedRequest: Sendable, Hashable {
    package var ingest: UUID
    /// Of its body.
    package var sha256: [UInt8]?
    /// The contacts' ids in the request's order; `nil` for one that was left out.
    package var ids: [UUID?]
}

extension ContactStore {
    /// Applies contacts that came at once, all or none, and records what became of them: one transaction, on disk when this
    /// returns. Several that come at once share their commit.
    ///
    /// - Parameters:
    ///   - key: whoever sends it again gets the first answer; `nil`: nobody does.
    ///   - settle: what to record, told from the result, what to return with it, and the ids to keep under the key, `nil`
    ///     where nothing was applied; may be asked again where a shared commit failed.
    /// - Throws: `RequestRepeated`; `CampaignUnknown`; `CampaignClosed`; each leaves everything as it is.
    package func applyRequest<Value: Sendable>(
        _ contacts: [PlacedContact], of ingest: IngestRecord, key: String?,
        settle: @escaping @Sendable (BatchResult) throws -> (outcome: IngestOutcome, value: Value, ids: [UUID?]?)
    ) throws -> Value {
        let batch = try Batch(contacts, index: 0)
        return try failingReadably {
            // A repeat is a result, not an error: what it repeats may not be on disk yet, and is when this returns.
            let result: Result<Value, RequestRepeated> = try commits.run(in: pool) { db in
                if let key, let earlier = try Self.request(key, of: ingest.campaign, db) {
                    return .failure(RequestRepeated(earlier: earlier))
                }
                let result = try apply(batch, of: ingest, conflicts: .refuse, db)
                let settled = try settle(result)
                try Self.record(ingest, settled.outcome, db)
                if let key, let ids = settled.ids { try Self.keep(ids, of: ingest, under: key, db) }
                return .success(settled.value)
            }
            return try result.get()
        }
    }

    /// What a campaign's request of this key came to, on disk when this returns; `nil` when there was none.
    package func request(_ key: String, of campaign: String) throws -> KeyedRequest? {
        let earlier = try read { db in try Self.request(key, of: campaign, db) }
        if earlier != nil { try flush() }
        return earlier
    }

    /// Forgets the keys of requests that arrived before `time`, in milliseconds since 1970.
    package func forgetRequests(before time: Int64) throws {
        try write { db in
            try db.execute(
                sql: "DELETE FROM request WHERE ingest <= (SELECT max(rowid) FROM ingest WHERE received_at < ?)", arguments: [time])
        }
    }

    private static func request(_ key: String, of campaign: String, _ db: Database) throws -> KeyedRequest? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT ingest.id, ingest.sha256, request.ids FROM request JOIN ingest ON ingest.rowid = request.ingest
                WHERE request.campaign = ? AND request.key = ?
                """)
        return try Row.fetchOne(statement, arguments: [campaign, key]).map { row in
            KeyedRequest(
                ingest: row["id"], sha256: (row["sha256"] as Data?).map { [UInt8]($0) }, ids: UUID.unpack([UInt8](row["ids"] as Data)))
        }
    }

    private static func keep(_ ids: [UUID?], of ingest: IngestRecord, under key: String, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO request (campaign, key, ingest, ids) SELECT ?, ?, rowid, ? FROM ingest WHERE id = ?"
        ).execute(arguments: [ingest.campaign, key, Data(UUID.pack(ids)), ingest.id])
    }
}

extension UUID {
    fileprivate static let none = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    fileprivate static func pack(_ ids: [UUID?]) -> [UInt8] {
        ids.flatMap { id in withUnsafeBytes(of: (id ?? none).uuid) { Array($0) } }
    }

    fileprivate static func unpack(_ bytes: [UInt8]) -> [UUID?] {
        stride(from: 0, to: bytes.count - 15, by: 16).map { start in
            let id = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(fromByteOffset: start, as: uuid_t.self)) }
            return id == none ? nil : id
        }
    }
}
