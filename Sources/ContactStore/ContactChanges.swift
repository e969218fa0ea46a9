import Contacts
import Foundation
import GRDB

/// Writes the matched contacts of one batch.
struct ContactChanges {
    private let campaign: Int64
    private let ingest: Int64
    private let now = Int64.now
    private var newIDs = TimeOrderedUUIDs()
    private let insert: Statement
    private let update: Statement
    /// Keeps what a contact is before it changes; `nil` where nobody wants it.
    private let keep: Statement?
    private let db: Database

    init(campaign: Int64, ingest: Int64, keepsImages: Bool, _ db: Database) throws {
        self.campaign = campaign
        self.ingest = ingest
        self.db = db
        insert = try db.cachedStatement(
            sql: """
                INSERT INTO contact (external_id, phone_numbers, data, timezone, scheduled_at,
                    agent_id, agent_config, agent_number, agent_version, initial_context,
                    id, campaign, ingest, created_by, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?14)
                """)
        // A row that would stay as it is is not written: no page becomes dirty.
        // A contact that changes twice in one ingest keeps its first image, and counts as changed all the same.
        keep = try !keepsImages ? nil : db.cachedStatement(
            sql: """
                INSERT INTO before_image
                SELECT ?12, rowid, external_id, phone_numbers, data, timezone, scheduled_at, agent_id, agent_config,
                    agent_number, agent_version, initial_context, ingest, updated_at
                FROM contact WHERE rowid = ?11 AND \(Contact.differs)
                ON CONFLICT (ingest, contact) DO UPDATE SET contact = excluded.contact
                """)
        update = try db.cachedStatement(
            sql: """
                UPDATE contact SET external_id = coalesce(?1, external_id), phone_numbers = ?2, data = coalesce(?3, data),
                    timezone = coalesce(?4, timezone), scheduled_at = coalesce(?5, scheduled_at),
                    agent_id = coalesce(?6, agent_id), agent_config = coalesce(?7, agent_config),
                    agent_number = coalesce(?8, agent_number), agent_version = coalesce(?9, agent_version),
                    initial_context = coalesce(?10, initial_context), ingest = ?12, updated_at = ?13
                WHERE rowid = ?11 AND \(Contact.differs)
                """)
    }

    mutating func apply(_ matching: Matching, of rows: [PlacedContact], index: Int) throws -> BatchResult {
        var tally = BatchTally(matching, index: index)
        let date = Date()
        for contact in matching.contacts {
            let fields = try rows[contact.position].contact.fieldArguments
            switch contact.identity {
            case .stored(let stored):
                tally.count(try change(stored.rowid, fields) ? .updated : .unchanged, id: stored.id)
            case .new(let named):
                let id = named ?? newIDs.next(at: date)
                try insert.execute(arguments: StatementArguments(fields + [id, campaign, ingest, now]))
                tally.count(.inserted, id: id)
            }
        }
        return tally.result(matching)
    }
}

extension ContactChanges {
    /// Whether the contact was another before.
    private func change(_ rowid: Int64, _ fields: [(any DatabaseValueConvertible)?]) throws -> Bool {
        if let keep {
            try keep.execute(arguments: StatementArguments(fields + [rowid, ingest]))
            if db.changesCount == 0 { return false }
        }
        try update.execute(arguments: StatementArguments(fields + [rowid, ingest, now]))
        return db.changesCount > 0
    }
}

/// Counts what `ContactChanges` would do.
struct Rehearsal {
    private let differs: Statement

    init(_ db: Database) throws {
        differs = try db.cachedStatement(sql: "SELECT 1 FROM contact WHERE rowid = ?11 AND \(Contact.differs)")
    }

    func count(_ matching: Matching, of rows: [PlacedContact]) throws -> BatchResult {
        var tally = BatchTally(matching, index: 0)
        var newIDs = TimeOrderedUUIDs()
        for contact in matching.contacts {
            switch contact.identity {
            case .stored(let stored):
                let fields = try rows[contact.position].contact.fieldArguments + [stored.rowid]
                let changes = try Int.fetchOne(differs, arguments: StatementArguments(fields)) != nil
                tally.count(changes ? .updated : .unchanged, id: stored.id)
            case .new(let named): tally.count(.inserted, id: named ?? newIDs.next())
            }
        }
        return tally.result(matching)
    }
}

/// Adds up what becomes of the matched contacts, in their order.
private struct BatchTally {
    enum Change { case inserted, updated, unchanged }

    private var outcome: BatchOutcome
    private var ids: [UUID] = []

    init(_ matching: Matching, index: Int) {
        let applied = matching.indexes.count - matching.conflicts.count
        outcome = BatchOutcome(index: index, contacts: applied, superseded: applied - matching.contacts.count)
        ids.reserveCapacity(matching.contacts.count)
    }

    mutating func count(_ change: Change, id: UUID) {
        ids.append(id)
        switch change {
        case .inserted: outcome.inserted += 1
        case .updated: outcome.updated += 1
        case .unchanged: outcome.unchanged += 1
        }
    }

    func result(_ matching: Matching) -> BatchResult {
        BatchResult(
            outcome: outcome, conflicts: matching.conflicts, ids: matching.indexes.compactMap { $0.map { ids[$0] } })
    }
}

extension Contact {
    /// Arguments 1 to 10: the fields that a delivery may carry, NULL for those it does not.
    fileprivate var fieldArguments: [(any DatabaseValueConvertible)?] {
        get throws {
            [
                externalID, try JSONText.phoneNumbers(phoneNumbers), data, timezone, scheduledAt, overrides?.agentID,
                overrides?.agentConfig, overrides?.agentNumber, overrides?.agentVersion, overrides?.initialContext,
            ]
        }
    }

    /// SQL: whether a stored contact would change by `fieldArguments`.
    fileprivate static let differs = """
        (phone_numbers <> ?2 OR (?1 IS NOT NULL AND external_id IS NOT ?1) OR (?3 IS NOT NULL AND data IS NOT ?3)
            OR (?4 IS NOT NULL AND timezone IS NOT ?4) OR (?5 IS NOT NULL AND scheduled_at IS NOT ?5)
            OR (?6 IS NOT NULL AND agent_id IS NOT ?6) OR (?7 IS NOT NULL AND agent_config IS NOT ?7)
            OR (?8 IS NOT NULL AND agent_number IS NOT ?8) OR (?9 IS NOT NULL AND agent_version IS NOT ?9)
            OR (?10 IS NOT NULL AND initial_context IS NOT ?10))
        """
}
