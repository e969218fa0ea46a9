import Contacts
package import Foundation
import GRDB

/// What taking an ingest back did.
package struct UndoResult: Sendable, Hashable {
    /// Contacts that the ingest had brought, and that are gone.
    package var removed: Int
    /// Contacts that the ingest had changed, and that are as they were.
    package var restored: Int

    package init(removed: Int, restored: Int) {
        self.removed = removed
        self.restored = restored
    }
}

/// Why an ingest cannot be taken back; nothing was changed.
package struct UndoRefused: Error, CustomStringConvertible {
    package let ingest: UUID
    package let reason: String

    package init(ingest: UUID, reason: String) {
        self.ingest = ingest
        self.reason = reason
    }

    package var description: String { "ingest \(ingest.text) cannot be undone: \(reason)" }
}

extension ContactStore {
    /// Takes back what an ingest changed, in one transaction: contacts that it inserted are removed, those that it updated
    /// get their old fields. The ledger gets `undo` as an ingest of its own, and the same bytes may be delivered again.
    ///
    /// - Parameters:
    ///   - undo: the new ledger entry, in the ingest's own campaign.
    ///   - outcome: makes the entry's outcome from what was done.
    /// - Throws: `UndoRefused` when the ingest is unknown, unfinished, undone already or too old for its before-images, or
    ///   when a later ingest or a dialler has touched one of its contacts.
    package func undo(
        _ ingest: UUID, as undo: IngestRecord, outcome: (UndoResult) throws -> IngestOutcome
    ) throws -> UndoResult {
        try failingReadably {
            var result = UndoResult(removed: 0, restored: 0)
            try pool.writeInTransaction(.immediate) { db in
                let row = try Self.undoable(ingest, db)
                try Self.refuseTouched(ingest, row, db)
                try db.execute(literal: "INSERT INTO ingest (id, campaign, file_name, bytes, received_at, state) VALUES (\(undo.id), \(undo.campaign), \(undo.fileName), 0, \(undo.receivedAt), 'applying')")
                let undoRow = db.lastInsertedRowID
                // In this order: what was brought may hold an External ID that has to be given back.
                try db.execute(sql: "DELETE FROM contact WHERE \(Self.broughtBy)", arguments: ["ingest": row])
                result.removed = db.changesCount
                do { result.restored = try Self.restore(row, by: undoRow, db) } catch let error as DatabaseError
                    where error.resultCode == .SQLITE_CONSTRAINT
                {
                    throw UndoRefused(ingest: ingest, reason: "an External ID that it changed is another contact's by now")
                }
                try db.execute(sql: "DELETE FROM before_image WHERE ingest = ?", arguments: [row])
                try db.execute(sql: "UPDATE ingest SET undone_by = ? WHERE rowid = ?", arguments: [undo.id, row])
                let outcome = try outcome(result)
                try db.execute(
                    sql: "UPDATE ingest SET state = 'recorded', status = ?, code = ?, detail = ?, manifest = ?, rows = 0, rejected = 0 WHERE rowid = ?",
                    arguments: [outcome.status.rawValue, outcome.code, outcome.detail, outcome.manifest, undoRow])
                return .commit
            }
            return result
        }
    }

    /// Forgets the before-images of ingests that arrived before `time`, in milliseconds since 1970.
    package func forgetImages(before time: Int64) throws {
        try write { db in
            try db.execute(
                sql: "DELETE FROM before_image WHERE ingest <= (SELECT max(rowid) FROM ingest WHERE received_at < ?)",
                arguments: [time])
        }
    }

    /// The ingest's row, when it is one that changed something, is complete, and has all its before-images.
    private static func undoable(_ ingest: UUID, _ db: Database) throws -> Int64 {
        guard let row = try Row.fetchOne(db, sql: "SELECT rowid, state, status, undone_by FROM ingest WHERE id = ?", arguments: [ingest])
        else { throw UndoRefused(ingest: ingest, reason: "there is none of this id") }
        if let by = row["undone_by"] as UUID? { throw UndoRefused(ingest: ingest, reason: "it was, by \(by.text)") }
        guard row["state"] != IngestState.applying.rawValue else {
            throw UndoRefused(ingest: ingest, reason: "it is still being applied")
        }
        let rowid: Int64 = row["rowid"]
        let changed = try Int.fetchOne(db, sql: "SELECT total(updated) FROM batch WHERE ingest = ?", arguments: [rowid]) ?? 0
        let brought = try Int.fetchOne(db, sql: "SELECT total(inserted) FROM batch WHERE ingest = ?", arguments: [rowid]) ?? 0
        if changed + brought == 0 { throw UndoRefused(ingest: ingest, reason: "it changed nothing") }
        let images = try Int.fetchOne(db, sql: "SELECT count(*) FROM before_image WHERE ingest = ?", arguments: [rowid]) ?? 0
        guard images >= min(changed, 1) else {
            throw UndoRefused(ingest: ingest, reason: "what it changed is no longer kept (undo.keep)")
        }
        return rowid
    }

    private static func refuseTouched(_ ingest: UUID, _ row: Int64, _ db: Database) throws {
        let touched = try UUID.fetchAll(
            db,
            sql: """
                SELECT id FROM contact WHERE (\(broughtBy) OR rowid IN (SELECT contact FROM before_image WHERE ingest = :ingest))
                    AND (ingest <> :ingest OR status <> 'pending')
                ORDER BY rowid LIMIT 4
                """, arguments: ["ingest": row])
        guard !touched.isEmpty else { return }
        let names = touched.prefix(3).map(\.text).joined(separator: ", ") + (touched.count > 3 ? ", …" : "")
        throw UndoRefused(
            ingest: ingest, reason: "a later ingest or a dialler has touched its contacts since (\(names))")
    }

    private static let broughtBy = """
        (created_by = :ingest AND campaign = (SELECT rowid FROM campaign WHERE key = (SELECT campaign FROM ingest WHERE rowid = :ingest)))
        """

    private static func restore(_ ingest: Int64, by undo: Int64, _ db: Database) throws -> Int {
        // Two contacts may have exchanged their External IDs, which are unique row by row.
        try db.execute(
            sql: "UPDATE contact SET external_id = NULL WHERE rowid IN (SELECT contact FROM before_image WHERE ingest = ?)",
            arguments: [ingest])
        try db.execute(
            sql: """
                UPDATE contact SET external_id = old.external_id, phone_numbers = old.phone_numbers, data = old.data,
                    timezone = old.timezone, scheduled_at = old.scheduled_at, agent_id = old.agent_id,
                    agent_config = old.agent_config, agent_number = old.agent_number, agent_version = old.agent_version,
                    initial_context = old.initial_context, ingest = ?, updated_at = old.updated_at
                FROM before_image AS old WHERE old.ingest = ? AND old.contact = contact.rowid
                """, arguments: [undo, ingest])
        return db.changesCount
    }
}
