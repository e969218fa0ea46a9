import ArgumentParser
import Contacts
import ContactStore
import Foundation
import Ingest
import PhoneNumbers
import SystemPackage

struct SuppressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppress",
        abstract: "Keep numbers from being dialled, for one campaign or for all.",
        discussion: """
            A suppressed number is left out of every contact that comes, with a warning; a contact without any other number \
            is a rejected row (suppressed), which never keeps its file out. contacts next leaves it out of those that are \
            stored already. Files dropped into SPOOL/.suppress do the same as import, for all campaigns.

            EXAMPLES
              rollcall suppress add "+1 415 555 0101" --reason "asked by phone"
              rollcall suppress import do-not-call.csv --campaign spring-renewals
            """,
        subcommands: [
            SuppressAddCommand.self, SuppressImportCommand.self, SuppressListCommand.self, SuppressRemoveCommand.self,
        ])
}

struct SuppressAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Suppress numbers.")
    @OptionGroup var numbers: SuppressedNumbers
    @Option(help: ArgumentHelp("Why, for people.", valueName: "text"))
    var reason: String?

    func run() async throws {
        let (store, e164) = try numbers.read()
        let added = try store.suppress(e164, campaign: numbers.campaign, reason: reason)
        try Output.line("\(added) added, \(e164.count - added) suppressed already")
    }
}

struct SuppressRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Allow numbers again.")
    @OptionGroup var numbers: SuppressedNumbers

    func run() async throws {
        let (store, e164) = try numbers.read()
        try Output.line("\(store.unsuppress(e164, campaign: numbers.campaign)) removed")
    }
}

/// What `add` and `remove` share.
struct SuppressedNumbers: ParsableArguments {
    @Argument(help: "The numbers, with + and calling code or as dialled from the campaign's country.")
    var texts: [String]
    @Option(help: ArgumentHelp("For this campaign alone.", valueName: "key"))
    var campaign: String?
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    /// The store, and the numbers in E.164; throws `ValidationError` for the first that is none.
    func read() throws -> (ContactStore, [String]) {
        let settings = try options.settings()
        let store = try settings.store()
        let region = try campaign.map { try store.existing($0).defaultRegion } ?? settings.campaign(key: "").defaultRegion
        return (store, try texts.map { try Self.e164($0, region) })
    }

    private static func e164(_ text: String, _ region: RegionCode?) throws -> String {
        do throws(PhoneNumberError) { return try PhoneNumber.read(text, region: region).number.e164 } catch {
            throw ValidationError("\(error.message(value: text, region: region)). \(error.hint(value: text, region: region))")
        }
    }
}

struct SuppressImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Suppress the numbers of a file.",
        discussion: """
            The file is read as a contact file is: CSV with a phone column, or JSON. Good rows count, whatever the others are.

            EXIT STATUS
              0  every row was read    1  some were not; the others are suppressed
            """)

    @Argument(help: "The file.", completion: .file())
    var file: String
    @Option(help: ArgumentHelp("For this campaign alone.", valueName: "key"))
    var campaign: String?
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        let store = try settings.store()
        if let campaign { _ = try store.existing(campaign) }
        let importer = FileImporter(store: store, folders: settings.folders, settings: try settings.importSettings())
        let manifest = try importer.suppress(FilePath(file), campaign: campaign)
        for problem in manifest.rejections.first { Output.complain("\(problem.placed)\(problem.hint.map { ". " + $0 } ?? "")") }
        guard manifest.isTaken else { throw ExitCode(Status.refused) }
        try Output.line(
            "\(manifest.contacts.inserted) added, \(manifest.contacts.unchanged) suppressed already, \(manifest.rows.rejected) rows refused")
        if manifest.rows.rejected > 0 { throw ExitCode(Status.refused) }
    }
}

struct SuppressListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List suppressed numbers.")

    @Option(help: ArgumentHelp("What counts for this campaign.", valueName: "key"))
    var campaign: String?
    @Option(help: ArgumentHelp("At most this many.", valueName: "n"))
    var limit = 1000
    @Option(help: ArgumentHelp("Pass over the first.", valueName: "n"))
    var offset = 0
    @Flag(help: "Print JSON: {\"suppressions\": […]}.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let list = try options.settings().store().suppressions(campaign: campaign, limit: limit, offset: offset)
        if json { return try Output.json(["suppressions": list]) }
        try Output.table(
            ["NUMBER", "CAMPAIGN", "SINCE", "REASON"],
            list.map { [$0.number, $0.campaign ?? "all", $0.createdAt.iso8601, $0.reason ?? "-"] })
    }
}
