import ContactStore
import Contacts
import Foundation

/// A store in a folder of its own, which goes away with it.
final class TemporaryStore {
    let folder: URL
    let path: String
    let store: ContactStore

    /// With one campaign `spring`.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().text)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "rollcall.db").path
        store = try ContactStore(at: path)
        try store.create(Campaign(key: "spring"))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Applies `contacts` as the only batch of a new ingest.
    @discardableResult
    func apply(
        _ contacts: [Contact], to campaign: String = "spring", conflicts: ConflictPolicy = .refuse
    ) throws -> BatchResult {
        try store.apply(contacts.placed, batch: 0, of: .any(campaign: campaign), conflicts: conflicts)
    }

    /// Everything that `contacts` and the ledger hold, for comparing before and after.
    func everything() throws -> [String] {
        try store.campaigns().flatMap { campaign in
            try store.contacts(campaign: campaign.key, limit: .max, offset: 0).map { "\($0)" }
                + store.ingests(campaign: campaign.key, limit: .max, offset: 0).map { "\($0)" }
        }
    }
}

extension IngestRecord {
    static func any(id: UUID = UUID(), campaign: String = "spring", sha256: [UInt8]? = nil) -> IngestRecord {
        IngestRecord(
            id: id, campaign: campaign, fileName: "leads.csv", bytes: 12, sha256: sha256, receivedAt: 1_767_225_600_250)
    }
}

extension Contact {
    static func make(
        id: UUID? = nil, external: String? = nil, phone: String = "+14155550101", data: String? = nil,
        timezone: String? = nil, at scheduledAt: Int64? = nil
    ) -> Contact {
        var contact = Contact(phoneNumbers: [phone])
        contact.id = id
        contact.externalID = external
        contact.data = data
        contact.timezone = timezone
        contact.scheduledAt = scheduledAt
        return contact
    }
}

extension [Contact] {
    /// In rows 1, 2, … of a file with a header line.
    var placed: [PlacedContact] {
        enumerated().map { PlacedContact(contact: $1, row: $0 + 1, line: $0 + 2) }
    }
}

extension BatchOutcome {
    /// Inserted, updated, unchanged, superseded.
    var counts: [Int] { [inserted, updated, unchanged, superseded] }
}
