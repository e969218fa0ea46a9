import Contacts
package import ContactStore
import Foundation
package import Spool

/// Files that Rollcall itself could not finish: put aside with a manifest, and taken up again when somebody asks.
extension FileImporter {
    /// Gives a claim up: a manifest of status `failed`, and the original in the archive. What of it is in the store
    /// stays there, and is not applied again by `retry`.
    ///
    /// An ingest whose outcome is settled is only delivered. Throws what `run` throws.
    package func setAside(_ claim: consuming Claim, because reason: String) throws -> Manifest {
        let delivery = Delivery(of: claim)
        if let settled = try settledBefore(delivery) { return try deliver(settled, json: settled.json(), claim) }
        let known = delivery.isDryRun ? nil : try store.ingest(delivery.id)
        var report = Report(delivery, settings)
        report.fail(reason, stored: known?.batches ?? [])
        report.stopClock()
        let manifest = report.manifest
        let json = try manifest.json()
        if !delivery.isDryRun { try record(manifest, json, known?.ingest ?? IngestRecord(delivery)) }
        return try deliver(manifest, json: json, claim)
    }

    /// Takes up an ingest that was set aside, under its own id: batches that are in the store are not applied again.
    /// - Returns: nil when its original is not in the archive any more, or a process has it in hand.
    package func retry(_ entry: LedgerEntry) throws -> Manifest? {
        let id = entry.ingest.id
        guard let claim = try Claim.unarchive(id: id.text, of: entry.ingest.campaign, in: folders) else { return nil }
        try store.takeUpAgain(id)
        return try run(claim)
    }
}
