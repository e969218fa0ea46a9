package import Contacts
package import Foundation
import GRDB

/// A contact as the store holds it. Encodes under the contact API's names, `data` as a JSON object, times as ISO 8601.
package struct StoredContact: Sendable, Hashable {
    package var id: UUID
    /// The campaign's key.
    package var campaign: String
    package var externalID: String?
    /// E.164, in dial order.
    package var phoneNumbers: [String]
    /// A JSON object, as text.
    package var data: String?
    /// IANA name.
    package var timezone: String?
    /// This and the other times: milliseconds since 1970.
    package var scheduledAt: Int64?
    package var agentID: String?
    package var agentConfig: String?
    package var agentNumber: String?
    package var agentVersion: String?
    package var initialContext: String?
    package var status: ContactStatus
    package var createdAt: Int64
    package var updatedAt: Int64
}

extension StoredContact: Encodable {
    private enum Key: String, CodingKey {
        case id
        case campaignID = "campaign_id"
        case externalID = "external_id"
        case phoneNumbers = "phone_numbers"
        case data, timezone
        case scheduledAt = "scheduled_at"
        case agentID = "agent_id"
        case agentConfig = "agent_config"
        case agentNumber = "agent_number"
        case agentVersion = "agent_version"
        case initialContext = "initial_context"
        case status
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    /// Fields without a value are `null`, so that every contact has the same members.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(id.text, forKey: .id)
        try container.encode(campaign, forKey: .campaignID)
        try container.encode(externalID, forKey: .externalID)
        try container.encode(phoneNumbers, forKey: .phoneNumbers)
        try container.encode(data.map(Self.value(of:)), forKey: .data)
        try container.encode(timezone, forKey: .timezone)
        try container.encode(scheduledAt?.iso8601, forKey: .scheduledAt)
        try container.encode(agentID, forKey: .agentID)
        try container.encode(agentConfig.map(Self.value(of:)), forKey: .agentConfig)
        try container.encode(agentNumber, forKey: .agentNumber)
        try container.encode(agentVersion, forKey: .agentVersion)
        try container.encode(initialContext.map(Self.value(of:)), forKey: .initialContext)
        try container.encode(status, forKey: .status)
        try container.encode(createdAt.iso8601, forKey: .createdAt)
        try container.encode(updatedAt.iso8601, forKey: .updatedAt)
    }

    /// A text that is no JSON goes out as it is.
    private static func value(of text: String) -> JSONValue {
        (try? JSONText.decode(JSONValue.self, from: text)) ?? .string(text)
    }
}

extension ContactStore {
    /// A campaign's contacts in the order of their insertion.
    package func contacts(campaign: String, limit: Int, offset: Int) throws -> [StoredContact] {
        try select("campaign.key = ? ORDER BY contact.rowid LIMIT ? OFFSET ?", [campaign, max(0, limit), max(0, offset)])
    }

    /// The contact of this id, in whichever campaign.
    package func contact(_ id: UUID) throws -> StoredContact? {
        try read { db in
            try Self.row(of: id, db).flatMap { try StoredContact.select("contact.rowid = ?", [$0], db).first }
        }
    }

    /// The contact that its sender calls `externalID` in a campaign.
    package func contact(externalID: String, campaign: String) throws -> StoredContact? {
        try select("campaign.key = ? AND contact.external_id = ?", [campaign, externalID]).first
    }

    /// How many contacts a campaign has; 0 for one that does not exist.
    package func count(campaign: String) throws -> Int {
        try read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM contact WHERE campaign = (SELECT rowid FROM campaign WHERE key = ?)",
                arguments: [campaign]) ?? 0
        }
    }

    /// Calls `body` with each of a campaign's contacts, in the order of their insertion, all as of one moment.
    package func forEachContact(campaign: String, _ body: (StoredContact) throws -> Void) throws {
        try read { db in
            let cursor = try Row.fetchCursor(
                db, sql: StoredContact.selection("campaign.key = ? ORDER BY contact.rowid"), arguments: [campaign])
            while let row = try cursor.next() { try body(StoredContact(row: row)) }
        }
    }

    /// The most phone numbers that one of the campaign's contacts has.
    package func mostPhoneNumbers(campaign: String) throws -> Int {
        try read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT max(json_array_length(phone_numbers)) FROM contact
                    WHERE campaign = (SELECT rowid FROM campaign WHERE key = ?)
                    """, arguments: [campaign]) ?? 0
        }
    }

    /// The ingest that last changed a contact; `nil` when there is no such contact.
    package func lastIngest(of contact: UUID) throws -> IngestRecord? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT ingest.* FROM ingest JOIN contact ON contact.ingest = ingest.rowid WHERE contact.rowid = ?",
                arguments: [Self.row(of: contact, db)]
            ).map(IngestRecord.init(row:))
        }
    }

    private func select(_ condition: String, _ arguments: StatementArguments) throws -> [StoredContact] {
        try read { db in try StoredContact.select(condition, arguments, db) }
    }
}

extension StoredContact {
    static func select(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws -> [StoredContact] {
        try Row.fetchAll(db.cachedStatement(sql: selection(condition)), arguments: arguments).map(StoredContact.init(row:))
    }

    static func selection(_ condition: String) -> String {
        """
        SELECT contact.*, campaign.key AS campaign_key
        FROM contact JOIN campaign ON campaign.rowid = contact.campaign WHERE \(condition)
        """
    }

    init(row: Row) throws {
        self.init(
            id: row["id"], campaign: row["campaign_key"], externalID: row["external_id"],
            phoneNumbers: try JSONText.decode([String].self, from: row["phone_numbers"]), data: row["data"],
            timezone: row["timezone"], scheduledAt: row["scheduled_at"], agentID: row["agent_id"],
            agentConfig: row["agent_config"], agentNumber: row["agent_number"], agentVersion: row["agent_version"],
            initialContext: row["initial_context"],
            // The column's CHECK allows these words alone.
            status: ContactStatus(rawValue: row["status"]) ?? .error, createdAt: row["created_at"],
            updatedAt: row["updated_at"])
    }
}
