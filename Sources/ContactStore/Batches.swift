package import Contacts
import Foundation
import GRDB

extension ContactStore {
    /// Applies one batch, in one transaction together with its row in the ledger, on disk when `record` of its ingest returns.
    ///
    /// The first batch of an ingest brings the ingest into the ledger. A batch that is there already does nothing and
    /// returns what it came to then. With `.refuse`, a single conflict leaves store and ledger untouched, and all conflicts
    /// are returned. An `id` that nobody has inserts with it, unless the contact is found by its `external_id`.
    ///
    /// - Parameter contacts: at most `Limits.batch`, so that a transaction stays short.
    /// - Parameter index: the batch's number within the ingest, from 0.
    /// - Throws: `CampaignUnknown`; `CampaignClosed`; both leave everything as it is.
    package func apply(
        _ contacts: [PlacedContact], batch index: Int, of ingest: IngestRecord, conflicts policy: ConflictPolicy
    ) throws -> BatchResult {
        var result = BatchResult(outcome: BatchOutcome(index: index, contacts: 0), conflicts: [], ids: [])
        try writeAhead { db in
            if let earlier = try BatchResult(recorded: index, of: ingest.id, db) {
                result = earlier
                return .commit
            }
            let campaign = try Self.openCampaign(ingest.campaign, db)
            let matching = try Matching(contacts, campaign: campaign, db)
            if policy == .refuse, !matching.conflicts.isEmpty {
                result.conflicts = matching.conflicts
                return .rollback
            }
            let ledgerRow = try Self.ledgerRow(of: ingest, db)
            var changes = try ContactChanges(campaign: campaign, ingest: ledgerRow, keepsImages: keepsImages, db)
            result = try changes.apply(matching, of: contacts, index: index)
            try result.record(of: ledgerRow, db)
            return .commit
        }
        return result
    }

    /// What applying the contacts now would come to, without changing anything.
    ///
    /// Contacts of a campaign that does not exist are all inserts. Ids of contacts that would be inserted and bring none
    /// are made up. Of several batches each is taken alone: what an earlier one would insert is not there for the next.
    ///
    /// - Throws: `CampaignClosed`.
    package func rehearse(_ contacts: [PlacedContact], of ingest: IngestRecord) throws -> BatchResult {
        try read { db in
            let campaign: Int64?
            do { campaign = try Self.openCampaign(ingest.campaign, db) } catch is CampaignUnknown { campaign = nil }
            let matching = try Matching(contacts, campaign: campaign, db)
            return try Rehearsal(db).count(matching, of: contacts)
        }
    }

    /// The row of a campaign that takes contacts.
    private static func openCampaign(_ key: String, _ db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT rowid, status FROM campaign WHERE key = ?")
        guard let row = try Row.fetchOne(statement, arguments: [key]) else { throw CampaignUnknown(key: key) }
        guard row["status"] != CampaignStatus.closed.rawValue else { throw CampaignClosed(key: key) }
        return row["rowid"]
    }

    private static func ledgerRow(of ingest: IngestRecord, _ db: Database) throws -> Int64 {
        try db.cachedStatement(
            sql: """
                INSERT INTO ingest (id, campaign, file_name, bytes, sha256, received_at, state)
                VALUES (?, ?, ?, ?, ?, ?, 'applying') ON CONFLICT (id) DO NOTHING
                """
        ).execute(arguments: ingest.arguments)
        let statement = try db.cachedStatement(sql: "SELECT rowid FROM ingest WHERE id = ?")
        guard let rowid = try Int64.fetchOne(statement, arguments: [ingest.id]) else {
            throw DatabaseError(resultCode: .SQLITE_INTERNAL, message: "the ledger lost a row")
        }
        return rowid
    }
}

extension BatchResult {
    /// The batch as the ledger has it, with its conflicts, so that a manifest written after a crash tells of them too.
    fileprivate init?(recorded index: Int, of ingest: UUID, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                SELECT batch.* FROM batch JOIN ingest ON ingest.rowid = batch.ingest
                WHERE ingest.id = ? AND batch.number = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [ingest, index]) else { return nil }
        let conflicts = try (row["conflicts"] as String?).map { try JSONText.decode([Conflict].self, from: $0) }
        self.init(outcome: BatchOutcome(row: row), conflicts: conflicts ?? [], ids: [], replayed: true)
    }

    fileprivate func record(of ledgerRow: Int64, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO batch (ingest, number, contacts, inserted, updated, unchanged, superseded, conflicts)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            ledgerRow, outcome.index, outcome.contacts, outcome.inserted, outcome.updated, outcome.unchanged,
            outcome.superseded, conflicts.isEmpty ? nil : try JSONText.encode(conflicts),
        ])
    }
}
