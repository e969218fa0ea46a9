import Foundation

/// Adds up what becomes of the matched contacts, in their order.
struct BatchTally {
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
