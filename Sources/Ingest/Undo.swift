package import ContactStore
import Contacts
package import Foundation
import PhoneNumbers
package import Spool
import SystemPackage

/// Takes an ingest back and says so in a manifest of its own, beside the file's earlier ones.
package struct IngestUndo {
    private let store: ContactStore
    private let folders: SpoolFolders

    package init(store: ContactStore, folders: SpoolFolders) {
        self.store = store
        self.folders = folders
    }

    /// Contacts that the ingest brought are removed, those that it changed are as they were.
    ///
    /// - Throws: `UndoRefused`; then nothing has changed.
    package func run(_ ingest: UUID, at date: Date = Date()) throws -> Manifest {
        guard let entry = try store.ingest(ingest) else {
            throw UndoRefused(ingest: ingest, reason: "there is none of this id")
        }
        let id = Claim.makeID()
        var record = entry.ingest
        record.id = UUID(uuidString: id) ?? UUID()
        record.sha256 = nil
        record.receivedAt = Int64(date.timeIntervalSince1970 * 1000)
        var manifest = Manifest(
            ingestID: id, campaignID: record.campaign, dryRun: false,
            file: .init(name: record.fileName, bytes: entry.ingest.bytes, receivedAt: record.receivedAt.iso8601),
            versions: .init(
                rollcall: RollcallVersion.current, phoneMetadata: PhoneMetadata.version, phoneMetadataDate: PhoneMetadata.date))
        _ = try store.undo(ingest, as: record) { result in
            manifest.undoOf = ingest.text
            manifest.contacts.updated = result.restored
            manifest.contacts.removed = result.removed
            manifest.detail =
                "Ingest \(ingest.text) is undone: \(result.removed) contacts removed, \(result.restored) as they were before it."
            return IngestOutcome(manifest, json: try manifest.json())
        }
        try write(manifest)
        store.finish(record.id)
        return manifest
    }

    private func write(_ manifest: Manifest) throws {
        guard let file = FilePath.Component(manifest.file.name), let names = ResultNames(file: file, id: manifest.ingestID)
        else { return }
        let json = try manifest.json()
        try folders.writeResult(json, named: names.own, of: manifest.campaignID)
        try folders.writeResult(json, named: names.newest, of: manifest.campaignID)
    }
}
