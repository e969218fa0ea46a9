import ArgumentParser
import ContactStore
import Foundation
import Ingest
import Spool
import SystemPackage

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Import files now, without the service.",
        discussion: """
            Does with each file what the service does with a dropped one, and leaves the file itself where it is: a copy \
            goes to the campaign's archive, the manifest to its results. Prints one line a file, or with --json its \
            manifest, one JSON document after the other. On a terminal a bar on standard error shows how far several \
            files are.

            EXAMPLES
              rollcall ingest leads.csv --campaign spring-renewals
              rollcall ingest exports/*.csv --campaign spring-renewals
              rollcall ingest leads.csv --campaign spring-renewals --json | jq .contacts

            EXIT STATUS
              0  every file was accepted, or had been already    1  at least one was refused
            """)

    @Argument(help: "The files to import.", completion: .file())
    var files: [String]
    @Option(help: ArgumentHelp("The campaign's key.", valueName: "key"))
    var campaign: String
    @Flag(help: "Print the manifests.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        try settings.folders.prepare()
        let importer = FileImporter(
            store: try settings.store(), folders: settings.folders, settings: try settings.importSettings())
        var bar = ProgressBar(total: files.count)
        var refused = 0
        for file in files {
            bar.show(file)
            let manifest = try manifest(of: file, importer, settings.folders)
            if manifest?.isTaken != true { refused += 1 }
            bar.clear()
            if let manifest { try manifest.show(json: json) }
            bar.advance(refused: refused)
        }
        bar.clear()
        if refused > 0 { throw ExitCode(Status.refused) }
    }

    /// `nil` for a file that cannot be taken at all, after saying why.
    private func manifest(of file: String, _ importer: FileImporter, _ folders: SpoolFolders) throws -> Manifest? {
        let path = FilePath(file)
        let claim: Claim
        do throws(SpoolError) {
            claim = try Claim.copy(of: path, campaign: campaign, isCheck: false, in: folders, id: Claim.makeID())
        } catch {
            // The spool's own troubles are no fault of this file, and the next one would meet them too.
            guard error.path == path else { throw error }
            Output.complain("\(error)")
            return nil
        }
        return try importer.run(claim)
    }
}

extension Manifest {
    /// One line, or with `json` the whole.
    func show(json: Bool) throws {
        if json { return try Output.bytes(self.json()) }
        try Output.line("\(file.name.printable): \(status.rawValue) (\(code)): \(detail.printable)")
    }
}
