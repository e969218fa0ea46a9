package import Contacts
import Foundation
import GRDB

/// Who may use the API, as the store keeps it: the secret itself is nowhere.
package struct StoredToken: Sendable, Hashable {
    /// Public: the part of the token that it is found by.
    package var id: String
    package var salt: [UInt8]
    /// HMAC-SHA-256 of the secret under `salt`.
    package var hash: [UInt8]
    package var org: String
    package var scopes: Set<String>
    /// The keys of the campaigns that it is for; `nil`: all that its organisation sees.
    package var campaigns: Set<String>?
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var revokedAt: Int64?

    package init(id: String, salt: [UInt8], hash: [UInt8], org: String, scopes: Set<String>, campaigns: Set<String>?) {
        self.id = id
        self.salt = salt
        self.hash = hash
        self.org = org
        self.scopes = scopes
        self.campaigns = campaigns
        createdAt = .now
    }
}

extension ContactStore {
    /// Keeps a new token. Throws `StoreError`, also for an id that is there.
    package func add(_ token: StoredToken) throws {
        try write { db in
            try db.execute(
                sql: "INSERT INTO token (id, salt, hash, org, scopes, campaigns, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    token.id, Data(token.salt), Data(token.hash), token.org, try JSONText.encode(token.scopes.sorted()),
                    try token.campaigns.map { try JSONText.encode($0.sorted()) }, token.createdAt,
                ])
        }
    }

    /// The token of this id, revoked or not.
    package func token(_ id: String) throws -> StoredToken? {
        try read { db in
            try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM token WHERE id = ?"), arguments: [id]).map(StoredToken.init(row:))
        }
    }

    /// All tokens, oldest first.
    package func tokens() throws -> [StoredToken] {
        try read { db in try Row.fetchAll(db, sql: "SELECT * FROM token ORDER BY created_at, id").map(StoredToken.init(row:)) }
    }

    /// From now on the token opens nothing; false when there is none of this id.
    package func revokeToken(_ id: String) throws -> Bool {
        try write { db in
            try db.execute(sql: "UPDATE token SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", arguments: [Int64.now, id])
            return db.changesCount == 1
        }
    }
}

extension StoredToken {
    fileprivate init(row: Row) throws {
        self.init(
            id: row["id"], salt: [UInt8](row["salt"] as Data), hash: [UInt8](row["hash"] as Data), org: row["org"],
            scopes: try JSONText.decode(Set<String>.self, from: row["scopes"]),
            campaigns: try (row["campaigns"] as String?).map { try JSONText.decode(Set<String>.self, from: $0) })
        createdAt = row["created_at"]
        revokedAt = row["revoked_at"]
    }
}

/// The campaigns that somebody sees.
package struct CampaignAccess: Sendable, Hashable {
    package var org: String
    /// Keys; `nil`: all of the organisation's, and those that are nobody's.
    package var campaigns: Set<String>?

    package init(org: String, campaigns: Set<String>?) {
        self.org = org
        self.campaigns = campaigns
    }

    package func includes(_ campaign: Campaign) -> Bool {
        (campaign.org == nil || campaign.org == org) && campaigns?.contains(campaign.key) != false
    }

    /// SQL over `campaign`'s columns, with `arguments`.
    static let condition = "(org IS NULL OR org = :org) AND (:keys IS NULL OR key IN (SELECT value FROM json_each(:keys)))"

    var arguments: [String: (any DatabaseValueConvertible)?] {
        get throws { ["org": org, "keys": try campaigns.map { try JSONText.encode($0.sorted()) }] }
    }
}
