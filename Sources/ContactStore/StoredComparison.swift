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

    /// Found by their External IDs, and without overrides, they can differ in the columns between alone.
    private static let several = """
        SELECT contact.rowid, contact.id, CASE WHEN \(Contact.differs(in: 2...5) { "column\($0)" }) THEN 1 ELSE 0 END, column6
        FROM (VALUES \((0..<together).map(row).joined(separator: ", "))) AS delivered
        LEFT JOIN contact ON contact.campaign = ?1 AND contact.external_id = column1 AND column1 IS NOT NULL
        """

    private static func row(_ index: Int) -> String {
        "(\((0..<each).map { "?\(first + Int32(index) * each + $0)" }.joined(separator: ", ")), \(index))"
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
        var found = [Found?](repeating: nil, count: Self.together)
        try several.forEach { found[Int(several.integer(3))] = Self.found(several) }
        return found
    }

    private static func found(_ row: RowStatement) -> Found? {
        row.id(1).map { (StoredIdentity(rowid: row.integer(0), id: $0), row.integer(2) != 0) }
    }
}

extension Contact {
    /// The columns that a delivery may carry, in the order in which `ContactTexts` binds them.
    private static let carried = [
        "external_id", "phone_numbers", "data", "timezone", "scheduled_at",
        "agent_id", "agent_config", "agent_number", "agent_version", "initial_context",
    ]

    /// SQL: whether a stored contact would change by the parameters that `ContactTexts` binds, from the first on.
    static let differs = differs(in: 1...10) { "?\($0)" }

    /// The same for some of the columns, counted from 1, with the delivered value of each as `value` writes it.
    static func differs(in columns: ClosedRange<Int>, _ value: (Int) -> String) -> String {
        let each = columns.map { "(\(value($0)) IS NOT NULL AND \(carried[$0 - 1]) IS NOT \(value($0)))" }
        return "(\(each.joined(separator: " OR ")))"
    }
}
