import Contacts
import Foundation
import GRDB

/// One contact that a batch is about: where it is in the store, and which row of the batch decides its fields.
struct MatchedContact: Sendable {
    enum Identity: Equatable {
        case stored(StoredIdentity)
        /// To be inserted, under the id that the batch names, if any.
        case new(UUID?)
        /// Stored, or new, by its external id alone, which nothing can be at odds with: whoever writes it finds out.
        case byExternalID
    }

    var identity = Identity.new(nil)
    /// Position in the batch of the last row about it.
    var position: Int
}

/// A contact's two identities in the store.
struct StoredIdentity: Hashable {
    var rowid: Int64
    var id: UUID
}

/// Which contacts of the store, and of the batch itself, the rows of a batch are about.
///
/// By `id`, else by `external_id` within the campaign. Rows that share a key, or lead to the same stored contact, are
/// about one contact: the last gives its fields, any of them its identity.
struct Matching: Sendable {
    fileprivate(set) var contacts: [MatchedContact] = []
    fileprivate(set) var conflicts: [Conflict] = []
    /// For each row of the batch, its index in `contacts`; `nil` in conflict.
    fileprivate(set) var indexes: [Int?] = []

    fileprivate init() {}

    /// Matches `rows` against the store as `db` shows it; with no `campaign`, nothing is stored in it yet.
    init(_ rows: Span<PlacedContact>, campaign: Int64?, _ db: Database) throws {
        var search = try MatchSearch(count: rows.count, campaign: campaign, db)
        try search.place(rows)
        self = search.matching
    }

    /// Matches rows of which none `mayClash`, for which there is nothing to look up.
    init(unclashing rows: Span<PlacedContact>) {
        contacts.reserveCapacity(rows.count)
        indexes.reserveCapacity(rows.count)
        var indexByExternalID = [ExactText: Int](minimumCapacity: rows.count)
        for position in rows.indices {
            guard let external = rows[position].contact.externalID else {
                indexes.append(contacts.count)
                contacts.append(MatchedContact(position: position))
                continue
            }
            let index = indexByExternalID.value(ExactText(external), orNew: contacts.count)
            if index == contacts.count { contacts.append(MatchedContact(identity: .byExternalID, position: position)) }
            contacts[index].position = position
            indexes.append(index)
        }
    }
}

/// Matches rows that have ids, or keys that are not to be told apart, one after the other.
private struct MatchSearch {
    private(set) var matching = Matching()
    private let campaign: Int64?
    private let byID: ContactIDSearch
    private let byExternalID: ExternalIDSearch?
    private var indexByRowid: [Int64: Int] = [:]
    private var indexByID: [UUID: Int] = [:]
    private var indexByExternalID: [ExactText: Int]

    init(count: Int, campaign: Int64?, _ db: Database) throws {
        self.campaign = campaign
        byID = try ContactIDSearch(db)
        byExternalID = try campaign.map { try ExternalIDSearch(campaign: $0, db) }
        indexByExternalID = [ExactText: Int](minimumCapacity: count)
    }

    mutating func place(_ rows: Span<PlacedContact>) throws {
        for position in rows.indices {
            do {
                matching.indexes.append(try place(rows[position].contact, at: position))
            } catch let mismatch as Mismatch {
                matching.conflicts.append(Conflict(position: position, problem: mismatch.problem(in: rows[position])))
                matching.indexes.append(nil)
            }
        }
    }

    private mutating func place(_ contact: borrowing Contact, at position: Int) throws -> Int {
        let external = contact.externalID.map(ExactText.init)
        guard contact.id != nil || external != nil else {
            matching.contacts.append(MatchedContact(position: position))
            return matching.contacts.count - 1
        }
        let stored = try stored(contact)
        let index = try index(stored: stored?.rowid, id: contact.id, external: external) ?? matching.contacts.count
        if index == matching.contacts.count { matching.contacts.append(MatchedContact(position: position)) }
        matching.contacts[index].position = position
        if let stored {
            matching.contacts[index].identity = .stored(stored)
            indexByRowid[stored.rowid] = index
        } else if case .new = matching.contacts[index].identity, let id = contact.id {
            matching.contacts[index].identity = .new(id)
        }
        if let id = contact.id { indexByID[id] = index }
        if let external { indexByExternalID[external] = index }
        return index
    }

    /// The stored contact that both keys agree on, or the only one that leads to one.
    private func stored(_ contact: borrowing Contact) throws -> StoredIdentity? {
        var found: StoredIdentity?
        if let id = contact.id, let (rowid, owner) = try byID.row(of: id) {
            guard owner == campaign else { throw Mismatch.otherCampaign(id) }
            found = StoredIdentity(rowid: rowid, id: id)
        }
        guard let text = contact.externalID else { return found }
        // SQLite's text ends at a NUL, so two such keys could pass for one.
        guard !text.utf8.contains(0) else { throw Mismatch.unreadable(text) }
        guard let named = try byExternalID?.contact(text) else { return found }
        guard found == nil || found == named else { throw Mismatch.twoContacts(text) }
        return named
    }

    /// The contact that earlier rows of the batch have in common with this one, if any.
    private func index(stored: Int64?, id: UUID?, external: ExactText?) throws -> Int? {
        let byRowid = stored.flatMap { indexByRowid[$0] }
        let byID = id.flatMap { indexByID[$0] }
        let byExternalID = external.flatMap { indexByExternalID[$0] }
        guard let index = byRowid ?? byID ?? byExternalID else { return nil }
        let agree = (byID ?? index) == index && (byExternalID ?? index) == index
        guard agree else { throw Mismatch.twoContactsInBatch(external?.text) }
        if let stored, case .stored(let other) = matching.contacts[index].identity, other.rowid != stored {
            throw Mismatch.twoContactsInBatch(external?.text)
        }
        return index
    }
}

/// Finds contacts of one campaign by their external ids.
struct ExternalIDSearch {
    private let statement: RowStatement
    private let campaign: Int64

    init(campaign: Int64, _ db: Database) throws {
        self.campaign = campaign
        statement = try RowStatement("SELECT rowid, id FROM contact WHERE campaign = ?1 AND external_id = ?2", db)
    }

    func contact(_ externalID: String) throws -> StoredIdentity? {
        try statement.bind(campaign, at: 1)
        try statement.bind(externalID, at: 2)
        return try statement.first { statement.id(1).map { StoredIdentity(rowid: statement.integer(0), id: $0) } }
    }
}

/// A key compared byte by byte, as SQLite does: a `String` takes composed and decomposed letters for the same.
private struct ExactText: Hashable {
    private(set) var text: String

    init(_ text: String) {
        self.text = text
        // So that `hash` finds the bytes in one piece.
        self.text.makeContiguousUTF8()
    }

    static func == (a: ExactText, b: ExactText) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    func hash(into hasher: inout Hasher) {
        text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension Dictionary {
    /// The key's value, which is `new` from now on where it has none; the key is hashed once.
    fileprivate mutating func value(_ key: Key, orNew new: @autoclosure () -> Value) -> Value {
        func read(_ value: inout Value) -> Value { value }
        return read(&self[key, default: new()])
    }
}

private enum Mismatch: Error {
    case otherCampaign(UUID)
    case twoContacts(String)
    case twoContactsInBatch(String?)
    case unreadable(String)

    func problem(in row: borrowing PlacedContact) -> Problem {
        var problem = text
        (problem.row, problem.line) = (row.row, row.line)
        return problem
    }

    private var text: Problem {
        switch self {
        case .otherCampaign(let id):
            Problem(
                code: "id_in_other_campaign", message: "the contact \(id.text) belongs to another campaign",
                hint: "Remove the id to add a new contact here, or drop the row into the contact's own campaign.",
                field: .id, value: id.text)
        case .twoContacts(let key):
            Problem(
                code: "id_external_id_conflict", message: "the id is one contact's and External ID \"\(key)\" another's",
                hint: "Correct one of the two, or remove it: the other then decides.", field: .externalID, value: key)
        case .twoContactsInBatch(let key):
            Problem(
                code: "id_external_id_conflict", message: "its id and its External ID belong to two earlier rows",
                hint: "Correct one of the two, or remove it: the other then decides.", field: .externalID, value: key)
        case .unreadable(let key):
            Problem(
                code: "invalid_external_id", message: "the External ID has a NUL character",
                hint: "Remove it: a key is made of visible characters.", field: .externalID, value: key)
        }
    }
}
