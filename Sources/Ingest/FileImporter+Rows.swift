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
                guard campaign.mayRefuse, batch.mayClash else { return [] }
                return try store.rehearse(batch, of: ledger).conflicts.map(\.problem)
            })
        report.manifest.timing.readMs = started.elapsedMilliseconds

        try delivery.awaitFlush()
        try delivery.requireUnchanged()
        let reading = ContinuousClock.now
        if !report.isRefused(by: campaign), let batch = try plan.settledBatch(of: delivery) {
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
        _ batch: Batch, _ ledger: IngestRecord, _ read: Report, since start: ContinuousClock.Instant
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
            return try commit(Batch(batch, index: 0), policy, delivery, ledger, &report) { nil }
        case .several(let superseded):
            let read = report
            let ahead = ReadAhead { give in
                var alreadyReported = read
                var survey = try opened(delivery, for: campaign, open)
                var index = 0
                while let batch = try survey.nextBatch(&alreadyReported, refused: { _ in }) {
                    let current = superseded.current(batch)
                    try give((superseded: batch.count - current.count, batch: Batch(current, index: index)))
                    index += 1
                }
            }
            return try commit(ahead, delivery, ledger, &report)
        }
    }

    /// Stores one batch after the other.
    private func commit(
        _ ahead: borrowing ReadAhead<(superseded: Int, batch: Batch)>, _ delivery: Delivery, _ ledger: IngestRecord,
        _ report: inout Report
    ) throws -> [Problem] {
        var clashes: [Problem] = []
        var superseded = 0
        func next() throws -> Batch? {
            while let (count, batch) = try ahead.next() {
                if isStopping() { throw CancellationError() }
                try delivery.requireUnchanged()
                superseded += count
                if !batch.contacts.isEmpty { return batch }
            }
            return nil
        }
        while let first = try next() {
            // What ends the batches is thrown once those before it are stored.
            var end: (any Error)?
            clashes += try commit(first, .skip, delivery, ledger, &report) {
                do { return try next() } catch {
                    end = error
                    return nil
                }
            }
            if let end { throw end }
        }
        report.manifest.contacts.superseded += superseded
        return clashes
    }

    /// Stores a batch, and with it what follows it for a while.
    private func commit(
        _ first: Batch, _ policy: ConflictPolicy, _ delivery: Delivery, _ ledger: IngestRecord, _ report: inout Report,
        following: () -> Batch?
    ) throws -> [Problem] {
        if first.contacts.isEmpty { return [] }
        if delivery.isSuppressionList {
            try suppress(first.contacts, first.index, delivery, &report)
            return []
        }
        if delivery.isDryRun { return report.stored([try store.rehearse(first.contacts, of: ledger)]) }
        DurableStep.batch.begins()
        let started = ContinuousClock.now
        let results = try store.apply(first, of: ledger, conflicts: policy) {
            let next = isCareful ? nil : following()
            if next != nil { DurableStep.batch.begins() }
            return next
        }
        for _ in results { DurableStep.batch.ended() }
        metrics?.countBatch(.now - started)
        return report.stored(results)
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
    fileprivate func settledBatch(of delivery: Delivery) throws -> Batch? {
        guard case .whole(let contacts) = contents, !contacts.isEmpty, !delivery.isDryRun, !delivery.isSuppressionList else {
            return nil
        }
        let batch = try Batch(contacts, index: 0)
        return batch.isSettled ? batch : nil
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
