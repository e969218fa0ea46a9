package import Contacts
package import Foundation
import GRDB

/// Campaigns and ingests as somebody with limited access sees them.
extension ContactStore {
    /// By key, each with the number of its contacts; and how many campaigns there are in all.
    package func campaigns(
        _ access: CampaignAccess, limit: Int, offset: Int
    ) throws -> (campaigns: [(campaign: Campaign, contacts: Int)], total: Int) {
        try read { db in
            let arguments = StatementArguments(try access.arguments)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT campaign.*, (SELECT count(*) FROM contact WHERE contact.campaign = campaign.rowid) AS contact_count
                    FROM campaign WHERE \(CampaignAccess.condition) ORDER BY key LIMIT \(max(0, limit)) OFFSET \(max(0, offset))
                    """, arguments: arguments)
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM campaign WHERE \(CampaignAccess.condition)", arguments: arguments)
            return (try rows.map { (try Campaign(row: $0), $0["contact_count"]) }, total ?? 0)
        }
    }

    /// The ingests of one campaign, or of all that are seen, newest first, without their manifests; and how many there are.
    package func ingests(
        _ access: CampaignAccess, campaign: String?, limit: Int, offset: Int
    ) throws -> (entries: [LedgerEntry], total: Int) {
        try read { db in
            var values = try access.arguments
            values["campaign"] = .some(campaign)
            let arguments = StatementArguments(values)
            let condition = """
                (:campaign IS NULL OR campaign = :campaign)
                AND campaign IN (SELECT key FROM campaign WHERE \(CampaignAccess.condition))
                """
            let entries = try Row.fetchAll(
                db,
                sql: """
                    SELECT rowid, id, campaign, file_name, bytes, sha256, received_at, state, status, code, detail,
                        NULL AS manifest, duplicate_of, rows, rejected, undone_by
                    FROM ingest WHERE \(condition) ORDER BY rowid DESC LIMIT \(max(0, limit)) OFFSET \(max(0, offset))
                    """, arguments: arguments
            ).map { try LedgerEntry(row: $0, db) }
            let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM ingest WHERE \(condition)", arguments: arguments)
            return (entries, total ?? 0)
        }
    }

    /// Whether no later ingest of the same file name has rejected rows of its own, which then lie under the same name.
    package func hasLatestRejectedRows(_ id: UUID) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT NOT EXISTS (SELECT 1 FROM ingest AS later JOIN ingest AS own ON own.id = ?
                        WHERE later.campaign = own.campaign AND later.file_name = own.file_name AND later.rowid > own.rowid
                            AND later.rejected > 0)
                    """, arguments: [id]) ?? false
        }
    }

    /// Removes a campaign that has no contacts; false when it has some, or there is none of this key.
    package func deleteEmptyCampaign(_ key: String) throws -> Bool {
        try write { db in
            try db.execute(
                sql: "DELETE FROM campaign WHERE key = ? AND NOT EXISTS (SELECT 1 FROM contact WHERE campaign = campaign.rowid)",
                arguments: [key])
            return db.changesCount == 1
        }
    }
}
