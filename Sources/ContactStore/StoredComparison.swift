import Contacts
import Foundation
import GRDB

/// Finds contacts of one campaign by their External IDs, and tells whether a delivery would change them.
struct StoredComparison {
    typealias Found = (stored: StoredIdentity, differs: Bool)

    private let statement: RowStatement
    private let campaign: Int64

    init(campaign: Int64, _ db: Database) throws {
        self.campaign = campaign
        statement = try RowStatement(
            // As a condition, it ends where the first part is true, and passes over what the delivery does not carry.
            """
            SELECT rowid, id, CASE WHEN \(Contact.differs) THEN 1 ELSE 0 END
            FROM contact WHERE campaign = ?11 AND external_id = ?1
            """, db)
    }

    func find(_ contact: borrowing Contact) throws -> Found? {
        if contact.externalID == nil { return nil }
        statement.clear()
        try statement.bind(fieldsOf: contact, from: 1)
        try statement.bind(campaign, at: 11)
        return try statement.first {
            statement.id(1).map { (StoredIdentity(rowid: statement.integer(0), id: $0), statement.integer(2) != 0) }
        }
    }
}

extension RowStatement {
    /// Ten parameters from `first` on: the fields that a delivery may carry; those that it does not are left as they are. Five,
    /// without the overrides, where it has none.
    func bind(fieldsOf contact: borrowing Contact, from first: Int32) throws {
        try bind(contact.externalID, at: first)
        try JSONText.withPhoneNumbers(contact.phoneNumbers) { try bind(text: $0, at: first + 1) }
        try bind(contact.data, at: first + 2)
        try bind(contact.timezone, at: first + 3)
        try bind(contact.scheduledAt, at: first + 4)
        guard let overrides = contact.overrides else { return }
        try bind(overrides.agentID, at: first + 5)
        try bind(overrides.agentConfig, at: first + 6)
        try bind(overrides.agentNumber, at: first + 7)
        try bind(overrides.agentVersion, at: first + 8)
        try bind(overrides.initialContext, at: first + 9)
    }
}

extension Contact {
    /// SQL: whether a stored contact would change by the parameters that `bind(fieldsOf:from:)` binds, from the first on.
    static let differs = """
        (phone_numbers <> ?2 OR (?1 IS NOT NULL AND external_id IS NOT ?1) OR (?3 IS NOT NULL AND data IS NOT ?3)
            OR (?4 IS NOT NULL AND timezone IS NOT ?4) OR (?5 IS NOT NULL AND scheduled_at IS NOT ?5)
            OR (?6 IS NOT NULL AND agent_id IS NOT ?6) OR (?7 IS NOT NULL AND agent_config IS NOT ?7)
            OR (?8 IS NOT NULL AND agent_number IS NOT ?8) OR (?9 IS NOT NULL AND agent_version IS NOT ?9)
            OR (?10 IS NOT NULL AND initial_context IS NOT ?10))
        """
}
