package import ContactStore
import Contacts
package import Foundation
package import Spool
import SystemPackage

/// Removes and compresses what has been kept long enough.
///
/// An original goes only when the ledger says that its ingest is done and was not set aside: an unknown one may be of a time
/// after the backup that the store was restored from. Answers of a campaign stay while one of its files is in hand, or a
/// notice waits. Nothing goes before the time of an undo is over.
package struct Retention: Sendable {
    /// How long files are kept; `nil`: for ever.
    package struct Keep: Sendable {
        package var archive: Duration?
        package var results: Duration?
        /// How long originals stay uncompressed.
        package var plain: Duration?
        /// How long an ingest can be undone.
        package var undo: Duration

        package init(archive: Duration?, results: Duration?, plain: Duration?, undo: Duration) {
            self.archive = archive
            self.results = results
            self.plain = plain
            self.undo = undo
        }

        package var isOff: Bool { archive == nil && results == nil && plain == nil }
    }

    package enum Action: String, Sendable, CaseIterable {
        case removed, compressed
    }

    /// What was done, or would be.
    package struct Result: Sendable {
        package var steps: [(action: Action, file: KeptFile)] = []
        package var problems: [String] = []

        package var counts: [(action: Action, count: Int)] {
            Action.allCases.map { action in (action, steps.count { $0.action == action }) }
        }
    }

    private let store: ContactStore
    private let folders: SpoolFolders
    private let keep: Keep

    package init(store: ContactStore, folders: SpoolFolders, keep: Keep) {
        self.store = store
        self.folders = folders
        self.keep = keep
    }

    /// - Parameter isRehearsal: nothing is changed, and the result says what would be.
    ///
    /// Throws when the store or the spool cannot be read; trouble with one file is in the result. Cancelling ends it early.
    package func run(isRehearsal: Bool = false, at now: Date = Date()) async throws -> Result {
        var result = Result()
        for campaign in try folders.dropFolderNames() {
            if Task.isCancelled { break }
            try await cleanArchive(campaign, isRehearsal, now, &result)
            try await cleanResults(campaign, isRehearsal, now, &result)
        }
        return result
    }

    private func cleanArchive(_ campaign: String, _ isRehearsal: Bool, _ now: Date, _ result: inout Result) async throws {
        guard keep.archive != nil || keep.plain != nil else { return }
        for file in try folders.keptFiles(.archive, of: campaign) {
            guard !Task.isCancelled, let id = file.ingestID.flatMap({ UUID(uuidString: $0) }), let action = action(file, id, now),
                try isDone(file, id, action, now)
            else { continue }
            await take(action, file, isRehearsal, &result)
        }
    }

    /// By the id, which has the time: most files are too young, and the ledger needs no asking.
    private func action(_ file: KeptFile, _ id: UUID, _ now: Date) -> Action? {
        let age = now.timeIntervalSince1970 - Double(id.milliseconds) / 1000
        if isOver(keep.archive, age) { return .removed }
        // Compressing takes nothing away that an undo would need.
        if let plain = keep.plain, age > plain.seconds, !file.isCompressed { return .compressed }
        return nil
    }

    private func isOver(_ time: Duration?, _ age: Double) -> Bool {
        guard let time else { return false }
        return age > max(time, keep.undo).seconds
    }

    private func isDone(_ file: KeptFile, _ id: UUID, _ action: Action, _ now: Date) throws -> Bool {
        guard let standing = try store.standing(of: id) else { return isDryRun(file, id) }
        guard standing.isDone, standing.status != .failed else { return false }
        // A clock that was wrong when the id was made must not cost a file.
        let age = now.timeIntervalSince1970 - Double(standing.receivedAt) / 1000
        return action == .compressed || isOver(keep.archive, age)
    }

    /// The ledger knows nothing of dry runs; their own manifest does.
    private func isDryRun(_ file: KeptFile, _ id: UUID) -> Bool {
        guard let name = file.droppedName, let own = ResultNames(file: name, id: id.text)?.own,
            let manifest = folders.result(named: own, of: file.campaign).flatMap({ try? Manifest(json: $0) })
        else { return false }
        return manifest.dryRun && manifest.ingestID == id.text
    }

    private func cleanResults(_ campaign: String, _ isRehearsal: Bool, _ now: Date, _ result: inout Result) async throws {
        guard keep.results != nil else { return }
        let old = try folders.keptFiles(.results, of: campaign).filter {
            isOver(keep.results, now.timeIntervalSince1970 - Double($0.modified.seconds)) && Self.isAnswer($0.name.string)
        }
        guard !old.isEmpty, try !store.hasUnfinishedIngests(campaign: campaign) else { return }
        // While its original is kept, a dry run's manifest is the only one to say that it was one.
        let kept = Set(keep.archive == nil ? [] : try folders.keptFiles(.archive, of: campaign).compactMap(\.ingestID))
        for file in old where !Task.isCancelled {
            // `<file>.<ingest id>.result.json`
            if kept.contains(String(file.name.string.dropLast(12).suffix(36))) { continue }
            await take(.removed, file, isRehearsal, &result)
        }
    }

    /// Whatever else somebody put there stays.
    private static func isAnswer(_ name: String) -> Bool {
        [".result.json", ".rejected.csv", ".rejected.jsonl"].contains { name.hasSuffix($0) }
    }

    private func take(_ action: Action, _ file: KeptFile, _ isRehearsal: Bool, _ result: inout Result) async {
        do throws(SpoolError) {
            if !isRehearsal {
                switch action {
                case .removed: try folders.remove(file)
                case .compressed: try await folders.compress(file)
                }
            }
            result.steps.append((action, file))
        } catch {
            result.problems.append("\(error)")
        }
    }
}

extension UUID {
    /// Of a version 7 UUID (RFC 9562): milliseconds since 1970.
    fileprivate var milliseconds: Int64 {
        withUnsafeBytes(of: uuid) { bytes in bytes.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) } }
    }
}

extension Duration {
    fileprivate var seconds: Double { self / .seconds(1) }
}
