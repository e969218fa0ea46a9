import Contacts
import Foundation
import GRDB

/// Writes contacts that are new.
///
/// Several with one statement, since a statement costs half as much as a row; the ids carry the rows' numbers, see
/// `ContactIDSearch`.
struct NewContacts {
    /// How many go into the store with one statement.
    static let together = 20

    private let one: RowStatement
    private let several: RowStatement
    private var ids = TimeOrderedUUIDs()
    private let time = Date()
    private var lastRow: Int64
    private let campaign: Int64
    private let ingest: Int64

    init(campaign: Int64, ingest: Int64, _ db: Database) throws {
        self.campaign = campaign
        self.ingest = ingest
        lastRow = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(rowid) FROM contact")) ?? 0
        one = try RowStatement(Self.one, db)
        several = try RowStatement(Self.several, db)
    }

    /// The new contact's id, `named` or one of ours; `nil` when another of the campaign has its External ID, and nothing is
    /// changed.
    mutating func add(_ position: Int, of texts: ContactTexts, named: UUID? = nil) throws -> UUID? {
        try bindShared(one)
        try texts.bind(position, to: one, from: Self.first)
        let id = named ?? ids.next(at: time, row: lastRow + 1)
        try one.bind(id, at: Self.first + 10)
        try one.bind(named == nil ? 0 : 1, at: Self.first + 11)
        guard try one.run() > 0 else { return nil }
        lastRow += 1
        return id
    }

    /// Adds `together` contacts that bring neither an id nor overrides.
    ///
    /// - Returns: their ids in order, and whether all are new; one whose External ID another has is left out.
    mutating func addTogether(
        _ group: ArraySlice<MatchedContact>, of texts: ContactTexts
    ) throws -> (ids: [UUID], allNew: Bool) {
        try bindShared(several)
        var made: [UUID] = []
        made.reserveCapacity(Self.together)
        for (index, matched) in group.enumerated() {
            let parameter = Self.first + Int32(index) * Self.each
            try texts.bind(matched.position, to: several, from: parameter)
            made.append(ids.next(at: time, row: lastRow + 1 + Int64(index)))
            try several.bind(made[index], at: parameter + 5)
        }
        let added = try several.run()
        lastRow += Int64(Self.together)
        return (made, added == Self.together)
    }

    private func bindShared(_ statement: RowStatement) throws {
        statement.clear()
        try statement.bind(campaign, at: 1)
        try statement.bind(ingest, at: 2)
        try statement.bind(Int64(time.timeIntervalSince1970 * 1000), at: 3)
        try statement.bind(lastRow, at: 4)
    }

    /// Behind the parameters that all rows of a statement share.
    private static let first: Int32 = 5
    /// How many parameters a row of `several` has.
    private static let each: Int32 = 6

    private static let one = """
        INSERT INTO contact (rowid, campaign, ingest, created_by, created_at, updated_at,
            external_id, phone_numbers, data, timezone, scheduled_at,
            agent_id, agent_config, agent_number, agent_version, initial_context, id, foreign_id)
        VALUES (?4 + 1, ?1, ?2, ?2, ?3, ?3, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        \(orNothing)
        """

    /// An error undoes the transaction; without OR FAIL, SQLite would copy every page first, to undo the statement alone.
    private static let several = """
        INSERT OR FAIL INTO contact (rowid, campaign, ingest, created_by, created_at, updated_at, foreign_id,
            external_id, phone_numbers, data, timezone, scheduled_at, id)
        VALUES \((0..<together).map(row).joined(separator: ", "))
        \(orNothing)
        """

    private static func row(_ index: Int) -> String {
        let parameters = (0..<each).map { "?\(first + Int32(index) * each + $0)" }
        return "(?4 + \(index + 1), ?1, ?2, ?2, ?3, ?3, 0, \(parameters.joined(separator: ", ")))"
    }

    private static let orNothing = "ON CONFLICT (campaign, external_id) WHERE external_id IS NOT NULL DO NOTHING"
}
