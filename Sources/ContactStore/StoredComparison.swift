import Contacts
import Foundation
import GRDB

/// Finds contacts of one campaign by their External IDs, and tells whether a delivery would change them.
struct StoredComparison {
    typealias Found = (stored: StoredIdentity, differs: Bool)

    /// How many are found with one statement.
    static let together = 20

    private let one: RowStatement
    private let several: RowStatement
    private let campaign: Int64

    init(campaign: Int64, _ db: Database) throws {
        self.campaign = campaign
        one = try RowStatement(Self.one, db)
        several = try RowStatement(Self.several, db)
    }

    /// As a condition, it ends where the first part is true, and passes over what the delivery does not carry.
    private static let one = """
        SELECT rowid, id, CASE WHEN \(Contact.differs) THEN 1 ELSE 0 END
        FROM contact WHERE campaign = ?11 AND external_id = ?1
        """

    private static let several = """
        SELECT contact.rowid, contact.id,
            CASE WHEN phone_numbers <> column2 OR (column3 IS NOT NULL AND data IS NOT column3)
                OR (column4 IS NOT NULL AND timezone IS NOT column4)
                OR (column5 IS NOT NULL AND scheduled_at IS NOT column5) THEN 1 ELSE 0 END
        FROM (VALUES \((0..<together).map(row).joined(separator: ", "))) AS delivered
        LEFT JOIN contact ON contact.campaign = ?1 AND contact.external_id = column1 AND column1 IS NOT NULL
        """

    private static func row(_ index: Int) -> String {
        "(\((0..<each).map { "?\(first + Int32(index) * each + $0)" }.joined(separator: ", ")))"
    }

    private static let first: Int32 = 2
    /// How many parameters a contact of `several` has.
    private static let each: Int32 = 5

    func find(_ position: Int, of texts: ContactTexts) throws -> Found? {
        guard texts.hasExternalID(position) else { return nil }
        one.clear()
        try texts.bind(position, to: one, from: 1)
        try one.bind(campaign, at: 11)
        return try one.first { Self.found(one) }
    }

    /// The same for `together` contacts without overrides, in their order.
    func find(_ group: ArraySlice<MatchedContact>, of texts: ContactTexts) throws -> [Found?] {
        several.clear()
        try several.bind(campaign, at: 1)
        for (index, matched) in group.enumerated() {
            try texts.bind(matched.position, to: several, from: Self.first + Int32(index) * Self.each)
        }
        var found: [Found?] = []
        found.reserveCapacity(Self.together)
        try several.forEach { found.append(Self.found(several)) }
        return found
    }

    private static func found(_ row: RowStatement) -> Found? {
        row.id(1).map { (StoredIdentity(rowid: row.integer(0), id: $0), row.integer(2) != 0) }
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
