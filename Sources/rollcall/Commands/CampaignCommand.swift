import ArgumentParser
import Contacts
import ContactStore

struct CampaignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign",
        abstract: "Create campaigns and open or close them.",
        discussion: """
            A campaign's key is the name of its folder under the spool: letters, digits, dots, underscores and \
            dashes, at most 128, the first a letter or a digit.

            EXAMPLES
              rollcall campaign create spring-renewals --default-country-code US --default-timezone America/New_York
              rollcall campaign create debtors-uk --default-country-code +44 --map "Kontonr=external_id" --on-invalid skip
              rollcall campaign close spring-renewals
            """,
        subcommands: [
            CampaignCreateCommand.self, CampaignSetCommand.self, CampaignApplyCommand.self, CampaignListCommand.self, CampaignShowCommand.self,
            CampaignStatsCommand.self, CampaignCloseCommand.self, CampaignReopenCommand.self, CampaignPauseCommand.self,
        ])
}

struct CampaignListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the campaigns.")

    @Flag(help: "Print JSON: {\"campaigns\": […]}.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let store = try options.settings().store()
        let documents = try store.campaigns().map { try CampaignDocument($0, contacts: store.count(campaign: $0.key)) }
        if json { return try Output.json(["campaigns": documents]) }
        try Output.table(
            ["CAMPAIGN", "STATUS", "COUNTRY", "CONTACTS", "NAME"],
            documents.map { [$0.campaignID, $0.status, $0.defaultCountryCode ?? "-", "\($0.contacts)", $0.name] })
    }
}

struct CampaignShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one campaign.")

    @Argument(help: "The campaign's key.")
    var key: String
    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let store = try options.settings().store()
        let document = try CampaignDocument(store.existing(key), contacts: store.count(campaign: key))
        if json { return try Output.json(document) }
        for (name, value) in document.lines { try Output.line("\(name): \(value.printable)") }
    }
}
