import Contacts
import Foundation
import GRDB

/// Where a contact's public id leads: an id of ours carries its row's number, any other stands in an index.
///
/// An index of all ids would cost every insert a tenth of its time.
struct ContactIDSearch {
    private let statement: RowStatement

    init(_ db: Database) throws { statement = try RowStatement(Self.sql, db) }

    static let sql = """
        SELECT rowid, campaign FROM contact WHERE rowid = ?2 AND id = ?1
        UNION ALL SELECT rowid, campaign FROM contact WHERE id = ?1 AND foreign_id
        """

    /// The contact's row, and its campaign's.
    func row(of id: UUID) throws -> (rowid: Int64, campaign: Int64)? {
        try statement.bind(id, at: 1)
        try statement.bind(id.row, at: 2)
        return try statement.first { (statement.integer(0), statement.integer(1)) }
    }
}

extension ContactStore {
    static func row(of id: UUID, _ db: Database) throws -> Int64? { try ContactIDSearch(db).row(of: id)?.rowid }
}
