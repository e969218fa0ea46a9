package import Contacts
import Foundation
import GRDB

/// Contacts to be stored at once, told apart beside whoever writes.
package struct Batch: Sendable {
    /// From 0 within its ingest.
    package let index: Int
    package let contacts: [PlacedContact]
    let texts: ContactTexts
    /// `nil` where the store decides.
    private let known: Matching?

    package init(_ contacts: [PlacedContact], index: Int) throws {
        self.index = index
        self.contacts = contacts
        texts = try ContactTexts(contacts.span)
        known = contacts.mayClash ? nil : Matching(unclashing: contacts.span)
    }

    /// Whether nothing that the store knows can refuse any of it.
    package var isSettled: Bool { known != nil }

    /// What the contacts are about in the store as `db` shows it; with no `campaign`, nothing is stored in it yet.
    func matching(campaign: Int64?, _ db: Database) throws -> Matching {
        try known ?? Matching(contacts.span, campaign: campaign, db)
    }
}

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
        try apply(Batch(contacts, index: index), of: ingest, conflicts: policy) { nil }[0]
    }

    /// Applies batches as `apply` does each, in one transaction: the first, and as long as nobody else wants to write, for a
    /// tenth of a second, those that `following` returns. Pages that several of them change are written once.
    ///
    /// - Returns: what each came to, in order; an error undoes them all.
    package func apply(
        _ first: Batch, of ingest: IngestRecord, conflicts policy: ConflictPolicy, following: () throws -> Batch?
    ) throws -> [BatchResult] {
        var results: [BatchResult] = []
        try failingReadably {
            try commits.write(in: pool) { db in
                let end = ContinuousClock.now + .milliseconds(100)
                var next: Batch? = first
                while let batch = next {
                    results.append(try apply(batch, of: ingest, conflicts: policy, db))
                    next = commits.isWanted || .now >= end ? nil : try following()
                }
            }
        }
        return results
    }

    /// Applies the only batch of an ingest and records what became of it, in one transaction, on disk when this returns.
    /// Several that come at once share their commit: each is in the store or is not, by itself.
    ///
    /// - Parameter batch: one that `isSettled`, so that there is nothing to decide by the result.
    /// - Parameter settle: what to record, told from the result, and what to return with it; may be asked again where a
    ///   shared commit failed.
    /// - Throws: `CampaignUnknown`; `CampaignClosed`; both leave everything as it is.
    package func applyWhole<Value: Sendable>(
        _ batch: Batch, of ingest: IngestRecord,
        settle: @escaping @Sendable (BatchOutcome) throws -> (IngestOutcome, Value)
    ) throws -> Value {
        try failingReadably {
            try commits.run(in: pool) { db in
                let result = try apply(batch, of: ingest, conflicts: .skip, db)
                let (outcome, value) = try settle(result.outcome)
                try Self.record(ingest, outcome, db)
                return value
            }
        }
    }

    func apply(
        _ batch: Batch, of ingest: IngestRecord, conflicts policy: ConflictPolicy, _ db: Database
    ) throws -> BatchResult {
        let (index, firstRow) = (batch.index, batch.contacts.first?.row ?? 0)
        if let earlier = try BatchResult(recorded: index, from: firstRow, count: batch.contacts.count, of: ingest.id, db) {
            return earlier
        }
        let campaign = try Self.openCampaign(ingest.campaign, db)
        let matching = try batch.matching(campaign: campaign, db)
        if policy == .refuse, !matching.conflicts.isEmpty {
            return BatchResult(outcome: BatchOutcome(index: index, contacts: 0), conflicts: matching.conflicts, ids: [])
        }
        let ledgerRow = try Self.ledgerRow(of: ingest, db)
        var changes = try ContactChanges(campaign: campaign, ingest: ledgerRow, keepsImages: keepsImages, db)
        let result = try changes.apply(matching, of: batch.texts, index: index)
        try result.record(of: ledgerRow, firstRow: firstRow, db)
        return result
    }

    /// What applying the contacts now would come to, without changing anything.
    ///
    /// Contacts of a campaign that does not exist are all inserts. Ids of contacts that would be inserted and bring none
    /// are made up. Of several batches each is taken alone: what an earlier one would insert is not there for the next.
    ///
    /// - Throws: `CampaignClosed`.
    package func rehearse(_ contacts: [PlacedContact], of ingest: IngestRecord) throws -> BatchResult {
        let batch = try Batch(contacts, index: 0)
        return try read { db in
            let campaign: Int64?
            do { campaign = try Self.openCampaign(ingest.campaign, db) } catch is CampaignUnknown { campaign = nil }
            return try Rehearsal(campaign: campaign, db).count(batch.matching(campaign: campaign, db), of: batch.texts)
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
    ///
    /// One that was cut otherwise, because the limit has changed since, does not count, nor do those after it: their
    /// contacts are compared again, and none is passed over.
    fileprivate init?(recorded index: Int, from firstRow: Int, count: Int, of ingest: UUID, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                SELECT batch.* FROM batch JOIN ingest ON ingest.rowid = batch.ingest
                WHERE ingest.id = ? AND batch.number = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [ingest, index]) else { return nil }
        let outcome = BatchOutcome(row: row)
        let conflicts = try (row["conflicts"] as String?).map { try JSONText.decode([Conflict].self, from: $0) } ?? []
        guard row["first_row"] == firstRow, outcome.contacts + conflicts.count == count else {
            try db.execute(
                sql: "DELETE FROM batch WHERE ingest = ? AND number >= ?", arguments: [row["ingest"] as Int64, index])
            return nil
        }
        self.init(outcome: outcome, conflicts: conflicts, ids: [], replayed: true)
    }

    fileprivate func record(of ledgerRow: Int64, firstRow: Int, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO batch (ingest, number, first_row, contacts, inserted, updated, unchanged, superseded, conflicts)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            ledgerRow, outcome.index, firstRow, outcome.contacts, outcome.inserted, outcome.updated, outcome.unchanged,
            outcome.superseded, conflicts.isEmpty ? nil : try JSONText.encode(conflicts),
        ])
    }
}
