package import Foundation
import GRDB

/// Ingests that are not done, or that ended without their contacts in the store.
extension ContactStore {
    /// Notes that nothing is left to do for every ingest whose outcome is settled, but for those whose files are
    /// still in hand: a process ended between archiving their originals and saying so.
    package func finishSettled(except inHand: [UUID]) throws {
        let settled = try read { db in try UUID.fetchAll(db, sql: "SELECT id FROM ingest WHERE state = 'recorded'") }
        for id in Set(settled).subtracting(inHand) { finish(id) }
    }

    /// The ingests that ended with this status, newest first, without their manifests.
    package func ingests(status: IngestStatus) throws -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        let ids = try read { db in
            try UUID.fetchAll(
                db, sql: "SELECT id FROM ingest WHERE status = ? ORDER BY rowid DESC", arguments: [status.rawValue])
        }
        for id in ids { if let entry = try ingest(id) { entries.append(entry) } }
        return entries
    }

    /// Forgets what became of an ingest that was given up, so that it goes on with its first batch that is not in the
    /// store. An ingest of any other outcome is left as it is.
    package func takeUpAgain(_ id: UUID) throws {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE ingest SET state = 'applying', status = NULL, code = NULL, detail = NULL, manifest = NULL,
                        duplicate_of = NULL, rows = NULL, rejected = NULL
                    WHERE id = ? AND status = 'failed'
                    """, arguments: [id])
        }
    }
}
