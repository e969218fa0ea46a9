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
            try check(
                Delivery(
                    checking: path, descriptor: descriptor, campaign: key,
                    bytes: Int(try descriptor.seek(offset: 0, from: .end)), at: Date()), as: campaign)
        }
    }

    /// Reads and checks an open file as though it were dropped under `name`, its columns by `rules` before the campaign's own.
    package func check(
        _ descriptor: FileDescriptor, named name: String, campaign key: String, rules: [ColumnRule]
    ) throws -> Check {
        var delivery = try Delivery(
            body: descriptor, named: name, campaign: key, bytes: Int(try descriptor.seek(offset: 0, from: .end)), isDryRun: true,
            at: Date())
        delivery.rules = rules
        return try check(delivery, as: nil)
    }

    func check(_ delivery: Delivery, as campaign: Campaign?) throws -> Check {
        var report = Report(delivery, settings)
        var ledger = IngestRecord(delivery)
        var preview: [PlacedContact] = []
        do {
            let campaign = try (campaign?.open() ?? self.campaign(for: delivery)).ruled(by: delivery)
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

extension IngestRecord {
    init(_ delivery: Delivery) {
        self.init(
            id: delivery.id, campaign: delivery.campaign, fileName: delivery.name, bytes: delivery.bytes, sha256: nil,
            receivedAt: delivery.receivedAt)
    }
}
