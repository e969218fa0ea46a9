import Contacts
import Foundation
import GRDB

/// Writes the matched contacts of one batch.
struct ContactChanges {
    private let ingest: Int64
    private let now = Int64.now
    private var new: NewContacts
    private let comparison: StoredComparison
    /// How many contacts in a row, up to the last one that External IDs told of, were new.
    private var newInARow = NewContacts.together
    private let update: RowStatement
    /// Keeps what a contact is before it changes; `nil` where nobody wants it.
    private let keep: RowStatement?

    init(campaign: Int64, ingest: Int64, keepsImages: Bool, _ db: Database) throws {
        self.ingest = ingest
        new = try NewContacts(campaign: campaign, ingest: ingest, db)
        comparison = try StoredComparison(campaign: campaign, db)
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

    mutating func apply(_ matching: Matching, of texts: ContactTexts, index: Int) throws -> BatchResult {
        var tally = BatchTally(matching, index: index)
        var rest = matching.contacts[...]
        while let next = rest.first {
            if newInARow >= NewContacts.together, let group = together(rest, NewContacts.together, texts) {
                try addOrChange(group, texts, &tally)
                rest = rest.dropFirst(group.count)
            } else if newInARow == 0, let group = together(rest, StoredComparison.together, texts) {
                try changeOrAdd(group, texts, &tally)
                rest = rest.dropFirst(group.count)
            } else {
                let (change, id) = try write(next, texts)
                tally.count(change, id: id)
                rest = rest.dropFirst()
            }
        }
        return tally.result(matching)
    }
}

extension ContactChanges {
    private mutating func write(_ matched: MatchedContact, _ texts: ContactTexts) throws -> (BatchTally.Change, UUID) {
        switch matched.identity {
        case .stored(let stored):
            return (try change(stored.rowid, matched.position, texts) ? .updated : .unchanged, stored.id)
        case .new(let named):
            guard let id = try new.add(matched.position, of: texts, named: named) else { throw Self.unexpected }
            return (.inserted, id)
        case .byExternalID:
            return try addOrChange(matched.position, texts)
        }
    }

    /// Tries first what the contact before it was: most files are all new or all known, and so each costs one search.
    private mutating func addOrChange(_ position: Int, _ texts: ContactTexts) throws -> (BatchTally.Change, UUID) {
        if newInARow > 0, let id = try new.add(position, of: texts) {
            newInARow += 1
            return (.inserted, id)
        }
        if let known = try comparison.find(position, of: texts) {
            newInARow = 0
            return (try change(known, position, texts), known.stored.id)
        }
        newInARow = 1
        guard let id = try new.add(position, of: texts) else { throw Self.unexpected }
        return (.inserted, id)
    }

    /// The next contacts, where one statement will do for them all.
    private func together(
        _ rest: ArraySlice<MatchedContact>, _ count: Int, _ texts: ContactTexts
    ) -> ArraySlice<MatchedContact>? {
        guard rest.count >= count else { return nil }
        let group = rest.prefix(count)
        for matched in group {
            guard matched.identity == .byExternalID || matched.identity == .new(nil) else { return nil }
            guard !texts.hasOverrides(matched.position) else { return nil }
        }
        return group
    }

    private mutating func addOrChange(
        _ group: ArraySlice<MatchedContact>, _ texts: ContactTexts, _ tally: inout BatchTally
    ) throws {
        let (ids, allNew) = try new.addTogether(group, of: texts)
        if allNew { return ids.forEach { tally.count(.inserted, id: $0) } }
        for ((matched, id), known) in zip(zip(group, ids), try comparison.find(group, of: texts)) {
            guard let known, known.stored.id != id else {
                tally.count(.inserted, id: id)
                continue
            }
            newInARow = 0
            guard matched.identity == .byExternalID else { throw Self.unexpected }
            tally.count(try change(known, matched.position, texts), id: known.stored.id)
        }
    }

    /// For contacts that come after a known one.
    private mutating func changeOrAdd(
        _ group: ArraySlice<MatchedContact>, _ texts: ContactTexts, _ tally: inout BatchTally
    ) throws {
        for (matched, known) in zip(group, try comparison.find(group, of: texts)) {
            if let known {
                newInARow = 0
                tally.count(try change(known, matched.position, texts), id: known.stored.id)
            } else {
                newInARow += 1
                guard let id = try new.add(matched.position, of: texts) else { throw Self.unexpected }
                tally.count(.inserted, id: id)
            }
        }
    }

    private static var unexpected: DatabaseError {
        DatabaseError(resultCode: .SQLITE_CONSTRAINT, message: "a contact that was not there is there")
    }

    private func change(
        _ known: StoredComparison.Found, _ position: Int, _ texts: ContactTexts
    ) throws -> BatchTally.Change {
        try known.differs && change(known.stored.rowid, position, texts) ? .updated : .unchanged
    }

    /// Whether the contact was another before.
    private func change(_ rowid: Int64, _ position: Int, _ texts: ContactTexts) throws -> Bool {
        if let keep {
            keep.clear()
            try texts.bind(position, to: keep, from: 1)
            try keep.bind(rowid, at: 11)
            try keep.bind(ingest, at: 12)
            if try keep.run() == 0 { return false }
        }
        update.clear()
        try texts.bind(position, to: update, from: 1)
        try update.bind(rowid, at: 11)
        try update.bind(ingest, at: 12)
        try update.bind(now, at: 13)
        return try update.run() > 0
    }
}
