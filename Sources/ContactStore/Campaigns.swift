package import Contacts
import Foundation
import GRDB
import PhoneNumbers

extension ContactStore {
    /// The campaign of exactly this key, if there is one.
    package func campaign(_ key: String) throws -> Campaign? {
        try read { db in
            try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM campaign WHERE key = ?"), arguments: [key])
                .map(Campaign.init(row:))
        }
    }

    /// All campaigns, by key.
    package func campaigns() throws -> [Campaign] {
        try read { db in try Row.fetchAll(db, sql: "SELECT * FROM campaign ORDER BY key").map(Campaign.init(row:)) }
    }

    /// Adds a campaign with its status and settings.
    ///
    /// - Throws: `CampaignExists` when its key is taken.
    package func create(_ campaign: Campaign) throws {
        try write { db in
            var arguments = try campaign.settings
            arguments["status"] = campaign.status.rawValue
            try db.execute(
                sql: """
                    INSERT INTO campaign (key, name, status, default_region, default_timezone, column_rules, on_invalid,
                        max_invalid, refused_types, file_rules, limits, agent_defaults, org, created_at, updated_at)
                    VALUES (:key, :name, :status, :default_region, :default_timezone, :column_rules, :on_invalid,
                        :max_invalid, :refused_types, :file_rules, :limits, :agent_defaults, :org, :now, :now)
                    ON CONFLICT (key) DO NOTHING
                    """, arguments: StatementArguments(arguments))
            guard db.changesCount == 1 else { throw CampaignExists(key: campaign.key) }
        }
    }

    /// Replaces every setting of the campaign with this key, but not its status.
    ///
    /// - Throws: `CampaignUnknown` when there is none.
    package func update(_ campaign: Campaign) throws {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE campaign SET name = :name, default_region = :default_region,
                        default_timezone = :default_timezone, column_rules = :column_rules, on_invalid = :on_invalid,
                        max_invalid = :max_invalid, refused_types = :refused_types, file_rules = :file_rules,
                        limits = :limits, agent_defaults = :agent_defaults, org = :org, updated_at = :now
                    WHERE key = :key
                    """, arguments: StatementArguments(campaign.settings))
            guard db.changesCount == 1 else { throw CampaignUnknown(key: campaign.key) }
        }
    }

    /// Opens, pauses or closes a campaign; false when there is none of this key.
    package func setStatus(_ status: CampaignStatus, of key: String) throws -> Bool {
        try write { db in
            try db.execute(
                sql: "UPDATE campaign SET status = ?, updated_at = ? WHERE key = ?",
                arguments: [status.rawValue, Int64.now, key])
            return db.changesCount == 1
        }
    }
}

extension Campaign {
    /// Named arguments for everything that `update` may change, with the key and the time.
    fileprivate var settings: [String: (any DatabaseValueConvertible)?] {
        get throws {
            [
                "key": key, "name": name.withoutNUL, "org": org, "default_region": defaultRegion.map { "\($0)" },
                "default_timezone": defaultTimezone, "column_rules": try JSONText.encode(columnRules),
                "on_invalid": onInvalid.rawValue, "max_invalid": maxInvalid, "limits": try JSONText.encode(limits),
                "agent_defaults": try JSONText.encode(agentDefaults), "file_rules": try JSONText.encode(fileRules),
                "refused_types": try JSONText.encode(refusedTypes.sorted { $0.rawValue < $1.rawValue }),
                "now": Int64.now,
            ]
        }
    }

    init(row: Row) throws {
        self.init(
            key: row["key"], name: row["name"],
            defaultRegion: (row["default_region"] as String?).flatMap { RegionCode($0) })
        // The columns' CHECKs allow these words alone.
        status = CampaignStatus(rawValue: row["status"]) ?? .closed
        onInvalid = InvalidRowPolicy(rawValue: row["on_invalid"]) ?? .refuse
        org = row["org"]
        maxInvalid = row["max_invalid"]
        limits = try JSONText.decode(CampaignLimits.self, from: row["limits"])
        agentDefaults = try JSONText.decode(AgentOverrides.self, from: row["agent_defaults"])
        defaultTimezone = row["default_timezone"]
        refusedTypes = try JSONText.decode(Set<PhoneNumberType>.self, from: row["refused_types"])
        fileRules = try JSONText.decode(FileRules.self, from: row["file_rules"])
        columnRules = try JSONText.decode([ColumnRule].self, from: row["column_rules"])
    }
}

extension Int64 {
    /// Milliseconds since 1970.
    package static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
