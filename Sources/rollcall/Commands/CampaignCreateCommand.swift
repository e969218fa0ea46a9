import ArgumentParser
import Contacts
import ContactStore
import Spool

struct CampaignCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a campaign and its folders.",
        discussion: """
            What is not given comes from the new_campaign settings.

            COLUMNS
              --map names a column that its header does not explain, or explains wrongly. The fields are \
            \(ContactField.allCases.map(\.rawValue).joined(separator: ", ")). Phone columns that are named here are \
            dialled first, in this order.

            EXAMPLES
              rollcall campaign create spring-renewals --default-country-code US
              rollcall campaign create debtors-uk --default-country-code +44 --map "Ref=external_id" --map "Alt=phone_numbers"
            """)

    @Argument(help: "The campaign's key, which is also its folder's name.")
    var key: String
    @OptionGroup(title: "Campaign")
    var fields: CampaignFields
    @Flag(help: "Print the campaign as JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        var campaign = try settings.campaign(key: key)
        try fields.apply(to: &campaign)
        guard SpoolFolders.isCampaignKey(key) else { throw CampaignKeyError(key: key) }
        try settings.store().create(campaign)
        try settings.folders.prepare()
        try settings.folders.makeCampaign(key)
        if json { return try Output.json(CampaignDocument(campaign, contacts: 0)) }
        try Output.line("Created campaign \(key). Drop files into \(settings.folders.campaign(key)).")
    }
}
