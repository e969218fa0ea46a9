import Contacts
import Foundation
import GRDB

/// Writes the matched contacts of one batch.
struct ContactChanges {
    private let ingest: Int64
    private let now = Int64.now
    private var new: NewContacts
    private let search: ExternalIDSearch
    /// How many contacts in a row, up to the last one that External IDs alone told of, were new.
    private var newInARow = NewContacts.together
    private let update: RowStatement
    /// Keeps what a contact is before it changes; `nil` where nobody wants it.
    private let keep: RowStatement?

    init(campaign: Int64, ingest: Int64, keepsImages: Bool, _ db: Database) throws {
        self.ingest = ingest
        new = try NewContacts(campaign: campaign, ingest: ingest, db)
        search = try ExternalIDSearch(campaign: campaign, db)
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

    mutating func apply(_ matching: Matching, of rows: Span<PlacedContact>, index: Int) throws -> BatchResult {
        var tally = BatchTally(matching, index: index)
        var rest = matching.contacts[...]
        while let next = rest.first {
            if let group = together(rest, rows) {
                try addOrChange(group, rows, &tally)
                rest = rest.dropFirst(group.count)
            } else {
                let (change, id) = try write(next, rows)
                tally.count(change, id: id)
                rest = rest.dropFirst()
            }
        }
        return tally.result(matching)
    }
}

extension ContactChanges {
    private mutating func write(_ matched: MatchedContact, _ rows: Span<PlacedContact>) throws -> (BatchTally.Change, UUID) {
        switch matched.identity {
        case .stored(let stored):
            return (try change(stored.rowid, rows[matched.position].contact) ? .updated : .unchanged, stored.id)
        case .new(let named):
            guard let id = try new.add(rows[matched.position].contact, named: named) else { throw Self.unexpected }
            return (.inserted, id)
        case .byExternalID:
            return try addOrChange(matched.position, rows)
        }
    }

    /// Tries first what the contact before it was: most files are all new or all known, and so each costs one search.
    private mutating func addOrChange(_ position: Int, _ rows: Span<PlacedContact>) throws -> (BatchTally.Change, UUID) {
        if newInARow > 0, let id = try new.add(rows[position].contact) {
            newInARow += 1
            return (.inserted, id)
        }
        if let stored = try search.contact(rows[position].contact.externalID) {
            newInARow = 0
            return (try change(stored.rowid, rows[position].contact) ? .updated : .unchanged, stored.id)
        }
        newInARow = 1
        guard let id = try new.add(rows[position].contact) else { throw Self.unexpected }
        return (.inserted, id)
    }

    /// The next contacts, where one statement for them all is worth trying.
    private func together(_ rest: ArraySlice<MatchedContact>, _ rows: Span<PlacedContact>) -> ArraySlice<MatchedContact>? {
        guard newInARow >= NewContacts.together, rest.count >= NewContacts.together else { return nil }
        let group = rest.prefix(NewContacts.together)
        for matched in group {
            guard matched.identity == .byExternalID || matched.identity == .new(nil) else { return nil }
            guard rows[matched.position].contact.overrides == nil else { return nil }
        }
        return group
    }

    private mutating func addOrChange(
        _ group: ArraySlice<MatchedContact>, _ rows: Span<PlacedContact>, _ tally: inout BatchTally
    ) throws {
        let (ids, allNew) = try new.addTogether { statement, index, parameter in
            try statement.bind(fieldsOf: rows[group[group.startIndex + index].position].contact, from: parameter)
        }
        for (matched, id) in zip(group, ids) {
            guard !allNew, let stored = try search.contact(rows[matched.position].contact.externalID), stored.id != id else {
                tally.count(.inserted, id: id)
                continue
            }
            newInARow = 0
            guard matched.identity == .byExternalID else { throw Self.unexpected }
            tally.count(try change(stored.rowid, rows[matched.position].contact) ? .updated : .unchanged, id: stored.id)
        }
    }

    private static var unexpected: DatabaseError {
        DatabaseError(resultCode: .SQLITE_CONSTRAINT, message: "a contact that was not there is there")
    }

    /// Whether the contact was another before.
    private func change(_ rowid: Int64, _ contact: borrowing Contact) throws -> Bool {
        if let keep {
            keep.clear()
            try keep.bind(fieldsOf: contact, from: 1)
            try keep.bind(rowid, at: 11)
            try keep.bind(ingest, at: 12)
            if try keep.run() == 0 { return false }
        }
        update.clear()
        try update.bind(fieldsOf: contact, from: 1)
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

    func count(_ matching: Matching, of rows: Span<PlacedContact>) throws -> BatchResult {
        var tally = BatchTally(matching, index: 0)
        var newIDs = TimeOrderedUUIDs()
        for contact in matching.contacts {
            let fields = rows[contact.position].contact
            switch contact.identity {
            case .stored(let stored): try count(stored, fields, in: &tally)
            case .new(let named): tally.count(.inserted, id: named ?? newIDs.next())
            case .byExternalID:
                if let stored = try search?.contact(fields.externalID) {
                    try count(stored, fields, in: &tally)
                } else {
                    tally.count(.inserted, id: newIDs.next())
                }
            }
        }
        return tally.result(matching)
    }

    private func count(_ stored: StoredIdentity, _ fields: Contact, in tally: inout BatchTally) throws {
        differs.clear()
        try differs.bind(fieldsOf: fields, from: 1)
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
    /// Ten parameters from `first` on: the fields that a delivery may carry; those that it does not are left as they are. Five,
    /// without the overrides, where it has none.
    func bind(fieldsOf contact: borrowing Contact, from first: Int32) throws {
        try bind(contact.externalID, at: first)
        try JSONText.withPhoneNumbers(contact.phoneNumbers) { try bind(text: $0, at: first + 1) }
        try bind(contact.data, at: first + 2)
        try bind(contact.timezone, at: first + 3)
        try bind(contact.scheduledAt, at: first + 4)
        guard let overrides = contact.overrides else { return }
        try bind(overrides.agentID, at: first + 5)
        try bind(overrides.agentConfig, at: first + 6)
        try bind(overrides.agentNumber, at: first + 7)
        try bind(overrides.agentVersion, at: first + 8)
        try bind(overrides.initialContext, at: first + 9)
    }
}

extension Contact {
    /// SQL: whether a stored contact would change by the parameters that `bind(fieldsOf:from:)` binds, from the first on.
    fileprivate static let differs = """
        (phone_numbers <> ?2 OR (?1 IS NOT NULL AND external_id IS NOT ?1) OR (?3 IS NOT NULL AND data IS NOT ?3)
            OR (?4 IS NOT NULL AND timezone IS NOT ?4) OR (?5 IS NOT NULL AND scheduled_at IS NOT ?5)
            OR (?6 IS NOT NULL AND agent_id IS NOT ?6) OR (?7 IS NOT NULL AND agent_config IS NOT ?7)
            OR (?8 IS NOT NULL AND agent_number IS NOT ?8) OR (?9 IS NOT NULL AND agent_version IS NOT ?9)
            OR (?10 IS NOT NULL AND initial_context IS NOT ?10))
        """
}
