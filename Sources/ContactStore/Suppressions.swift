import Contacts
import Foundation
import GRDB

/// A number that must not be dialled.
package struct Suppression: Sendable, Hashable, Codable {
    /// E.164.
    package var number: String
    /// The campaign's key; `nil` for all of them.
    package var campaign: String?
    package var reason: String?
    /// Milliseconds since 1970.
    package var createdAt: Int64

    private enum CodingKeys: String, CodingKey {
        case number, reason
        case campaign = "campaign_id"
        case createdAt = "created_at"
    }
}

extension ContactStore {
    /// Suppresses numbers in E.164, for one campaign or, with `nil`, for all. Returns how many were not suppressed before.
    ///
    /// - Throws: `CampaignUnknown`.
    @discardableResult
    package func suppress(_ numbers: [String], campaign: String?, reason: String? = nil) throws -> Int {
        try write { db in
            let scope = try Self.scope(campaign, db)
            let statement = try db.cachedStatement(
                sql: "INSERT INTO suppression (number, campaign, reason, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            return try numbers.reduce(0) { added, number in
                try statement.execute(arguments: [number, scope, reason?.withoutNUL, Int64.now])
                return added + db.changesCount
            }
        }
    }

    /// Allows numbers again where they were suppressed: for one campaign or, with `nil`, for all. Returns how many were.
    ///
    /// - Throws: `CampaignUnknown`.
    @discardableResult
    package func unsuppress(_ numbers: [String], campaign: String?) throws -> Int {
        try write { db in
            let scope = try Self.scope(campaign, db)
            let statement = try db.cachedStatement(sql: "DELETE FROM suppression WHERE number = ? AND campaign = ?")
            return try numbers.reduce(0) { removed, number in
                try statement.execute(arguments: [number, scope])
                return removed + db.changesCount
            }
        }
    }

    /// What is suppressed, by number; with a campaign, what counts for it.
    ///
    /// - Throws: `CampaignUnknown`.
    package func suppressions(campaign: String? = nil, limit: Int, offset: Int) throws -> [Suppression] {
        try read { db in
            let scope = try campaign.map { try Self.scope($0, db) }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT number, key, reason, suppression.created_at FROM suppression
                    LEFT JOIN campaign ON campaign.rowid = suppression.campaign
                    WHERE ?1 IS NULL OR suppression.campaign IN (0, ?1)
                    ORDER BY number, suppression.campaign LIMIT ?2 OFFSET ?3
                    """, arguments: [scope, max(0, limit), max(0, offset)]
            ).map { Suppression(number: $0[0], campaign: $0[1], reason: $0[2], createdAt: $0[3]) }
        }
    }

    /// Tells of some numbers which are suppressed for a campaign; `nil` when none at all is, as in most stores.
    package func suppressionCheck(campaign key: String) throws -> (@Sendable ([String]) throws -> Set<String>)? {
        let (scope, isEmpty) = try read { db in
            (
                try Int64.fetchOne(db.cachedStatement(sql: "SELECT rowid FROM campaign WHERE key = ?"), arguments: [key]) ?? 0,
                try Int.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM suppression LIMIT 1")) == nil
            )
        }
        if isEmpty { return nil }
        return { numbers in try read { db in try Self.suppressed(among: numbers, campaign: scope, db) } }
    }

    static func suppressed(among numbers: [String], campaign: Int64, _ db: Database) throws -> Set<String> {
        let statement = try db.cachedStatement(sql: "SELECT 1 FROM suppression WHERE number = ? AND campaign IN (0, ?)")
        return Set(try numbers.filter { try Int.fetchOne(statement, arguments: [$0, campaign]) != nil })
    }

    private static func scope(_ campaign: String?, _ db: Database) throws -> Int64 {
        guard let campaign else { return 0 }
        guard let row = try Int64.fetchOne(db, sql: "SELECT rowid FROM campaign WHERE key = ?", arguments: [campaign]) else {
            throw CampaignUnknown(key: campaign)
        }
        return row
    }
}
