import ArgumentParser
import Contacts
import ContactStore
import PhoneNumbers
import Spool
import SystemPackage

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
    @Option(help: "A name for people; the key if not given.")
    var name: String?
    @Option(help: ArgumentHelp("Where numbers without a calling code are dialled from: US, gb, 1, +44.", valueName: "region"))
    var defaultCountryCode: String?
    @Option(help: ArgumentHelp("The time zone of contacts that have none, as IANA names it.", valueName: "zone"))
    var defaultTimezone: String?
    @Option(
        name: .customLong("map"), parsing: .singleValue,
        help: ArgumentHelp("Take this column for this field; may be repeated.", valueName: "header=field"))
    var rules: [ColumnRule] = []
    @Option(help: ArgumentHelp("What one invalid row does: refuse the file, or skip the row.", valueName: "refuse|skip"))
    var onInvalid: InvalidRowPolicy?
    @Flag(help: "Print the campaign as JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        var campaign = try settings.campaign(key: key)
        if let name { campaign.name = name }
        if let defaultCountryCode { campaign.defaultRegion = try .defaultCountryCode(defaultCountryCode) }
        if let defaultTimezone { campaign.defaultTimezone = try Self.timezone(defaultTimezone) }
        if let onInvalid { campaign.onInvalid = onInvalid }
        campaign.columnRules = rules
        guard SpoolFolders.isCampaignKey(key) else { throw CampaignKeyError(key: key) }
        try settings.store().create(campaign)
        try settings.folders.prepare()
        try settings.folders.makeCampaign(key)
        if json { return try Output.json(CampaignDocument(campaign, contacts: 0)) }
        try Output.line("Created campaign \(key). Drop files into \(settings.folders.campaign(key)).")
    }

    private static func timezone(_ text: String) throws -> String {
        var names = TimeZoneNames()
        guard names.zone(text) != nil else {
            throw ValidationError("\"\(text)\" is no IANA time zone; write America/New_York, not EST or Eastern")
        }
        return text
    }
}

extension ColumnRule: ExpressibleByArgument {
    /// `Header=field`; the last `=` divides, so a header may hold one.
    package init?(argument: String) {
        guard let equals = argument.lastIndex(of: "="), equals > argument.startIndex,
            let field = ContactField(rawValue: String(argument[argument.index(after: equals)...]))
        else { return nil }
        self.init(column: String(argument[..<equals]), field: field)
    }
}

extension InvalidRowPolicy: ExpressibleByArgument {}
