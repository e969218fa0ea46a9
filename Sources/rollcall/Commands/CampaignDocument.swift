import Contacts
import ContactStore
import PhoneNumbers

/// A campaign as `--json` prints it.
struct CampaignDocument: Encodable {
    let campaignID: String
    let name: String
    let status: String
    let defaultCountryCode: String?
    let defaultTimezone: String?
    let columnRules: [ColumnRule]
    let onInvalid: InvalidRowPolicy
    let refusedTypes: [PhoneNumberType]
    let fileRules: FileRules
    let contacts: Int

    private enum CodingKeys: String, CodingKey {
        case campaignID = "campaign_id"
        case name, status
        case defaultCountryCode = "default_country_code"
        case defaultTimezone = "default_timezone"
        case columnRules = "column_rules"
        case onInvalid = "on_invalid"
        case refusedTypes = "refuse_types"
        case fileRules = "file_rules"
        case contacts
    }

    init(_ campaign: Campaign, contacts: Int) {
        campaignID = campaign.key
        name = campaign.name
        status = campaign.status.rawValue
        defaultCountryCode = campaign.defaultRegion?.description
        defaultTimezone = campaign.defaultTimezone
        columnRules = campaign.columnRules
        onInvalid = campaign.onInvalid
        refusedTypes = campaign.refusedTypes.sorted { $0.rawValue < $1.rawValue }
        fileRules = campaign.fileRules
        self.contacts = contacts
    }

    /// For people, in the order of the JSON.
    var lines: [(String, String)] {
        [
            ("campaign", campaignID), ("name", name), ("status", status),
            ("default country code", defaultCountryCode ?? "none: numbers need their calling code"),
            ("default time zone", defaultTimezone ?? "none"),
        ] + columnRules.map { ("column \($0.column)", $0.field.rawValue) }
            + [("on invalid", onInvalid.rawValue)] + refusedTypes.map { ("refused type", $0.rawValue) } + fileLines
            + [("contacts", "\(contacts)")]
    }

    private var fileLines: [(String, String)] {
        [
            fileRules.encoding.map { ("encoding", $0) }, fileRules.delimiter.map { ("delimiter", $0 == "\t" ? "tab" : $0) },
            fileRules.quote.map { ("quote", $0.isEmpty ? "none" : $0) },
            fileRules.mapsByContent ? ("files without a header", "mapped by content") : nil,
        ].compactMap(\.self)
    }
}

/// A campaign that a command names and that does not exist.
struct UnknownCampaignError: Error, CustomStringConvertible {
    let key: String

    var description: String { "there is no campaign \"\(key)\"; rollcall campaign list shows those there are" }
}

/// A campaign's key that can be no folder's name.
struct CampaignKeyError: Error, CustomStringConvertible {
    let key: String

    var description: String {
        "\"\(key)\" is no campaign key: letters, digits, dots, underscores and dashes, at most 128, the first a letter or digit"
    }
}

extension ContactStore {
    /// The campaign of this key; throws `UnknownCampaignError` when there is none.
    func existing(_ key: String) throws -> Campaign {
        guard let campaign = try campaign(key) else { throw UnknownCampaignError(key: key) }
        return campaign
    }
}
