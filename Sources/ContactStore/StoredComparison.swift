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

    func find(_ position: Int, of texts: ContactTexts) throws -> Found? {
        guard texts.hasExternalID(position) else { return nil }
        statement.clear()
        try texts.bind(position, to: statement, from: 1)
        try statement.bind(campaign, at: 11)
        return try statement.first {
            statement.id(1).map { (StoredIdentity(rowid: statement.integer(0), id: $0), statement.integer(2) != 0) }
        }
    }
}

extension Contact {
    /// SQL: whether a stored contact would change by the parameters that `ContactTexts` binds, from the first on.
    static let differs = """
        (phone_numbers <> ?2 OR (?1 IS NOT NULL AND external_id IS NOT ?1) OR (?3 IS NOT NULL AND data IS NOT ?3)
            OR (?4 IS NOT NULL AND timezone IS NOT ?4) OR (?5 IS NOT NULL AND scheduled_at IS NOT ?5)
            OR (?6 IS NOT NULL AND agent_id IS NOT ?6) OR (?7 IS NOT NULL AND agent_config IS NOT ?7)
            OR (?8 IS NOT NULL AND agent_number IS NOT ?8) OR (?9 IS NOT NULL AND agent_version IS NOT ?9)
            OR (?10 IS NOT NULL AND initial_context IS NOT ?10))
        """
}
