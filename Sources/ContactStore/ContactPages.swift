package import Contacts
package import Foundation
import GRDB

/// Which of a campaign's contacts are wanted; what is `nil` does not matter.
package struct ContactFilter: Sendable, Hashable {
    package var status: ContactStatus?
    package var externalID: String?
    /// E.164; any of a contact's numbers.
    package var phone: String?

    package init() {}

    /// By indexes for the status and the external id; a number is looked for in each of the campaign's contacts, since an index
    /// of numbers would cost every insert.
    fileprivate var condition: String {
        var parts = ["contact.campaign = (SELECT rowid FROM campaign WHERE key = :campaign)"]
        switch status {
        case .pending: parts.append("(contact.status = 'pending' OR \(Self.expired))")
        case .locked: parts.append("contact.status = 'locked' AND NOT \(Self.expired)")
        case .some: parts.append("contact.status = :status")
        case nil: break
        }
        if externalID != nil { parts.append("contact.external_id = :external") }
        // Digits within quotes: no other number has them as a part.
        if phone != nil { parts.append("instr(contact.phone_numbers, :phone) > 0") }
        return parts.joined(separator: " AND ")
    }

    /// A lock that has run out is `pending`.
    static let expired = "(contact.status = 'locked' AND ifnull(contact.locked_until, 0) <= :now)"

    fileprivate func arguments(campaign: String, now: Int64) -> StatementArguments {
        var values: [String: (any DatabaseValueConvertible)?] = ["campaign": campaign]
        switch status {
        case .pending, .locked: values["now"] = now
        case .some(let status): values["status"] = status.rawValue
        case nil: break
        }
        if let externalID { values["external"] = externalID }
        if let phone { values["phone"] = "\"\(phone)\"" }
        return StatementArguments(values)
    }
}

extension ContactStore {
    /// A campaign's contacts in the order of their insertion, and how many there are in all.
    ///
    /// - Parameter now: milliseconds since 1970.
    package func contacts(
        campaign: String, _ filter: ContactFilter, limit: Int, offset: Int, now: Int64 = .now
    ) throws -> (contacts: [StoredContact], total: Int) {
        try read { db in
            let arguments = filter.arguments(campaign: campaign, now: now)
            let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM contact WHERE \(filter.condition)", arguments: arguments)
            let sql = StoredContact.selection("\(filter.condition) ORDER BY contact.rowid LIMIT \(max(0, limit)) OFFSET \(max(0, offset))")
            let contacts = try Row.fetchAll(db, sql: sql, arguments: arguments).map { try StoredContact(current: $0, now: now) }
            return (contacts, total ?? 0)
        }
    }

    /// The contact of this id in a campaign, its status as of `now`, in milliseconds since 1970.
    package func contact(_ id: UUID, campaign: String, now: Int64 = .now) throws -> StoredContact? {
        try one("contact.rowid = ? AND campaign.key = ?", { db in [try Self.row(of: id, db), campaign] }, now)
    }

    /// The contact that its sender calls `externalID` in a campaign, its status as of `now`, in milliseconds since 1970.
    package func contact(externalID: String, campaign: String, now: Int64) throws -> StoredContact? {
        try one("campaign.key = ? AND contact.external_id = ?", { _ in [campaign, externalID] }, now)
    }

    private func one(
        _ condition: String, _ arguments: (Database) throws -> StatementArguments, _ now: Int64
    ) throws -> StoredContact? {
        try read { db in
            try Row.fetchOne(db.cachedStatement(sql: StoredContact.selection(condition)), arguments: arguments(db))
                .map { try StoredContact(current: $0, now: now) }
        }
    }

    /// Removes a contact, and what was kept of it for an undo: undoing an ingest does not bring it back. False when there
    /// is no such contact in the campaign.
    package func delete(_ id: UUID, campaign: String) throws -> Bool {
        try failingReadably {
            var isDeleted = false
            try pool.writeInTransaction(.immediate) { db in
                guard let row = try Row.fetchOne(
                    db,
                    sql: "SELECT rowid, ingest FROM contact WHERE rowid = ? AND campaign = (SELECT rowid FROM campaign WHERE key = ?)",
                    arguments: [Self.row(of: id, db), campaign])
                else { return .rollback }
                try Self.forgetImages(of: row["rowid"], since: row["ingest"], db)
                try db.execute(sql: "DELETE FROM contact WHERE rowid = ?", arguments: [row["rowid"] as Int64])
                isDeleted = true
                return .commit
            }
            return isDeleted
        }
    }

    /// Each image names the ingest before it; to look for them by contact alone would read all images there are.
    private static func forgetImages(of contact: Int64, since ingest: Int64, _ db: Database) throws {
        var next: Int64? = ingest
        while let ingest = next {
            next = try Int64.fetchOne(
                db, sql: "SELECT previous FROM before_image WHERE ingest = ? AND contact = ?", arguments: [ingest, contact])
            try db.execute(sql: "DELETE FROM before_image WHERE ingest = ? AND contact = ?", arguments: [ingest, contact])
            if next == ingest { return }
        }
    }
}

extension StoredContact {
    fileprivate init(current row: Row, now: Int64) throws {
        try self.init(row: row)
        if status == .locked, (row["locked_until"] as Int64? ?? 0) <= now { status = .pending }
    }
}
