import ArgumentParser
import Contacts
import PhoneNumbers

/// What may be said about a campaign, when it is created and later.
struct CampaignFields: ParsableArguments {
    @Option(help: "A name for people.")
    var name: String?
    @Option(help: ArgumentHelp("Whose it is, for the API's tokens; or none: every organisation's.", valueName: "org"))
    var org: String?
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
    @Option(
        help: ArgumentHelp("With skip: refuse the file after all above this share of invalid rows; or none.", valueName: "percent"))
    var maxInvalid: String?
    @Option(
        name: .customLong("refuse-type"), parsing: .singleValue,
        help: ArgumentHelp("Refuse numbers of this type: premium_rate, toll_free, …; may be repeated.", valueName: "type"),
        transform: CampaignValues.numberType)
    var refusedTypes: [PhoneNumberType] = []
    @Option(help: ArgumentHelp("The files' encoding, instead of what each shows.", valueName: "name"))
    var encoding: String?
    @Option(help: ArgumentHelp("The files' delimiter: one character, or tab.", valueName: "character"))
    var delimiter: String?
    @Option(help: ArgumentHelp("The files' quote: one character, or none.", valueName: "character"))
    var quote: String?
    @Flag(inversion: .prefixedNo, help: "Map files without a header by what their columns hold.")
    var mapByContent: Bool?

    /// Sets what was given and leaves the rest. Throws `CountryCodeError` and `ValidationError`.
    func apply(to campaign: inout Campaign) throws {
        if let name { campaign.name = name }
        if let org { campaign.org = org == "none" ? nil : org }
        if let defaultCountryCode { campaign.defaultRegion = try .defaultCountryCode(defaultCountryCode) }
        if let defaultTimezone { campaign.defaultTimezone = try CampaignValues.timezone(defaultTimezone) }
        if let onInvalid { campaign.onInvalid = onInvalid }
        if let maxInvalid { campaign.maxInvalid = try CampaignValues.share(maxInvalid) }
        if !rules.isEmpty { campaign.columnRules = rules }
        if !refusedTypes.isEmpty { campaign.refusedTypes = Set(refusedTypes) }
        if let mapByContent { campaign.fileRules.mapsByContent = mapByContent }
        if let encoding { campaign.fileRules.encoding = try CampaignValues.encoding(encoding) }
        if let delimiter { campaign.fileRules.delimiter = try CampaignValues.character(delimiter, "tab", "\t") }
        if let quote { campaign.fileRules.quote = try CampaignValues.character(quote, "none", "") }
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