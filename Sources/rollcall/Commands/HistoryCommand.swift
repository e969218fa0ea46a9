import ArgumentParser
import Contacts
import ContactStore
import Foundation
import Ingest

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Every file that was taken in, and what became of it.",
        discussion: """
            EXAMPLES
              rollcall history --campaign spring-renewals --limit 20
              rollcall history show 0199c0de-0000-7000-8000-000000000001
            """,
        subcommands: [HistoryListCommand.self, HistoryShowCommand.self], defaultSubcommand: HistoryListCommand.self)
}

struct HistoryListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List ingests, newest first.")

    @Option(help: ArgumentHelp("Of this campaign alone.", valueName: "key"))
    var campaign: String?
    @Option(help: ArgumentHelp("At most this many.", valueName: "n"))
    var limit = 100
    @Option(help: ArgumentHelp("Pass over the first.", valueName: "n"))
    var offset = 0
    @Flag(help: "Print JSON: {\"ingests\": […]}.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func validate() throws {
        guard limit > 0, offset >= 0 else { throw ValidationError("--limit starts at 1, --offset at 0") }
    }

    func run() async throws {
        let store = try options.settings().store()
        let entries = try store.ingests(campaign: campaign, limit: limit, offset: offset).map(HistoryEntry.init)
        if json { return try Output.json(["ingests": entries]) }
        try Output.table(
            ["INGEST", "RECEIVED", "CAMPAIGN", "FILE", "STATUS", "INSERTED", "UPDATED", "UNCHANGED", "REFUSED"],
            entries.map { entry in
                [
                    entry.ingestID, entry.receivedAt, entry.campaignID, entry.file, entry.shownStatus,
                    "\(entry.inserted)", "\(entry.updated)", "\(entry.unchanged)", "\(entry.rejected)",
                ]
            })
    }
}

struct HistoryShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print an ingest's manifest, as the ledger keeps it.")

    @Argument(help: "The ingest's id, a UUID.")
    var id: String
    @Flag(help: "Print JSON, which is what it always does.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        guard let uuid = UUID(uuidString: id) else { throw ValidationError("\"\(id)\" is no UUID.") }
        guard let entry = try options.settings().store().ingest(uuid) else { throw UnknownIngestError(id: id) }
        guard let manifest = entry.outcome?.manifest else { return try Output.json(HistoryEntry(entry)) }
        try Output.bytes(Array(manifest.utf8))
    }
}

struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Take back what an ingest changed.",
        discussion: """
            Contacts that it brought are removed, those that it updated are as they were before; a manifest of its own says \
            so. Nothing is changed when a later file or a dialler has touched one of them since, or when the ingest is \
            older than undo.keep. The same file may be dropped again afterwards.

            EXAMPLES
              rollcall history --campaign spring-renewals
              rollcall undo 0199c0de-0000-7000-8000-000000000001

            EXIT STATUS
              0  it is undone    1  it cannot be, and nothing has changed
            """)

    @Argument(help: "The ingest's id, a UUID.")
    var id: String
    @Flag(help: "Print the manifest.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        guard let uuid = UUID(uuidString: id) else { throw ValidationError("\"\(id)\" is no UUID.") }
        let settings = try options.settings()
        do {
            let manifest = try IngestUndo(store: settings.store(), folders: settings.folders).run(uuid)
            if json { return try Output.bytes(manifest.json()) }
            try Output.line(manifest.detail)
        } catch let refused as UndoRefused {
            Output.complain("\(refused)")
            throw ExitCode(Status.refused)
        }
    }
}

/// An ingest as `history` prints it.
private struct HistoryEntry: Encodable {
    let ingestID, campaignID, file, receivedAt, status: String
    let code: Int?
    let detail: String?
    let inserted, updated, unchanged, rejected: Int
    let undoneBy: String?

    private enum CodingKeys: String, CodingKey {
        case ingestID = "ingest_id"
        case campaignID = "campaign_id"
        case receivedAt = "received_at"
        case undoneBy = "undone_by"
        case file, status, code, detail, inserted, updated, unchanged, rejected
    }

    init(_ entry: LedgerEntry) {
        ingestID = entry.ingest.id.text
        campaignID = entry.ingest.campaign
        file = entry.ingest.fileName
        receivedAt = entry.ingest.receivedAt.iso8601
        status = entry.outcome?.status.rawValue ?? entry.state.rawValue
        code = entry.outcome?.code
        detail = entry.outcome?.detail
        inserted = entry.batches.reduce(0) { $0 + $1.inserted }
        updated = entry.batches.reduce(0) { $0 + $1.updated }
        unchanged = entry.batches.reduce(0) { $0 + $1.unchanged }
        rejected = entry.outcome?.rejected ?? 0
        undoneBy = entry.undoneBy?.text
    }

    var shownStatus: String { undoneBy == nil ? status : "undone" }
}

private struct UnknownIngestError: Error, CustomStringConvertible {
    let id: String

    var description: String { "there is no ingest \"\(id)\"; rollcall history lists them" }
}
