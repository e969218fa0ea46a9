package import ContactStore
package import Contacts
import Foundation
package import Spool
import SystemPackage

/// How files are taken in, the same for the service and the command line.
package struct ImportSettings: Sendable {
    package enum UnknownCampaign: String, Sendable, CaseIterable {
        /// A folder whose campaign does not exist yet creates it from `newCampaign`.
        case create
        /// Its files are refused with 404.
        case refuse
    }

    package var limits = Limits()
    /// Whether a campaign's own limits count; they are about its files, not about a document's contacts.
    package var heedsCampaignLimits = true
    package var unknownCampaign = UnknownCampaign.create
    /// The defaults of a campaign that a folder creates; its key is replaced by the folder's name.
    package var newCampaign = Campaign(key: "")
    /// Whether manifests show phone numbers in part only.
    package var redactsNumbers = false

    package init() {}
}

/// Takes one claimed file all the way: contacts in the store, a manifest beside it, the original archived.
///
/// Every step can be run again after a crash at any point and continues where the ledger says that it was.
package struct FileImporter: Sendable {
    let store: ContactStore
    let folders: SpoolFolders
    var settings: ImportSettings

    /// Asked between batches, which also shows that the work goes on; `true` leaves the rest of a long file to the next
    /// start.
    var isStopping: @Sendable () -> Bool
    let metrics: ServiceMetrics?
    /// One transaction a batch, so that all before the one that fails are stored.
    var isCareful = false

    package init(
        store: ContactStore, folders: SpoolFolders, settings: ImportSettings,
        isStopping: @escaping @Sendable () -> Bool = { false }, metrics: ServiceMetrics? = nil
    ) {
        self.store = store
        self.folders = folders
        self.settings = settings
        self.isStopping = isStopping
        self.metrics = metrics
    }

    /// Claim → records → contacts or rejections → batches → manifest → archived file.
    ///
    /// A refused file ends in a manifest as an accepted one does. Throws only what may pass by itself (disk full,
    /// database busy, …); the claim then stays where it is, to be reopened and run again.
    /// `waited`: milliseconds from when the file was first seen until it was claimed.
    package func run(_ claim: consuming Claim, waited: Int = 0) throws -> Manifest {
        let delivery = Delivery(of: claim)
        if !claim.isNew, let settled = try settledBefore(delivery) { return try deliver(settled, json: settled.json(), claim) }
        var report = Report(delivery, settings)
        report.manifest.timing.waitedMs = waited
        var ledger = IngestRecord(delivery)
        do {
            let campaign = try campaign(for: delivery).ruled(by: delivery)
            try admit(delivery, into: campaign, &ledger, &report)
            if report.manifest.status != .duplicate {
                try read(delivery, for: campaign, ledger, &report)
            }
        } catch let refusal as Refusal {
            report.refuse(refusal)
        } catch is CampaignClosed {
            report.refuse(.closed(delivery.campaign))
        }
        try delivery.awaitFlush()
        if let json = report.recorded { return try deliver(report.manifest, json: json, claim) }
        report.stopClock()
        let manifest = report.manifest
        let json = try manifest.json()
        if !manifest.dryRun { try record(manifest, json, ledger) }
        return try deliver(manifest, json: json, claim)
    }

    func limits(for campaign: Campaign) -> Limits {
        settings.heedsCampaignLimits ? settings.limits.narrowed(to: campaign.limits) : settings.limits
    }

    // MARK: Before the first row

    func campaign(for delivery: Delivery) throws -> Campaign {
        if delivery.isSuppressionList { return try suppressionList(nil) }
        if let campaign = try store.campaign(delivery.campaign) {
            return try campaign.open()
        }
        guard settings.unknownCampaign == .create else { throw Refusal.unknownCampaign(delivery.campaign) }
        var campaign = settings.newCampaign
        campaign.key = delivery.campaign
        campaign.name = delivery.campaign
        if !delivery.isDryRun {
            try delivery.awaitFlush()
            DurableStep.campaign.begins()
            defer { DurableStep.campaign.ended() }
            do { try store.create(campaign) } catch is CampaignExists { return try self.campaign(for: delivery) }
        }
        return campaign
    }

    /// Size, kind and digest; finds the first ingest of the same bytes.
    func admit(
        _ delivery: Delivery, into campaign: Campaign, _ ledger: inout IngestRecord, _ report: inout Report
    ) throws {
        let limit = limits(for: campaign).fileBytes
        guard delivery.bytes <= limit else { throw Refusal.tooLarge(bytes: delivery.bytes, limit: limit) }
        guard delivery.format != nil else { throw Refusal.unsupported(delivery.name) }
        let digest = try sha256(of: delivery.descriptor)
        ledger.sha256 = digest
        report.manifest.file.sha256 = digest.hexadecimal
        // The same bytes, read otherwise, are another delivery.
        if !delivery.rules.isEmpty { ledger.sha256 = try digest.combined(with: delivery.rules) }
        // A number may have been allowed again since the same list came.
        if delivery.isSuppressionList { return }
        if let first = try store.acceptedIngest(sha256: ledger.sha256 ?? digest, campaign: campaign.key, except: delivery.id) {
            report.duplicate(of: first)
        }
    }

    // MARK: The end

    /// The manifest of an ingest whose outcome was in the ledger before a crash: it is only to be delivered.
    func settledBefore(_ delivery: Delivery) throws -> Manifest? {
        guard let entry = try store.ingest(delivery.id), entry.state != .applying, let text = entry.outcome?.manifest else {
            return nil
        }
        try store.flush()
        return try Manifest(json: Array(text.utf8))
    }

    func record(_ manifest: Manifest, _ json: [UInt8], _ ledger: IngestRecord) throws {
        DurableStep.outcome.begins()
        try store.record(ledger, outcome: IngestOutcome(manifest, json: json))
        DurableStep.outcome.ended()
    }

    /// Manifest → archive → ledger `done`; a dry run leaves no trace in the ledger.
    func deliver(_ manifest: Manifest, json: [UInt8], _ claim: consuming Claim) throws -> Manifest {
        let campaign = claim.folder.campaign
        if let names = ResultNames(file: claim.component, id: claim.id) {
            try folders.writeManifest(json, named: names, of: campaign)
        }
        try claim.archive()
        if !manifest.dryRun, let id = UUID(uuidString: manifest.ingestID) {
            DurableStep.done.begins()
            store.finish(id)
            DurableStep.done.ended()
        }
        return manifest
    }
}

extension IngestOutcome {
    init(_ manifest: Manifest, json: [UInt8]) {
        self.init(
            status: manifest.status, code: manifest.code, detail: manifest.detail,
            manifest: String(decoding: json, as: UTF8.self),
            duplicateOf: manifest.duplicateOf.flatMap { UUID(uuidString: $0) }, rows: manifest.rows.read,
            rejected: manifest.rows.rejected)
    }
}
