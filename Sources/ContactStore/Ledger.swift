package import Contacts
package import Foundation

/// A delivered file, as it was claimed.
package struct IngestRecord: Sendable, Hashable {
    package var id: UUID
    /// The campaign's key; the ledger also takes files for campaigns that do not exist.
    package var campaign: String
    package var fileName: String
    package var bytes: Int
    /// 32 bytes; `nil` when the file could not be read.
    package var sha256: [UInt8]?
    /// Milliseconds since 1970.
    package var receivedAt: Int64

    package init(id: UUID, campaign: String, fileName: String, bytes: Int, sha256: [UInt8]?, receivedAt: Int64) {
        self.id = id
        self.campaign = campaign
        self.fileName = fileName
        self.bytes = bytes
        self.sha256 = sha256
        self.receivedAt = receivedAt
    }
}

/// How far an ingest has come.
package enum IngestState: String, Sendable, Codable, CaseIterable {
    /// Some of its batches are in the store.
    case applying
    /// Its outcome is settled; its manifest may not be written or its file not archived yet.
    case recorded
    /// Nothing is left to do.
    case done
}

/// What became of a file, in the manifest's words.
package enum IngestStatus: String, Sendable, Codable, CaseIterable {
    case accepted, rejected, duplicate, failed
}

/// The answer to a delivered file.
package struct IngestOutcome: Sendable, Hashable {
    package var status: IngestStatus
    /// What the contact API would have answered.
    package var code: Int
    package var detail: String
    /// The manifest, as JSON text.
    package var manifest: String?
    /// The ingest that brought the same bytes first.
    package var duplicateOf: UUID?
    /// Data rows read.
    package var rows: Int
    /// Rows refused.
    package var rejected: Int

    package init(
        status: IngestStatus, code: Int, detail: String, manifest: String? = nil, duplicateOf: UUID? = nil,
        rows: Int = 0, rejected: Int = 0
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.manifest = manifest
        self.duplicateOf = duplicateOf
        self.rows = rows
        self.rejected = rejected
    }
}

/// What one batch did to the store; the counts add up to `contacts`.
package struct BatchOutcome: Sendable, Hashable, Codable {
    /// From 0 within its ingest.
    package var index: Int
    /// Contacts that were applied or superseded, without those in conflict.
    package var contacts: Int
    package var inserted = 0
    package var updated = 0
    /// The store held the same already; nothing was written.
    package var unchanged = 0
    /// A later row of the batch is about the same contact; this one was not applied.
    package var superseded = 0

    package init(
        index: Int, contacts: Int, inserted: Int = 0, updated: Int = 0, unchanged: Int = 0, superseded: Int = 0
    ) {
        self.index = index
        self.contacts = contacts
        self.inserted = inserted
        self.updated = updated
        self.unchanged = unchanged
        self.superseded = superseded
    }
}

/// What to do when some contacts of a batch cannot be matched.
package enum ConflictPolicy: Sendable {
    /// The whole batch is left out.
    case refuse
    /// The others are applied.
    case skip
}

/// A contact that cannot be matched; the contact API answers 409.
package struct Conflict: Sendable, Hashable, Codable {
    /// From 0 within the batch.
    package var position: Int
    package var problem: Problem

    package init(position: Int, problem: Problem) {
        self.position = position
        self.problem = problem
    }
}

/// What applying or rehearsing one batch came to.
package struct BatchResult: Sendable, Hashable {
    package var outcome: BatchOutcome
    package var conflicts: [Conflict]
    /// The contacts' ids in the batch's order, a superseded one with the id of its successor, those in conflict left out.
    /// Empty when the batch was refused, or had been applied before.
    package var ids: [UUID]
    /// The batch was in the ledger already: nothing was done, and this is what it came to then.
    package var replayed = false
}

/// An ingest as the ledger knows it.
package struct LedgerEntry: Sendable, Hashable {
    package var ingest: IngestRecord
    package var state: IngestState
    /// `nil` while it is being applied.
    package var outcome: IngestOutcome?
    /// The ingest that took its changes back.
    package var undoneBy: UUID?
    /// By index.
    package var batches: [BatchOutcome]
}
