package import Foundation
import GRDB

extension ContactStore {
    /// What is wrong with the database's file and its references, a line each, at most 20; empty when all is well.
    ///
    /// Reads the whole file: SQLite's `quick_check` and `foreign_key_check`.
    package func integrityProblems() throws -> [String] {
        try read { db in
            let damage = try String.fetchAll(db, sql: "PRAGMA quick_check(10)").filter { $0 != "ok" }
            let orphans = try Row.fetchAll(db, sql: "SELECT * FROM pragma_foreign_key_check LIMIT 10").map { row in
                let (table, parent): (String, String) = (row[0], row[2])
                return "a row of \(table) refers to a row of \(parent) that is not there"
            }
            return damage + orphans
        }
    }

    /// Files by campaign and status, for campaigns of which there was any, by key.
    package func ingestCounts() throws -> [(campaign: String, counts: [IngestStatus: Int])] {
        try read { db in
            var counts: [String: [IngestStatus: Int]] = [:]
            for row in try Row.fetchAll(
                db, sql: "SELECT campaign, status, count(*) FROM ingest WHERE status IS NOT NULL GROUP BY 1, 2")
            {
                // The column's CHECK allows these words alone.
                if let status = IngestStatus(rawValue: row[1]) { counts[row[0], default: [:]][status] = row[2] }
            }
            return counts.sorted { $0.key < $1.key }.map { (campaign: $0.key, counts: $0.value) }
        }
    }

    /// Whether an ingest of the campaign is not done, or still has to be told of.
    package func hasUnfinishedIngests(campaign: String) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM ingest WHERE campaign = ?1 AND state <> 'done')
                        OR EXISTS (SELECT 1 FROM notice JOIN ingest ON ingest.rowid = notice.ingest WHERE campaign = ?1)
                    """, arguments: [campaign]) ?? true
        }
    }

    /// State, status and time of arrival (milliseconds since 1970) of an ingest; `nil` when it is unknown.
    package func standing(of ingest: UUID) throws -> IngestStanding? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT state, status, received_at FROM ingest WHERE id = ?"), arguments: [ingest]
            ).map {
                IngestStanding(
                    isDone: $0["state"] == IngestState.done.rawValue, status: ($0["status"] as String?).flatMap(IngestStatus.init),
                    receivedAt: $0["received_at"])
            }
        }
    }
}

/// Where an ingest stands, without its manifest.
package struct IngestStanding: Sendable, Hashable {
    package var isDone: Bool
    package var status: IngestStatus?
    /// Milliseconds since 1970.
    package var receivedAt: Int64
}
