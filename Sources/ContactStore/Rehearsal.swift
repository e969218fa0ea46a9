import Contacts
import Foundation
import GRDB

/// Counts what `ContactChanges` would do.
struct Rehearsal {
    private let differs: RowStatement
    private let comparison: StoredComparison?

    init(campaign: Int64?, _ db: Database) throws {
        comparison = try campaign.map { try StoredComparison(campaign: $0, db) }
        differs = try RowStatement("SELECT 1 FROM contact WHERE rowid = ?11 AND \(Contact.differs)", db)
    }

    func count(_ matching: Matching, of texts: ContactTexts) throws -> BatchResult {
        var tally = BatchTally(matching, index: 0)
        var newIDs = TimeOrderedUUIDs()
        for contact in matching.contacts {
            switch contact.identity {
            case .stored(let stored):
                tally.count(try differs(stored.rowid, contact.position, texts) ? .updated : .unchanged, id: stored.id)
            case .new(let named):
                tally.count(.inserted, id: named ?? newIDs.next())
            case .byExternalID:
                let known = try comparison?.find(contact.position, of: texts)
                tally.count(known.map { $0.differs ? .updated : .unchanged } ?? .inserted, id: known?.stored.id ?? newIDs.next())
            }
        }
        return tally.result(matching)
    }

    private func differs(_ rowid: Int64, _ position: Int, _ texts: ContactTexts) throws -> Bool {
        differs.clear()
        try texts.bind(position, to: differs, from: 1)
        try differs.bind(rowid, at: 11)
        return try differs.first { true } != nil
    }
}
