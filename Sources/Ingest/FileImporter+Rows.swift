import Contacts
import ContactStore
import Foundation
import Spool

extension FileImporter {
    /// Checks every row before any is stored, then stores them in batches. Returns the first contacts, for a preview.
    @discardableResult
    func read(
        _ delivery: Delivery, for campaign: Campaign, _ ledger: IngestRecord, _ report: inout Report
    ) throws -> [PlacedContact] {
        switch delivery.format {
        case .csv, nil:
            try read(delivery, for: campaign, ledger, &report) { try CSVRecordReader(delivery.descriptor, for: campaign) }
        case .json, .jsonLines:
            try read(delivery, for: campaign, ledger, &report) { 
                try JSONRecordReader(delivery.descriptor, delivery.format ?? .json, limit: limits(for: campaign).rows)
            }
        }
    }

    private func read<Reader: RecordReader & ~Copyable>(
        _ delivery: Delivery, for campaign: Campaign, _ ledger: IngestRecord, _ report: inout Report,
        open: @escaping @Sendable () throws -> Reader
    ) throws -> [PlacedContact] {
        let started = ContinuousClock.now
        var survey = try opened(delivery, for: campaign, open)
        report.manifest.reading = survey.reader.reading
        report.manifest.mapping = survey.reader.mapping
        var rejected = RejectedRows(of: delivery, head: survey.reader.rejectedHead, in: folders)
        let plan = try BatchPlan(
            &survey, &report, rehearsesOne: campaign.maxInvalid != nil,
            refused: { try rejected.append($0) },
            conflicts: { batch in
                if isStopping() { throw CancellationError() }
                guard campaign.mayRefuse, batch.contains(where: \.contact.mayClash) else { return [] }
                return try store.rehearse(batch, of: ledger).conflicts.map(\.problem)
            })
        report.manifest.timing.readMs = started.elapsedMilliseconds

        try delivery.awaitFlush()
        try delivery.requireUnchanged()
        let reading = ContinuousClock.now
        if let batch = plan.settledBatch(of: delivery), !report.isRefused(by: campaign) {
            report.manifest.rejections.file = try rejected.commit()
            report = try storeWhole(batch, ledger, report, since: reading)
            return plan.preview
        }
        var clashes = plan.conflicts
        if report.isRefused(by: campaign, and: clashes.count) {
            clashes.forEach { report.rejectStored(row: $0) }
        } else {
            clashes = try apply(plan, delivery, campaign, ledger, &report, open: open)
        }
        // A clash that somebody else caused while the batches were being stored takes nothing back.
        if report.isRefused(by: campaign), delivery.isDryRun || report.hasStoredNothing {
            report.refuseRows(by: campaign)
        } else {
            report.accept()
        }
        try append(clashes, to: &rejected, open: open)
        report.manifest.timing.storeMs = reading.elapsedMilliseconds
        report.manifest.rejections.file = try rejected.commit()
        return plan.preview
    }

    /// Stores a file that is one batch together with what became of it.
    private func storeWhole(
        _ batch: [PlacedContact], _ ledger: IngestRecord, _ read: Report, since start: ContinuousClock.Instant
    ) throws -> Report {
        DurableStep.batch.begins()
        let started = ContinuousClock.now
        let report = try store.applyWhole(batch, of: ledger) { outcome in
            var report = read
            report.stored(outcome)
            report.accept()
            report.manifest.timing.storeMs = start.elapsedMilliseconds
            report.stopClock()
            let json = try report.manifest.json()
            report.recorded = json
            DurableStep.outcome.begins()
            return (IngestOutcome(report.manifest, json: json), report)
        }
        DurableStep.batch.ended()
        DurableStep.outcome.ended()
        metrics?.countBatch(.now - started)
        return report
    }

    private func opened<Reader: RecordReader & ~Copyable>(
        _ delivery: Delivery, for campaign: Campaign, _ open: @escaping @Sendable () throws -> Reader
    ) throws -> Survey<Reader> {
        let suppressed = delivery.isSuppressionList ? nil : try store.suppressionCheck(campaign: campaign.key)
        return Survey(try open(), campaign: campaign, limits: limits(for: campaign), suppressed: suppressed)
    }

    /// Stores what the plan holds; returns the clashes that only the store could see.
    private func apply<Reader: RecordReader & ~Copyable>(
        _ plan: BatchPlan, _ delivery: Delivery, _ campaign: Campaign, _ ledger: IngestRecord, _ report: inout Report,
        open: @escaping @Sendable () throws -> Reader
    ) throws -> [Problem] {
        switch plan.contents {
        case .whole(let batch):
            let policy: ConflictPolicy = campaign.onInvalid == .refuse ? .refuse : .skip
            return try commit(batch, 0, policy, delivery, ledger, &report)
        case .several(let superseded):
            let read = report
            let ahead = ReadAhead { give in
                var alreadyReported = read
                var survey = try opened(delivery, for: campaign, open)
                while let batch = try survey.nextBatch(&alreadyReported, refused: { _ in }) {
                    try give((count: batch.count, current: superseded.current(batch)))
                }
            }
            var clashes: [Problem] = []
            var index = 0
            while let batch = try ahead.next() {
                if isStopping() { throw CancellationError() }
                try delivery.requireUnchanged()
                report.manifest.contacts.superseded += batch.count - batch.current.count
                clashes += try commit(batch.current, index, .skip, delivery, ledger, &report)
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
        if delivery.isSuppressionList {
            try suppress(batch, index, delivery, &report)
            return []
        }
        DurableStep.batch.begins()
        let started = ContinuousClock.now
        let result = delivery.isDryRun
            ? try store.rehearse(batch, of: ledger)
            : try store.apply(batch, batch: index, of: ledger, conflicts: policy)
        DurableStep.batch.ended()
        if !delivery.isDryRun { metrics?.countBatch(.now - started) }
        report.stored(result.outcome)
        let clashes = result.conflicts.map(\.problem)
        clashes.forEach { report.rejectStored(row: $0) }
        return clashes
    }

    /// Reads the file once more for the text of rows that clash with the store, which nobody kept.
    private func append<Reader: RecordReader & ~Copyable>(
        _ clashes: [Problem], to rejected: inout RejectedRows, open: @escaping @Sendable () throws -> Reader
    ) throws {
        guard !clashes.isEmpty else { return }
        let byRow = Dictionary(grouping: clashes) { $0.row ?? 0 }
        var reader = try open()
        var mapped = MappedRow(row: 0, line: 0)
        while let row = try reader.next(into: &mapped) {
            if case .row = row, let problems = byRow[mapped.row] {
                try rejected.append(reader.rejected(for: problems))
            }
        }
    }
}

extension BatchPlan {
    /// The file's only batch, where nothing that the store knows can refuse any of it.
    fileprivate func settledBatch(of delivery: Delivery) -> [PlacedContact]? {
        guard case .whole(let batch) = contents, !batch.isEmpty, !delivery.isDryRun, !delivery.isSuppressionList else {
            return nil
        }
        return batch.indices.contains { batch[$0].contact.mayClash } ? nil : batch
    }
}

extension Campaign {
    /// Itself; throws a `Refusal` when it takes no contacts.
    func open() throws -> Campaign {
        if status == .closed { throw Refusal.closed(key) }
        return self
    }

    /// Whether refused rows may keep the whole file out.
    fileprivate var mayRefuse: Bool { onInvalid == .refuse || maxInvalid != nil }
}
