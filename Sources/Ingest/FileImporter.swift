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
    package var unknownCampaign = UnknownCampaign.create
    /// The defaults of a campaign that a folder creates; its key is replaced by the folder's name.
    package var newCampaign = Campaign(key: "")

    package init() {}
}

/// Takes one claimed file all the way: contacts in the store, a manifest beside it, the original archived.
///
/// Every step can be run again after a crash at any point and continues where the ledger says that it was.
package struct FileImporter: Sendable {
    let store: ContactStore
    let folders: SpoolFolders
    let settings: ImportSettings

    /// Asked between batches; `true` leaves the rest of a long file to the next start.
    let isStopping: @Sendable () -> Bool

    package init(
        store: ContactStore, folders: SpoolFolders, settings: ImportSettings,
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) {
        self.store = store
        self.folders = folders
        self.settings = settings
        self.isStopping = isStopping
    }

    /// Claim → records → contacts or rejections → batches → manifest → archived file.
    ///
    /// A refused file ends in a manifest as an accepted one does. Throws only what may pass by itself (disk full,
    /// database busy, …); the claim then stays where it is, to be reopened and run again.
    /// `waited`: milliseconds from when the file was first seen until it was claimed.
    package func run(_ claim: consuming Claim, waited: Int = 0) throws -> Manifest {
        let delivery = Delivery(of: claim)
        if let settled = try settledBefore(delivery) { return try deliver(settled, json: settled.json(), claim) }
        var report = Report(delivery, listed: settings.limits.listed)
        report.manifest.timing.waitedMs = waited
        var ledger = IngestRecord(delivery)
        do {
            let campaign = try campaign(for: delivery)
            try admit(delivery, into: campaign, &ledger, &report)
            if report.manifest.status != .duplicate {
                try read(delivery, for: campaign, ledger, &report)
            }
        } catch let refusal as Refusal {
            report.refuse(refusal)
        } catch is CampaignClosed {
            report.refuse(.closed(delivery.campaign))
        }
        report.stopClock()
        let manifest = report.manifest
        let json = try manifest.json()
        if !manifest.dryRun { try store.record(ledger, outcome: IngestOutcome(manifest, json: json)) }
        return try deliver(manifest, json: json, claim)
    }

    // MARK: Before the first row

    func campaign(for delivery: Delivery) throws -> Campaign {
        if let campaign = try store.campaign(delivery.campaign) {
            if campaign.status == .closed { throw Refusal.closed(campaign.key) }
            return campaign
        }
        guard settings.unknownCampaign == .create else { throw Refusal.unknownCampaign(delivery.campaign) }
        var campaign = settings.newCampaign
        campaign.key = delivery.campaign
        campaign.name = delivery.campaign
        if !delivery.isDryRun {
            do { try store.create(campaign) } catch is CampaignExists { return try self.campaign(for: delivery) }
        }
        return campaign
    }

    /// Size, kind and digest; finds the first ingest of the same bytes.
    func admit(
        _ delivery: Delivery, into campaign: Campaign, _ ledger: inout IngestRecord, _ report: inout Report
    ) throws {
        guard delivery.bytes <= settings.limits.fileBytes else {
            throw Refusal.tooLarge(bytes: delivery.bytes, limit: settings.limits.fileBytes)
        }
        guard delivery.format != nil else { throw Refusal.unsupported(delivery.name) }
        let digest = try sha256(of: delivery.descriptor)
        ledger.sha256 = digest
        report.manifest.file.sha256 = digest.hexadecimal
        if let first = try store.acceptedIngest(sha256: digest, campaign: campaign.key, except: delivery.id) {
            report.duplicate(of: first)
        }
    }

    // MARK: The rows

    /// Checks every row before any is stored, then stores them in batches. Returns the first contacts, for a preview.
    @discardableResult
    func read(
        _ delivery: Delivery, for campaign: Campaign, _ ledger: IngestRecord, _ report: inout Report
    ) throws -> [PlacedContact] {
        switch delivery.format {
        case .csv, nil:
            try read(delivery, for: campaign, ledger, &report) { try CSVRecordReader(delivery.descriptor, for: campaign) }
        case .json, .jsonLines:
            try read(delivery, for: campaign, ledger, &report) { [limits = settings.limits] in
                try JSONRecordReader(delivery.descriptor, delivery.format ?? .json, limit: limits.rows)
            }
        }
    }

    private func read<Reader: RecordReader & ~Copyable>(
        _ delivery: Delivery, for campaign: Campaign, _ ledger: IngestRecord, _ report: inout Report,
        open: () throws -> Reader
    ) throws -> [PlacedContact] {
        let started = ContinuousClock.now
        var survey = Survey(try open(), campaign: campaign, limits: settings.limits)
        report.manifest.reading = survey.reader.reading
        report.manifest.mapping = survey.reader.mapping
        var rejected = RejectedRows(of: delivery, head: survey.reader.rejectedHead, in: folders)
        let plan = try BatchPlan(
            &survey, &report,
            refused: { try rejected.append($0) },
            conflicts: { campaign.onInvalid == .refuse ? try store.rehearse($0, of: ledger).conflicts.map(\.problem) : [] })
        report.manifest.timing.readMs = started.elapsedMilliseconds

        let reading = ContinuousClock.now
        var clashes = plan.conflicts
        if !report.isRefused(by: campaign.onInvalid) {
            clashes += try apply(plan, delivery, campaign, ledger, &report, open: open)
        }
        if report.isRefused(by: campaign.onInvalid) { report.refuseRows() } else { report.accept() }
        try append(clashes, to: &rejected, open: open)
        report.manifest.timing.storeMs = reading.elapsedMilliseconds
        report.manifest.rejections.file = try rejected.commit()
        return plan.preview
    }

    /// Stores what the plan holds; returns the clashes that only the store could see.
    private func apply<Reader: RecordReader & ~Copyable>(
        _ plan: BatchPlan, _ delivery: Delivery, _ campaign: Campaign, _ ledger: IngestRecord, _ report: inout Report,
        open: () throws -> Reader
    ) throws -> [Problem] {
        switch plan.contents {
        case .whole(let batch):
            let policy: ConflictPolicy = campaign.onInvalid == .refuse ? .refuse : .skip
            return try commit(batch, 0, policy, delivery, ledger, &report)
        case .several(let superseded):
            var survey = Survey(try open(), campaign: campaign, limits: settings.limits)
            var alreadyReported = report
            var clashes: [Problem] = []
            var index = 0
            while let batch = try survey.nextBatch(&alreadyReported, refused: { _ in }) {
                if isStopping() { throw CancellationError() }
                let current = superseded.current(batch)
                report.manifest.contacts.superseded += batch.count - current.count
                clashes += try commit(current, index, .skip, delivery, ledger, &report)
                index += 1
            }
            return clashes
        }
    }

    private func commit(
        _ batch: [PlacedContact], _ index: Int, _ policy: ConflictPolicy, _ delivery: Delivery, _ ledger: IngestRecord,
        _ report: inout Report
    ) throws -> [Problem] {
        if batch.isEmpty { return [] }
        let result = delivery.isDryRun
            ? try store.rehearse(batch, of: ledger)
            : try store.apply(batch, batch: index, of: ledger, conflicts: policy)
        report.stored(result.outcome)
        let clashes = result.conflicts.map(\.problem)
        clashes.forEach { report.rejectStored(row: $0) }
        return clashes
    }

    /// Reads the file once more for the text of rows that clash with the store, which nobody kept.
    private func append<Reader: RecordReader & ~Copyable>(
        _ clashes: [Problem], to rejected: inout RejectedRows, open: () throws -> Reader
    ) throws {
        guard !clashes.isEmpty else { return }
        let byRow = Dictionary(grouping: clashes) { $0.row ?? 0 }
        var reader = try open()
        while let row = try reader.next() {
            if case .row(let mapped) = row, let problems = byRow[mapped.row] {
                try rejected.append(reader.rejected(for: problems))
            }
        }
    }

    // MARK: The end

    /// The manifest of an ingest whose outcome was in the ledger before a crash: it is only to be delivered.
    private func settledBefore(_ delivery: Delivery) throws -> Manifest? {
        guard let entry = try store.ingest(delivery.id), entry.state != .applying, let text = entry.outcome?.manifest else {
            return nil
        }
        return try Manifest(json: Array(text.utf8))
    }

    /// Manifest → archive → ledger `done`; a dry run leaves no trace in the ledger.
    private func deliver(_ manifest: Manifest, json: [UInt8], _ claim: consuming Claim) throws -> Manifest {
        let campaign = claim.folder.campaign
        if let names = ResultNames(file: claim.component, id: claim.id) {
            try folders.writeResult(json, named: names.own, of: campaign)
            try folders.writeResult(json, named: names.newest, of: campaign)
        }
        try claim.archive()
        if !manifest.dryRun, let id = UUID(uuidString: manifest.ingestID) { try store.finish(id) }
        return manifest
    }
}

extension IngestOutcome {
    fileprivate init(_ manifest: Manifest, json: [UInt8]) {
        self.init(
            status: manifest.status, code: manifest.code, detail: manifest.detail,
            manifest: String(decoding: json, as: UTF8.self),
            duplicateOf: manifest.duplicateOf.flatMap { UUID(uuidString: $0) }, rows: manifest.rows.read,
            rejected: manifest.rows.rejected)
    }
}
