package import CoreMetrics
import ContactStore
import Contacts
package import Foundation
import PhoneNumbers
import Spool

/// What the service measures, under its names. Without a bootstrapped backend all of it goes nowhere.
package struct ServiceMetrics: Sendable {
    private let factory: any MetricsFactory
    private let batch: CoreMetrics.Timer
    private let file: CoreMetrics.Timer

    /// - Parameter factory: where the figures go.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        batch = CoreMetrics.Timer(label: Self.batchSeconds.name, dimensions: [], factory: factory)
        file = CoreMetrics.Timer(label: Self.fileSeconds.name, dimensions: [], factory: factory)
        // What has not happened yet is 0, not missing.
        for change in ["inserted", "updated", "unchanged", "superseded"] { add(0, Self.contacts, ["change": change]) }
        for result in ["valid", "rejected", "empty", "not_read"] { add(0, Self.rows, ["result": result]) }
        for cause in ["file", "service"] { add(0, Self.retries, ["cause": cause]) }
    }

    // MARK: Counted as it happens

    /// One file that is done with.
    func count(_ manifest: Manifest) {
        add(1, Self.files, ["status": manifest.status.rawValue, "code": "\(manifest.code)"])
        let rows = manifest.rows
        for (result, count) in [("valid", rows.valid), ("rejected", rows.rejected), ("empty", rows.empty), ("not_read", rows.notRead)] {
            if count > 0 { add(count, Self.rows, ["result": result]) }
        }
        for (code, count) in manifest.rejections.byCode { add(count, Self.rejections, ["code": code]) }
        file.recordMilliseconds(manifest.timing.totalMs)
        // A dry run changes no contact.
        guard !manifest.dryRun else { return }
        let contacts = manifest.contacts
        for (change, count) in [
            ("inserted", contacts.inserted), ("updated", contacts.updated), ("unchanged", contacts.unchanged),
            ("superseded", contacts.superseded),
        ] {
            if count > 0 { add(count, Self.contacts, ["change": change]) }
        }
    }

    /// How long one transaction took.
    func countBatch(_ duration: Duration) {
        let parts = duration.components
        batch.recordNanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }

    /// A file that will be tried again, because of itself or of what hinders all.
    func countRetry(ofService: Bool) { add(1, Self.retries, ["cause": ofService ? "service" : "file"]) }

    /// An answer to a notice: `sent`, `failed` (it is tried again) or `given_up`.
    package func countNotice(_ channel: String, _ result: String) {
        add(1, Self.notices, ["channel": channel, "result": result])
    }

    /// Files that retention removed or compressed.
    package func countRetention(_ action: Retention.Action, _ files: Int) { add(files, Self.retention, ["action": action.rawValue]) }

    // MARK: Looked at from time to time

    func observe(_ status: IntakeStatus, troubles: Int, now: Date = Date()) {
        set(Double(status.waiting), Self.backlog)
        set(Double(status.incomplete), Self.incomplete)
        set(Double(status.inHand.count), Self.inHand)
        set(Double(status.unwatched), Self.unwatched)
        set(Double(status.campaigns), Self.campaigns)
        set(Double(troubles + status.troubles.count), Self.troubles)
        let oldest = status.oldestWaiting.map { now.timeIntervalSince1970 - Double($0.seconds) } ?? 0
        set(max(0, oldest), Self.oldestWaiting)
    }

    func observe(_ headroom: Headroom, now: Date = Date()) {
        for (place, disk) in [("spool", headroom.spool), ("database", headroom.database)] {
            guard let disk else { continue }
            set(Double(disk.free), Self.diskFree, ["of": place])
            set(disk.freeRatio, Self.diskFreeRatio, ["of": place])
        }
        if let watches = headroom.watches {
            set(Double(watches.used), Self.watches)
            set(Double(watches.limit), Self.watchesLimit)
        }
        if let files = headroom.openFiles {
            set(Double(files.used), Self.openFiles)
            set(Double(files.limit), Self.openFilesLimit)
        }
        set(PhoneMetadata.age(at: now), Self.metadataAge)
    }

    /// Once, at the start.
    package func begin(at start: Date = Date()) {
        set(1, Self.build, ["version": RollcallVersion.current, "phone_metadata": PhoneMetadata.version])
        set(start.timeIntervalSince1970, Self.startTime)
    }

    package func observeNotices(waiting: Int) { set(Double(waiting), Self.noticesWaiting) }

    // MARK: -

    private func add(_ amount: Int, _ family: MetricFamily, _ labels: KeyValuePairs<String, String>) {
        Counter(label: family.name, dimensions: labels.map { ($0.key, $0.value) }, factory: factory).increment(by: amount)
    }

    private func set(_ value: Double, _ family: MetricFamily, _ labels: KeyValuePairs<String, String> = [:]) {
        Meter(label: family.name, dimensions: labels.map { ($0.key, $0.value) }, factory: factory).set(value)
    }
}

extension PhoneMetadata {
    /// Seconds since the metadata's release; 0 when the clock is before it.
    static func age(at now: Date) -> Double {
        guard let released = try? Date(date, strategy: .iso8601.year().month().day()) else { return 0 }
        return max(0, now.timeIntervalSince(released))
    }
}
