package import Contacts
package import Foundation
import GRDB

extension ContactStore {
    /// Hands out contacts to be dialled, and locks them for whoever asked: pending, due by `scheduled_at`, the longest due
    /// first, in order of arrival among equals. None while the campaign is paused or closed.
    ///
    /// One transaction, so two diallers never get the same contact. A lock that runs out returns its contact to `pending`.
    ///
    /// - Parameters:
    ///   - lease: how long they stay locked unless they are marked before.
    ///   - now: milliseconds since 1970.
    /// - Throws: `CampaignUnknown`.
    package func next(campaign: String, limit: Int, lease: Duration, now: Int64 = .now) throws -> [StoredContact] {
        try failingReadably {
            var taken: [StoredContact] = []
            try pool.writeInTransaction(.immediate) { db in
                guard let row = try Self.dialledCampaign(campaign, db) else { return .rollback }
                try Self.returnExpired("campaign = ?", [row], now: now, db)
                let until = now.addingReportingOverflow(Int64(lease / .milliseconds(1))).partialValue
                // A contact whose numbers are all suppressed by now is put aside, and another takes its place.
                while taken.count < limit {
                    let rowids = try Self.due(campaign: row, limit: limit - taken.count, now: now, db)
                    if rowids.isEmpty { break }
                    for rowid in rowids { taken += try Self.lock(rowid, of: row, until: until, db) }
                }
                return .commit
            }
            return taken
        }
    }

    /// Sets where a contact stands. Setting what it is already changes nothing.
    ///
    /// - Parameter now: milliseconds since 1970.
    /// - Throws: `ContactUnknown`; `StatusRefused` for a change that the order of statuses does not have.
    package func mark(_ id: UUID, _ status: ContactStatus, now: Int64 = .now) throws {
        try failingReadably {
            try pool.writeInTransaction(.immediate) { db in
                guard let row = try Self.row(of: id, db) else { throw ContactUnknown(id: id) }
                try Self.returnExpired("rowid = ?", [row], now: now, db)
                let statement = try db.cachedStatement(sql: "SELECT status FROM contact WHERE rowid = ?")
                guard let text = try String.fetchOne(statement, arguments: [row]) else { throw ContactUnknown(id: id) }
                // The column's CHECK allows these words alone.
                let old = ContactStatus(rawValue: text) ?? .error
                guard old != status else { return .commit }
                guard old.followers.contains(status), status != .locked else { throw StatusRefused(id: id, old: old, new: status) }
                try db.cachedStatement(sql: "UPDATE contact SET status = ?, locked_until = NULL WHERE rowid = ?")
                    .execute(arguments: [status.rawValue, row])
                return .commit
            }
        }
    }

    /// How many contacts a campaign has in each status, those without any included; a lock that has run out is `pending`.
    ///
    /// - Parameter now: milliseconds since 1970.
    package func statusCounts(campaign: String, now: Int64 = .now) throws -> [ContactStatus: Int] {
        try read { db in
            let condition = "campaign = (SELECT rowid FROM campaign WHERE key = ?)"
            let rows = try Row.fetchAll(
                db, sql: "SELECT status, count(*) FROM contact WHERE \(condition) GROUP BY status", arguments: [campaign])
            let expired = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM contact WHERE \(condition) AND status = 'locked' AND locked_until <= ?",
                arguments: [campaign, now])
            var counts = Dictionary(uniqueKeysWithValues: ContactStatus.allCases.map { ($0, 0) })
            for row in rows { if let status = ContactStatus(rawValue: row[0]) { counts[status] = row[1] } }
            counts[.locked, default: 0] -= expired ?? 0
            counts[.pending, default: 0] += expired ?? 0
            return counts
        }
    }

    /// The contact, locked and without suppressed numbers; none when it has no other number, and then it is an `error`.
    private static func lock(_ rowid: Int64, of campaign: Int64, until: Int64, _ db: Database) throws -> [StoredContact] {
        try db.cachedStatement(sql: "UPDATE contact SET status = 'locked', locked_until = ? WHERE rowid = ?")
            .execute(arguments: [until, rowid])
        guard var contact = try StoredContact.select("contact.rowid = ?", [rowid], db).first else { return [] }
        let suppressed = try Self.suppressed(among: contact.phoneNumbers, campaign: campaign, db)
        if suppressed.isEmpty { return [contact] }
        contact.phoneNumbers.removeAll { suppressed.contains($0) }
        if contact.phoneNumbers.isEmpty {
            for status in [ContactStatus.inProgress, .error] {
                try db.execute(
                    sql: "UPDATE contact SET status = ?, locked_until = NULL WHERE rowid = ?", arguments: [status.rawValue, rowid])
            }
            return []
        }
        try db.execute(
            sql: "UPDATE contact SET phone_numbers = ? WHERE rowid = ?",
            arguments: [JSONText.withPhoneNumbers(contact.phoneNumbers) { String(decoding: $0, as: UTF8.self) }, rowid])
        return [contact]
    }

    /// The campaign's row; `nil` when nobody is to be dialled for it.
    private static func dialledCampaign(_ key: String, _ db: Database) throws -> Int64? {
        let statement = try db.cachedStatement(sql: "SELECT rowid, status FROM campaign WHERE key = ?")
        guard let row = try Row.fetchOne(statement, arguments: [key]) else { throw CampaignUnknown(key: key) }
        return row["status"] == CampaignStatus.active.rawValue ? row["rowid"] : nil
    }

    private static func returnExpired(_ condition: String, _ arguments: StatementArguments, now: Int64, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE contact SET status = 'pending', locked_until = NULL
                WHERE \(condition) AND status = 'locked' AND locked_until <= ?
                """
        ).execute(arguments: arguments + [now])
    }

    /// In the index's own order, in which those without a time come first.
    private static func due(campaign: Int64, limit: Int, now: Int64, _ db: Database) throws -> [Int64] {
        let statement = try db.cachedStatement(sql: dueSQL)
        var rowids: [Int64] = []
        let cursor = try Row.fetchCursor(statement, arguments: [campaign])
        while rowids.count < limit, let row = try cursor.next() {
            if let time = row[1] as Int64?, time > now { break }
            rowids.append(row[0])
        }
        return rowids
    }

    static let dueSQL = """
        SELECT rowid, scheduled_at FROM contact WHERE campaign = ? AND status = 'pending' ORDER BY scheduled_at, rowid
        """
}

/// The store has no contact of this id.
package struct ContactUnknown: Error, CustomStringConvertible {
    package let id: UUID
    package var description: String { "there is no contact \"\(id.text)\"" }
}

/// A contact cannot go from one status straight to another.
package struct StatusRefused: Error, CustomStringConvertible {
    package let id: UUID
    package let old: ContactStatus
    package let new: ContactStatus

    package var description: String {
        let allowed = old.followers.filter { $0 != .locked }.map(\.rawValue).joined(separator: ", ")
        let hint = old == .pending ? "contacts next locks it first" : "it may become \(allowed)"
        return "contact \(id.text) is \(old.rawValue) and cannot become \(new.rawValue); \(hint)"
    }
}
