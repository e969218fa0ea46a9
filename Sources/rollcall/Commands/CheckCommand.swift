import ArgumentParser
import Contacts
import ContactStore
import Foundation
import Ingest
import SystemPackage

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what a file would do, and store nothing.",
        discussion: """
            Prints how each column is understood, the first contacts as they would be stored, and every problem up to \
            limits.listed. The file stays where it is. With --json it prints the manifest that a drop would have written.

            EXAMPLES
              rollcall check leads.csv --campaign spring-renewals
              rollcall check leads.csv --campaign spring-renewals --set limits.listed=1000
              rollcall check leads.csv --campaign spring-renewals --json | jq .rejections.by_code

            EXIT STATUS
              0  it would be accepted, or has been already    1  it would be refused
            """)

    @Argument(help: "The file to check.", completion: .file())
    var file: String
    @Option(help: ArgumentHelp("The campaign's key.", valueName: "key"))
    var campaign: String
    @Flag(help: "Print the manifest.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        let importer = FileImporter(
            store: try settings.store(), folders: settings.folders, settings: try settings.importSettings())
        let check = try importer.check(FilePath(file), campaign: campaign)
        if json { try Output.bytes(check.manifest.json()) } else { try CheckReport(check).print() }
        if !check.manifest.isTaken { throw ExitCode(Status.refused) }
    }
}
