import Contacts
import Foundation
import GRDB

/// Writes the matched contacts of one batch.
struct ContactChanges {
    private let campaign: Int64
    private let ingest: Int64
    private let now = Int64.now
    private var newIDs = TimeOrderedUUIDs()
    private let date = Date()
    private let search: ExternalIDSearch
    /// Whether the last contact that was told by its external id alone was new.
    private var expectsNew = true
    private let insert: RowStatement
    private let update: RowStatement
    /// Keeps what a contact is before it changes; `nil` where nobody wants it.
    private let keep: RowStatement?

    init(campaign: Int64, ingest: Int64, keepsImages: Bool, _ db: Database) throws {
        self.campaign = campaign
        self.ingest = ingest
        search = try ExternalIDSearch(campaign: campaign, db)
        insert = try RowStatement(
            """
                INSERT INTO contact (external_id, phone_numbers, data, timezone, scheduled_at,
                    agent_id, agent_config, agent_number, agent_version, initial_context,
                    id, campaign, ingest, created_by, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?14)
                ON CONFLICT (campaign, external_id) WHERE external_id IS NOT NULL DO NOTHING
                """, db)
        // A row that would stay as it is is not written: no page becomes dirty.
        // A contact that changes twice in one ingest keeps its first image, and counts as changed all the same.
        keep = try !keepsImages ? nil : RowStatement(
            """
                INSERT INTO before_image
                SELECT ?12, rowid, external_id, phone_numbers, data, timezone, scheduled_at, agent_id, agent_config,
                    agent_number, agent_version, initial_context, ingest, updated_at
                FROM contact WHERE rowid = ?11 AND \(Contact.differs)
                ON CONFLICT (ingest, contact) DO UPDATE SET contact = excluded.contact
                """, db)
        update = try RowStatement(
            """
                UPDATE contact SET external_id = coalesce(?1, external_id), phone_numbers = ?2, data = coalesce(?3, data),
                    timezone = coalesce(?4, timezone), scheduled_at = coalesce(?5, scheduled_at),
                    agent_id = coalesce(?6, agent_id), agent_config = coalesce(?7, agent_config),
                    agent_number = coalesce(?8, agent_number), agent_version = coalesce(?9, agent_version),
                    initial_context = coalesce(?10, initial_context), ingest = ?12, updated_at = ?13
                WHERE rowid = ?11 AND \(Contact.differs)
                """, db)
    }

    mutating func apply(_ matching: Matching, of rows: [PlacedContact], index: Int) throws -> BatchResult {
        var tally = BatchTally(matching, index: index)
        for matched in matching.contacts {
            let contact = rows[matched.position].contact
            switch matched.identity {
            case .stored(let stored):
                tally.count(try change(stored.rowid, contact) ? .updated : .unchanged, id: stored.id)
            case .new(let named):
                let id = named ?? newIDs.next(at: date)
                guard try add(contact, id) else {
                    throw DatabaseError(resultCode: .SQLITE_CONSTRAINT, message: "a contact that was not there is there")
                }
                tally.count(.inserted, id: id)
            case .byExternalID:
                let (what, id) = try addOrChange(contact)
                tally.count(what, id: id)
            }
        }
        return tally.result(matching)
    }
}

extension ContactChanges {
    /// Tries first what the contact before it was: most files are all new or all known, and so each costs one search.
    private mutating func addOrChange(_ contact: Contact) throws -> (BatchTally.Change, UUID) {
        let id = newIDs.next(at: date)
        if expectsNew, try add(contact, id) { return (.inserted, id) }
        if let key = contact.externalID, let stored = try search.contact(key) {
            expectsNew = false
            return (try change(stored.rowid, contact) ? .updated : .unchanged, stored.id)
        }
        expectsNew = true
        guard try add(contact, id) else {
            throw DatabaseError(resultCode: .SQLITE_CONSTRAINT, message: "a contact is there and cannot be found")
        }
        return (.inserted, id)
    }

    /// Whether nobody of the campaign had its external id, and it is there now.
    private func add(_ contact: Contact, _ id: UUID) throws -> Bool {
        try insert.bind(fieldsOf: contact)
        try insert.bind(id, at: 11)
        try insert.bind(campaign, at: 12)
        try insert.bind(ingest, at: 13)
        try insert.bind(now, at: 14)
        return try insert.run() > 0
    }

    /// Whether the contact was another before.
    private func change(_ rowid: Int64, _ contact: Contact) throws -> Bool {
        if let keep {
            try keep.bind(fieldsOf: contact)
            try keep.bind(rowid, at: 11)
            try keep.bind(ingest, at: 12)
            if try keep.run() == 0 { return false }
        }
        try update.bind(fieldsOf: contact)
        try update.bind(rowid, at: 11)
        try update.bind(ingest, at: 12)
        try update.bind(now, at: 13)
        return try update.run() > 0
    }
}

/// Counts what `ContactChanges` would do.
struct Rehearsal {
    private let differs: RowStatement
    private let search: ExternalIDSearch?

    init(campaign: Int64?, _ db: Database) throws {
        search = try campaign.map { try ExternalIDSearch(campaign: $0, db) }
        differs = try RowStatement("SELECT 1 FROM contact WHERE rowid = ?11 AND \(Contact.differs)", db)
    }

    func count(_ matching: Matching, of rows: [PlacedContact]) throws -> BatchResult {
        var tally = BatchTally(matching, index: 0)
        var newIDs = TimeOrderedUUIDs()
        for contact in matching.contacts {
            let fields = rows[contact.position].contact
            switch contact.identity {
            case .stored(let stored): try count(stored, fields, in: &tally)
            case .new(let named): tally.count(.inserted, id: named ?? newIDs.next())
            case .byExternalID:
                if let stored = try fields.externalID.flatMap({ try search?.contact($0) }) {
                    try count(stored, fields, in: &tally)
                } else {
                    tally.count(.inserted, id: newIDs.next())
                }
            }
        }
        return tally.result(matching)
    }

    private func count(_ stored: StoredIdentity, _ fields: Contact, in tally: inout BatchTally) throws {
        try differs.bind(fieldsOf: fields)
        try differs.bind(stored.rowid, at: 11)
        tally.count(try differs.first { true } != nil ? .updated : .unchanged, id: stored.id)
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

extension RowStatement {
    /// Parameters 1 to 10: the fields that a delivery may carry, NULL for those it does not and for all others.
    fileprivate func bind(fieldsOf contact: Contact) throws {
        clear()
        try bind(contact.externalID, at: 1)
        try JSONText.withPhoneNumbers(contact.phoneNumbers) { try bind(text: $0, at: 2) }
        try bind(contact.data, at: 3)
        try bind(contact.timezone, at: 4)
        try bind(contact.scheduledAt, at: 5)
        guard let overrides = contact.overrides else { return }
        try bind(overrides.agentID, at: 6)
        try bind(overrides.agentConfig, at: 7)
        try bind(overrides.agentNumber, at: 8)
        try bind(overrides.agentVersion, at: 9)
        try bind(overrides.initialContext, at: 10)
    }
}

extension Contact {
    /// SQL: whether a stored contact would change by the parameters that `bind(fieldsOf:)` binds.
    fileprivate static let differs = """
        (phone_numbers <> ?2 OR (?1 IS NOT NULL AND external_id IS NOT ?1) OR (?3 IS NOT NULL AND data IS NOT ?3)
            OR (?4 IS NOT NULL AND timezone IS NOT ?4) OR (?5 IS NOT NULL AND scheduled_at IS NOT ?5)
            OR (?6 IS NOT NULL AND agent_id IS NOT ?6) OR (?7 IS NOT NULL AND agent_config IS NOT ?7)
            OR (?8 IS NOT NULL AND agent_number IS NOT ?8) OR (?9 IS NOT NULL AND agent_version IS NOT ?9)
            OR (?10 IS NOT NULL AND initial_context IS NOT ?10))
        """
}
