import ArgumentParser
import ContactStore
import Foundation
import Ingest
import Spool

struct CleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Remove and compress what retention.* says has been kept long enough, now.",
        discussion: """
            The service does the same once an hour. Without any retention setting nothing is removed. Originals of files \
            that are not done with or were set aside, and everything younger than undo.keep, stay in any case.

            EXAMPLES
              rollcall clean --dry-run
              rollcall clean --dry-run --set retention.archive_days=365
            """)

    @Flag(help: "Only print what would be done.")
    var dryRun = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        guard let retention = settings.retentionRun(try settings.store()) else {
            return try Output.line("Nothing is removed or compressed: no retention setting is on.")
        }
        let result = try await retention.run(isRehearsal: dryRun)
        for (action, file) in result.steps { try Output.line("\(dryRun ? "would be " : "")\(action.rawValue): \(file.title)") }
        let counts = result.counts.map { "\($0.count) \($0.action.rawValue)" }.joined(separator: ", ")
        try Output.line("\(counts)\(dryRun ? " (dry run)" : "").")
        result.problems.forEach { Output.complain($0) }
        if !result.problems.isEmpty { throw ExitCode(Status.failure) }
    }
}

extension Settings {
    /// `nil` when everything is kept.
    func retentionRun(_ store: ContactStore) -> Ingest.Retention? {
        func days(_ count: Int) -> Duration? { count > 0 ? .seconds(count * 86_400) : nil }
        let keep = Ingest.Retention.Keep(
            archive: days(retention.archiveDays), results: days(retention.resultsDays), plain: days(retention.compressAfterDays),
            undo: undoKeep)
        return keep.isOff ? nil : Ingest.Retention(store: store, folders: folders, keep: keep)
    }
}
