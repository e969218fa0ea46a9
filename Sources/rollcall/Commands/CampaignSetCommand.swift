import ArgumentParser
import ContactStore
import Contacts

struct CampaignSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a campaign's settings.",
        discussion: """
            Changes what is given and leaves the rest; --map, once given, replaces all earlier column rules. Contacts that \
            are stored already stay as they are. A file that was refused can be dropped again afterwards.

            EXAMPLES
              rollcall campaign set spring-renewals --default-country-code US
              rollcall campaign set spring-renewals --map "Ref=external_id" --map "Alt=phone_numbers"
            """)

    @Argument(help: "The campaign's key.")
    var key: String
    @OptionGroup(title: "Campaign")
    var fields: CampaignFields
    @Flag(help: "Print the campaign as JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let store = try options.settings().store()
        var campaign = try store.existing(key)
        try fields.apply(to: &campaign)
        try store.update(campaign)
        let document = try CampaignDocument(campaign, contacts: store.count(campaign: key))
        if json { return try Output.json(document) }
        for (name, value) in document.lines { try Output.line("\(name): \(value.printable)") }
    }
}
