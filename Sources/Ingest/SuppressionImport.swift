import Contacts
import ContactStore
import Foundation
import PhoneNumbers
import Spool
package import SystemPackage

extension FileImporter {
    /// Suppresses the numbers of a file where it lies, for one campaign or, with `nil`, for all; the rows that hold an invalid
    /// number are in the manifest, which is written nowhere.
    ///
    /// Throws when the file cannot be opened, and `CampaignUnknown`.
    package func suppress(_ path: FilePath, campaign: String?) throws -> Manifest {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        return try descriptor.closeAfter {
            var delivery = try Delivery(
                checking: path, descriptor: descriptor, campaign: SpoolFolders.suppressionName,
                bytes: Int(try descriptor.seek(offset: 0, from: .end)), at: Date())
            delivery.isDryRun = false
            delivery.suppressedCampaign = campaign
            var report = Report(delivery, settings)
            var ledger = IngestRecord(delivery)
            do {
                let list = try suppressionList(campaign)
                try admit(delivery, into: list, &ledger, &report)
                try read(delivery, for: list, ledger, &report)
            } catch let refusal as Refusal {
                report.refuse(refusal)
            }
            report.stopClock()
            return report.manifest
        }
    }

    /// How a list of numbers is read: good rows count, whatever the others are, and so does every row.
    func suppressionList(_ campaign: String?) throws -> Campaign {
        var list = try campaign.flatMap { try store.campaign($0) } ?? settings.newCampaign
        list.key = SpoolFolders.suppressionName
        list.onInvalid = .skip
        list.maxInvalid = nil
        list.refusedTypes = []
        list.limits = CampaignLimits()
        list.limits.rows = .max
        return list
    }

    /// Instead of storing contacts.
    func suppress(_ batch: [PlacedContact], _ index: Int, _ delivery: Delivery, _ report: inout Report) throws {
        let numbers = batch.flatMap(\.contact.phoneNumbers)
        let added = delivery.isDryRun ? numbers.count : try store.suppress(numbers, campaign: delivery.suppressedCampaign, reason: delivery.name)
        // A row may hold several numbers; it counts as inserted as long as new ones are left to count.
        let inserted = min(added, batch.count)
        report.stored(BatchOutcome(index: index, contacts: batch.count, inserted: inserted, unchanged: batch.count - inserted))
    }
}

extension Delivery {
    var isSuppressionList: Bool { campaign == SpoolFolders.suppressionName }
}
