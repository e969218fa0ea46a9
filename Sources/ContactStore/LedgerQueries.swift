package import Foundation
import GRDB

extension ContactStore {
    /// The first ingest other than `except` that brought the same bytes into the same campaign and was accepted, or is
    /// still being applied; `nil` when there is none.
    package func acceptedIngest(sha256: [UInt8], campaign: String, except: UUID) throws -> UUID? {
        try read { db in
            try UUID.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT id FROM ingest
                        WHERE campaign = ? AND sha256 = ? AND id <> ? AND undone_by IS NULL AND (status = 'accepted' OR state = 'applying')
                        ORDER BY rowid LIMIT 1
                        """), arguments: [campaign, Data(sha256), except])
        }
    }

    /// The batches of an ingest that are in the store, by index.
    package func batches(of ingest: UUID) throws -> [BatchOutcome] {
        try read { db in try Self.batches(of: ingest, db) }
    }

    /// Settles what became of a file. May be repeated, and follows the last batch of an accepted one.
    ///
    /// The commit is on disk when this returns.
    package func record(_ ingest: IngestRecord, outcome: IngestOutcome) throws {
        try failingReadably { try commits.run(in: pool) { db in try Self.record(ingest, outcome, db) } }
    }

    static func record(_ ingest: IngestRecord, _ outcome: IngestOutcome, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO ingest (id, campaign, file_name, bytes, sha256, received_at,
                    state, status, code, detail, manifest, duplicate_of, rows, rejected)
                VALUES (?, ?, ?, ?, ?, ?, 'recorded', ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET state = 'recorded', status = excluded.status, code = excluded.code,
                    detail = excluded.detail, manifest = excluded.manifest, duplicate_of = excluded.duplicate_of,
                    rows = excluded.rows, rejected = excluded.rejected
                """
        ).execute(
            arguments: ingest.arguments + [
                outcome.status.rawValue, outcome.code, outcome.detail.withoutNUL, outcome.manifest?.withoutNUL,
                outcome.duplicateOf, outcome.rows, outcome.rejected,
            ])
    }

    /// Notes that nothing is left to do for an ingest, and in the same transaction whom to tell of it; one that is being
    /// applied or unknown is left as it is.
    ///
    /// Goes along with the next commit, or is done at once where there is none under way, and is neither waited for nor forced
    /// to disk: should a power cut or an error undo it, the next start does it.
    package func finish(_ ingest: UUID) {
        commits.runLater(in: pool) { db in
            try Self.finish(ingest, db)
            if !notices.isEmpty, db.changesCount == 1 { try addNotices(of: ingest, db) }
        }
    }

    private static func finish(_ ingest: UUID, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE ingest SET state = 'done' WHERE id = ? AND state = 'recorded'")
            .execute(arguments: [ingest])
    }

    /// What the ledger knows about an ingest.
    package func ingest(_ id: UUID) throws -> LedgerEntry? {
        try read { db in
            try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM ingest WHERE id = ?"), arguments: [id])
                .map { try LedgerEntry(row: $0, db) }
        }
    }

    /// The ingests of one campaign, or of all, newest first, without their manifests.
    package func ingests(campaign: String?, limit: Int, offset: Int) throws -> [LedgerEntry] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT rowid, id, campaign, file_name, bytes, sha256, received_at, state, status, code, detail,
                        NULL AS manifest, duplicate_of, rows, rejected, undone_by
                    FROM ingest WHERE ?1 IS NULL OR campaign = ?1
                    ORDER BY rowid DESC LIMIT ?2 OFFSET ?3
                    """, arguments: [campaign, max(0, limit), max(0, offset)]
            ).map { try LedgerEntry(row: $0, db) }
        }
    }

    fileprivate static func batches(of ingest: UUID, _ db: Database) throws -> [BatchOutcome] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT batch.* FROM batch JOIN ingest ON ingest.rowid = batch.ingest
                    WHERE ingest.id = ? ORDER BY number
                    """), arguments: [ingest]
        ).map(BatchOutcome.init(row:))
    }
}

extension IngestRecord {
    init(row: Row) {
        self.init(
            id: row["id"], campaign: row["campaign"], fileName: row["file_name"], bytes: row["bytes"],
            sha256: (row["sha256"] as Data?).map { [UInt8]($0) }, receivedAt: row["received_at"])
    }

    /// In the order of the ledger's columns, from `id` to `received_at`.
    var arguments: StatementArguments {
        [id, campaign, fileName, bytes, sha256.map { Data($0) }, receivedAt]
    }
}

extension BatchOutcome {
    init(row: Row) {
        self.init(
            index: row["number"], contacts: row["contacts"], inserted: row["inserted"], updated: row["updated"],
            unchanged: row["unchanged"], superseded: row["superseded"])
    }
}

extension LedgerEntry {
    init(row: Row, _ db: Database) throws {
        let id: UUID = row["id"]
        ingest = IngestRecord(row: row)
        undoneBy = row["undone_by"]
        // The columns' CHECKs allow these words alone.
        state = IngestState(rawValue: row["state"]) ?? .applying
        outcome = (row["status"] as String?).flatMap(IngestStatus.init).map { status in
            IngestOutcome(
                status: status, code: row["code"], detail: row["detail"], manifest: row["manifest"],
                duplicateOf: row["duplicate_of"], rows: row["rows"], rejected: row["rejected"])
        }
        batches = try ContactStore.batches(of: id, db)
    }
}
