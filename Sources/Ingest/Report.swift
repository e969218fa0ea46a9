import Contacts
import ContactStore
import Foundation
import PhoneNumbers

/// A manifest in the making: counts everything, lists the first of each kind.
struct Report: Sendable {
    var manifest: Manifest
    /// The manifest's JSON where it is in the ledger already, together with the contacts.
    var recorded: [UInt8]?
    private let listed: Int
    private let redactsNumbers: Bool
    /// Rows that are sound but must not be dialled: they never keep a file out.
    private var suppressedRows = 0
    private let started = ContinuousClock.now
    /// The rows are well formed but clash with what is stored.
    private static let conflictCodes: Set<String> = ["id_in_other_campaign", "id_external_id_conflict"]

    init(_ delivery: Delivery, _ settings: ImportSettings) {
        listed = settings.limits.listed
        redactsNumbers = settings.redactsNumbers
        manifest = Manifest(
            ingestID: delivery.id.text, campaignID: delivery.campaign, dryRun: delivery.isDryRun,
            file: .init(
                name: delivery.name, bytes: delivery.bytes, receivedAt: delivery.receivedAt.iso8601,
                archivedAs: delivery.archivedAs),
            versions: .init(
                rollcall: RollcallVersion.current, phoneMetadata: PhoneMetadata.version,
                phoneMetadataDate: PhoneMetadata.date))
    }

    /// Counts one refused row with everything that is wrong with it.
    mutating func reject(row problems: [Problem]) {
        manifest.rows.rejected += 1
        problems.forEach { list($0) }
    }

    /// Counts one row that has no number left which may be dialled.
    mutating func suppress(row problem: Problem) {
        suppressedRows += 1
        reject(row: [problem])
    }

    /// Takes a row that had passed back out: only the store could know that it clashes.
    mutating func rejectStored(row problem: Problem) {
        manifest.rows.valid -= 1
        reject(row: [problem])
    }

    mutating func warn(_ problem: Problem) {
        manifest.warnings.total += 1
        if manifest.warnings.first.count < listed { manifest.warnings.first.append(shown(problem)) }
    }

    mutating func stored(_ outcome: BatchOutcome) {
        if !manifest.dryRun { manifest.batches.append(outcome) }
        manifest.contacts.inserted += outcome.inserted
        manifest.contacts.updated += outcome.updated
        manifest.contacts.unchanged += outcome.unchanged
        manifest.contacts.superseded += outcome.superseded
    }

    /// Returns the clashes, which are rejected.
    mutating func stored(_ results: [BatchResult]) -> [Problem] {
        results.forEach { stored($0.outcome) }
        let clashes = results.flatMap { $0.conflicts.map(\.problem) }
        clashes.forEach { rejectStored(row: $0) }
        return clashes
    }

    private mutating func list(_ problem: Problem) {
        manifest.rejections.total += 1
        manifest.rejections.byCode[problem.code, default: 0] += 1
        if manifest.rejections.first.count < listed { manifest.rejections.first.append(shown(problem)) }
        guard problem.field == .phoneNumbers, problem.value?.isEmpty == false else { return }
        manifest.invalidNumbers.total += 1
        if manifest.invalidNumbers.first.count < listed { manifest.invalidNumbers.first.append(shown(problem)) }
    }

    private func shown(_ problem: Problem) -> Problem { redactsNumbers ? problem.redacted : problem }

    // MARK: How it ends

    /// Whether the rows that were read keep the file out; `more` of them are known to clash with the store.
    func isRefused(by campaign: Campaign, and more: Int = 0) -> Bool {
        let rejected = manifest.rows.rejected - suppressedRows + more
        switch campaign.onInvalid {
        case .refuse: return rejected > 0
        case .skip:
            guard let share = campaign.maxInvalid else { return false }
            return Double(rejected) * 100 > share * Double(manifest.rows.read)
        }
    }

    private var storedContacts: Int { manifest.batches.reduce(0) { $0 + $1.contacts } }
    var hasStoredNothing: Bool { storedContacts == 0 }

    mutating func refuse(_ refusal: Refusal) {
        manifest.status = .rejected
        manifest.code = refusal.status
        list(refusal.problem)
        // A campaign may be closed while a long file is being stored.
        let kept = hasStoredNothing ? "nothing stored" : "after \(storedContacts) contacts of this file were stored"
        manifest.detail = Self.sentence("\(refusal.problem.placed), \(kept)") + (refusal.problem.hint.map { " \($0)" } ?? "")
    }

    mutating func refuseRows(by campaign: Campaign) {
        manifest.status = .rejected
        let codes = Set(manifest.rejections.byCode.keys)
        manifest.code = codes.isSubset(of: Self.conflictCodes) ? 409 : 422
        manifest.contacts = .init()
        manifest.batches = []
        let first = manifest.rejections.first.first.map { " First: \($0.placed)." } ?? ""
        let share = campaign.onInvalid == .skip ? campaign.maxInvalid.map { ", more than the \($0.formatted())% that may be skipped" } : nil
        manifest.detail = "\(manifest.rows.rejected) of \(manifest.rows.read) rows refused\(share ?? ""), nothing stored.\(first)"
    }

    mutating func duplicate(of first: UUID) {
        manifest.status = .duplicate
        manifest.duplicateOf = first.text
        manifest.detail = "The same bytes were accepted before, in ingest \(first.text); nothing was applied twice."
    }

    mutating func accept() {
        let counts = manifest.contacts
        var parts = ["\(counts.inserted) inserted", "\(counts.updated) updated", "\(counts.unchanged) unchanged"]
        if counts.superseded > 0 { parts.append("\(counts.superseded) superseded by a later row") }
        let verb = manifest.dryRun ? "would be " : ""
        manifest.detail = "\(manifest.rows.valid) contacts: \(verb)\(parts.joined(separator: ", "))."
        let refused = manifest.rows.rejected - suppressedRows
        if refused > 0 { manifest.detail += " \(refused) rows refused." }
        if suppressedRows > 0 { manifest.detail += " \(suppressedRows) rows suppressed." }
        if manifest.rows.notRead > 0 {
            manifest.detail += " \(manifest.rows.notRead) more rows were not read: the limit is \(manifest.rows.read + manifest.rows.empty)."
        }
    }

    /// Rollcall itself could not finish the file, parts of which may be in the store.
    mutating func fail(_ reason: String, stored batches: [BatchOutcome]) {
        manifest.status = .failed
        manifest.code = 422
        batches.forEach { stored($0) }
        let contacts = batches.reduce(0) { $0 + $1.contacts }
        let kept = contacts == 0 ? "nothing stored" : "after \(contacts) contacts of this file were stored"
        manifest.detail = "\(reason), \(kept). Once the cause is gone: rollcall retry \(manifest.ingestID)"
    }

    mutating func stopClock() { manifest.timing.totalMs = manifest.timing.waitedMs + started.elapsedMilliseconds }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
}

extension ContinuousClock.Instant {
    var elapsedMilliseconds: Int { Int((ContinuousClock.now - self) / .milliseconds(1)) }
}
