import ArgumentParser
import ContactStore
import Contacts
import Foundation
import Ingest
import Spool

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Take up files again that were set aside.",
        discussion: """
            A file that Rollcall itself could not finish, limits.attempts times, is set aside: its manifest says \
            "failed", and the original lies in the archive. Once the cause is gone, this imports it now, under the same \
            ingest id; what was stored of it before is not applied again. Without an argument all such files are taken \
            up, the oldest first. The service may run meanwhile.

            EXAMPLES
              rollcall retry
              rollcall retry leads.csv --campaign spring-renewals
              rollcall retry 0199c0de-5f2a-7c31-9d4e-8a1b2c3d4e5f

            EXIT STATUS
              0  every file was accepted, or had been already    1  at least one was not
            """)

    @Argument(help: ArgumentHelp("The file's name or its ingest's id.", valueName: "file|ingest-id"))
    var which: String?
    @Option(help: ArgumentHelp("Only files of this campaign.", valueName: "key"))
    var campaign: String?
    @Flag(help: "Print the manifests.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        try settings.folders.prepare()
        let store = try settings.store()
        let importer = FileImporter(store: store, folders: settings.folders, settings: try settings.importSettings())
        let found = try store.ingests(status: .failed).filter(isMeant).reversed()
        guard !found.isEmpty else { return try none() }
        var refused = 0
        for entry in found {
            guard let manifest = try importer.retry(entry) else {
                Output.complain("\(entry.ingest.fileName): its original is not in the archive of \(entry.ingest.campaign), or a process has it in hand")
                refused += 1
                continue
            }
            if !manifest.isTaken { refused += 1 }
            try manifest.show(json: json)
        }
        if refused > 0 { throw ExitCode(Status.refused) }
    }

    private func isMeant(_ entry: LedgerEntry) -> Bool {
        guard campaign == nil || campaign == entry.ingest.campaign else { return false }
        guard let which else { return true }
        return which == entry.ingest.fileName || which.lowercased() == entry.ingest.id.text
    }

    private func none() throws {
        guard let which else { return try Output.line("No file was set aside.") }
        throw NothingSetAside(which: which)
    }
}

/// Nothing of that name waits to be taken up.
private struct NothingSetAside: Error, CustomStringConvertible {
    let which: String
    var description: String { "no file or ingest \"\(which)\" was set aside; rollcall status lists the last ingests" }
}
