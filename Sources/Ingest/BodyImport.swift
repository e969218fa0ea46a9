import ContactStore
package import Contacts
package import Foundation
import Spool
import SystemPackage

/// Contacts that come as a request's body instead of a file.
package struct ContactsBody: Sendable {
    package var campaign: String
    /// JSON as the contact API takes it.
    package var json: [UInt8]
    /// What the ledger knows it by.
    package var name = "POST contacts.json"
    /// The most contacts that it may hold.
    package var limit: Int
    /// Whoever sends it again with this key gets the first answer.
    package var key: String?

    package init(_ json: [UInt8], campaign: String, limit: Int, key: String? = nil) {
        self.json = json
        self.campaign = campaign
        self.limit = limit
        self.key = key
    }
}

/// What became of them.
package struct ContactsAnswer: Sendable {
    package var manifest: Manifest
    /// The contacts' ids in the body's order; `nil` for one whose numbers are all suppressed. Empty when they were refused.
    package var ids: [UUID?]
    /// Nothing was done: this is what the first request of this key came to.
    package var isRepeated = false
}

extension FileImporter {
    /// Takes a body the way of a file, all its contacts or none, in one transaction: they are on disk when this returns.
    ///
    /// The ledger gets the manifest, also of a body that is refused; no file is written. A campaign is not made for it.
    /// - Parameter isRehearsal: nothing is stored, and no ids are told.
    /// - Parameter future: the campaign as it will be, where it does not exist yet.
    /// - Throws: what may pass by itself; whatever is wrong with the body is in the manifest.
    package func take(_ body: ContactsBody, isRehearsal: Bool = false, for future: Campaign? = nil, at now: Date = Date()) throws -> ContactsAnswer {
        let file = try body.json.withUnsafeBytes { try MemoryFile.make($0) }
        return try file.closeAfter {
            let delivery = try Delivery(
                body: file, named: body.name, campaign: body.campaign, bytes: body.json.count, isDryRun: isRehearsal, at: now)
            return try take(delivery, body, future)
        }
    }

    private func take(_ delivery: Delivery, _ body: ContactsBody, _ future: Campaign?) throws -> ContactsAnswer {
        var report = Report(delivery, settings)
        var ledger = IngestRecord(delivery)
        do {
            guard let campaign = try future ?? store.campaign(body.campaign) else { throw Refusal.unknownCampaign(body.campaign) }
            ledger.sha256 = try sha256(of: delivery.descriptor)
            report.manifest.file.sha256 = ledger.sha256?.hexadecimal
            if let key = body.key, let earlier = try store.request(key, of: body.campaign) { throw RequestRepeated(earlier: earlier) }
            let limit = max(settings.limits.fileBytes, Limits().fileBytes)
            guard delivery.bytes <= limit else { throw Refusal.tooLarge(bytes: delivery.bytes, limit: limit) }
            return try apply(delivery, body, to: campaign.open(), ledger, &report)
        } catch let repeated as RequestRepeated {
            return try answer(to: repeated, ledger, &report)
        } catch let refusal as Refusal {
            report.refuse(refusal)
        } catch is CampaignClosed {
            report.refuse(.closed(body.campaign))
        }
        return try settle(report, ledger)
    }

    private func apply(
        _ delivery: Delivery, _ body: ContactsBody, to campaign: Campaign, _ ledger: IngestRecord, _ report: inout Report
    ) throws -> ContactsAnswer {
        let started = ContinuousClock.now
        // Ids come back in the body's order, so one contact refuses all, whatever the campaign does with files.
        let campaign = campaign.refusingAll
        // Of a body that is refused as a whole the report tells no rows.
        var rows = report
        let batch = try contacts(delivery, body, for: campaign, &rows)
        report = rows
        report.manifest.timing.readMs = started.elapsedMilliseconds
        if report.isRefused(by: campaign) {
            report.refuseRows(by: campaign)
            return try settle(report, ledger)
        }
        if batch.isEmpty || delivery.isDryRun { return try settleUnstored(batch, campaign, report, ledger) }
        let read = report
        let stored = ContinuousClock.now
        DurableStep.batch.begins()
        let answer = try store.applyRequest(batch, of: ledger, key: body.key) { result in
            var report = read
            let ids = try report.take(result, of: batch, campaign)
            report.manifest.timing.storeMs = stored.elapsedMilliseconds
            report.stopClock()
            let answer = ContactsAnswer(manifest: report.manifest, ids: ids ?? [])
            return (IngestOutcome(report.manifest, json: try report.manifest.json()), answer, ids)
        }
        DurableStep.batch.ended()
        metrics?.countBatch(.now - stored)
        store.finish(ledger.id)
        metrics?.count(answer.manifest)
        return answer
    }

    /// All of them: a body is one batch, and so it is read but once.
    private func contacts(
        _ delivery: Delivery, _ body: ContactsBody, for campaign: Campaign, _ report: inout Report
    ) throws -> [PlacedContact] {
        var limits = settings.limits
        (limits.rows, limits.batch) = (body.limit, body.limit)
        var survey = Survey(
            try JSONRecordReader(delivery.descriptor, .json, limit: nil), campaign: campaign, limits: limits,
            suppressed: try store.suppressionCheck(campaign: campaign.key))
        report.manifest.reading = survey.reader.reading
        let batch = try survey.nextBatch(&report) { _ in } ?? []
        let more = try survey.reader.countRemaining()
        if more > 0 { throw Refusal.tooManyContacts(body.limit + more, limit: body.limit) }
        try survey.conclude(&report)
        return batch
    }

    private func settleUnstored(
        _ batch: [PlacedContact], _ campaign: Campaign, _ read: Report, _ ledger: IngestRecord
    ) throws -> ContactsAnswer {
        var report = read
        _ = try report.take(store.rehearse(batch, of: ledger), of: batch, campaign)
        return try settle(report, ledger, ids: [UUID?](repeating: nil, count: report.manifest.rows.read))
    }

    /// Records what is not recorded together with contacts; a rehearsal, or a body for no campaign, leaves no trace.
    private func settle(_ report: Report, _ ledger: IngestRecord, ids: [UUID?] = []) throws -> ContactsAnswer {
        var report = report
        report.stopClock()
        let manifest = report.manifest
        if !manifest.dryRun, manifest.code != 404 {
            try record(manifest, try manifest.json(), ledger)
            store.finish(ledger.id)
            metrics?.count(manifest)
        }
        return ContactsAnswer(manifest: manifest, ids: manifest.isTaken && !manifest.dryRun ? ids : [])
    }

    private func answer(to repeated: RequestRepeated, _ ledger: IngestRecord, _ report: inout Report) throws -> ContactsAnswer {
        let earlier = repeated.earlier
        guard earlier.sha256 == ledger.sha256, let text = try store.ingest(earlier.ingest)?.outcome?.manifest else {
            report.refuse(.keyReused(in: earlier.ingest))
            return try settle(report, ledger)
        }
        return ContactsAnswer(manifest: try Manifest(json: Array(text.utf8)), ids: earlier.ids, isRepeated: true)
    }
}

extension Report {
    /// Counts what a batch came to; returns the ids by row, `nil` when a clash with the store refuses all.
    fileprivate mutating func take(_ result: BatchResult, of batch: [PlacedContact], _ campaign: Campaign) throws -> [UUID?]? {
        guard result.conflicts.isEmpty else {
            result.conflicts.forEach { rejectStored(row: $0.problem) }
            refuseRows(by: campaign)
            return nil
        }
        stored(result.outcome)
        accept()
        var ids = [UUID?](repeating: nil, count: manifest.rows.read)
        for (contact, id) in zip(batch, result.ids) where ids.indices.contains(contact.row - 1) { ids[contact.row - 1] = id }
        return ids
    }
}

extension Campaign {
    fileprivate var refusingAll: Campaign {
        var campaign = self
        campaign.onInvalid = .refuse
        return campaign
    }
}

extension Refusal {
    fileprivate static func keyReused(in ingest: UUID) -> Refusal {
        Refusal(
            422, "idempotency_key_reused", "the Idempotency-Key was used for another body, in ingest \(ingest.text)",
            hint: "Give each request a key of its own, and repeat it only with the same body.")
    }
}
