import ContactStore
package import Contacts
import Foundation
import Spool
package import SystemPackage

/// What a file would do, had it been dropped.
package struct Check: Sendable {
    package var manifest: Manifest
    /// The first contacts as they would be stored.
    package var preview: [Contact]
}

extension FileImporter {
    /// Reads and checks the file at `path` for the campaign `key`, where it lies; nothing is written or moved.
    ///
    /// `campaign`: as it is to be, where that is not what the store holds.
    /// Throws when the file cannot be opened; whatever is wrong with its content is in the manifest.
    package func check(_ path: FilePath, campaign key: String, as campaign: Campaign? = nil) throws -> Check {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        return try descriptor.closeAfter {
            let delivery = try Delivery(
                checking: path, descriptor: descriptor, campaign: key,
                bytes: Int(try descriptor.seek(offset: 0, from: .end)), at: Date())
            var report = Report(delivery, settings)
            var ledger = IngestRecord(delivery)
            var preview: [PlacedContact] = []
            do {
                let campaign = try campaign?.open() ?? self.campaign(for: delivery)
                try admit(delivery, into: campaign, &ledger, &report)
                if report.manifest.status != .duplicate {
                    preview = try read(delivery, for: campaign, ledger, &report)
                }
            } catch let refusal as Refusal {
                report.refuse(refusal)
            }
            report.stopClock()
            return Check(manifest: report.manifest, preview: preview.map(\.contact))
        }
    }
}

extension IngestRecord {
    init(_ delivery: Delivery) {
        self.init(
            id: delivery.id, campaign: delivery.campaign, fileName: delivery.name, bytes: delivery.bytes, sha256: nil,
            receivedAt: delivery.receivedAt)
    }
}
