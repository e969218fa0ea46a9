import ArgumentParser
import ContactStore
import Foundation
import Ingest

struct ContactsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print a campaign's contacts as CSV or JSON lines.",
        discussion: """
            What is printed, dropped again, changes no contact. In CSV the column rollcall_data holds data as JSON, and a \
            cell that a spreadsheet would run as a formula has an apostrophe in front, which is taken away when the file is \
            read again; the agent overrides are in JSON lines alone.

            EXAMPLES
              rollcall contacts export --campaign spring-renewals --format csv > contacts.csv
            """)

    @Option(help: ArgumentHelp("The campaign's key.", valueName: "key"))
    var campaign: String
    @Option(help: "csv or jsonl.")
    var format = ContactExport.Format.csv
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let store = try options.settings().store()
        _ = try store.existing(campaign)
        var pending: [UInt8] = []
        try ContactExport(store, campaign: campaign).write(as: format) { piece in
            pending += piece
            guard pending.count >= 1 << 16 else { return }
            try Output.bytes(pending)
            pending.removeAll(keepingCapacity: true)
        }
        try Output.bytes(pending)
    }
}

extension ContactExport.Format: ExpressibleByArgument {}
