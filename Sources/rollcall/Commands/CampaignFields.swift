import ArgumentParser
import Contacts
import PhoneNumbers

/// What may be said about a campaign, when it is created and later.
struct CampaignFields: ParsableArguments {
    @Option(help: "A name for people.")
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

    /// Sets what was given and leaves the rest. Throws `CountryCodeError` and `ValidationError`.
    func apply(to campaign: inout Campaign) throws {
        if let name { campaign.name = name }
        if let defaultCountryCode { campaign.defaultRegion = try .defaultCountryCode(defaultCountryCode) }
        if let defaultTimezone { campaign.defaultTimezone = try Self.timezone(defaultTimezone) }
        if let onInvalid { campaign.onInvalid = onInvalid }
        if !rules.isEmpty { campaign.columnRules = rules }
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
