import Contacts
import ContactStore
import Foundation
import PhoneNumbers

/// A campaign as `--json` prints it.
struct CampaignDocument: Encodable {
    let campaignID: String
    let name: String
    let status: String
    let org: String?
    let defaultCountryCode: String?
    let defaultTimezone: String?
    let columnRules: [ColumnRule]
    let onInvalid: InvalidRowPolicy
    let maxInvalid: Double?
    let refusedTypes: [PhoneNumberType]
    let fileRules: FileRules
    let limits: CampaignLimits
    let agentID: String?
    let agentConfig: RawJSON?
    let agentNumber: String?
    let agentVersion: String?
    let initialContext: RawJSON?
    let contacts: Int

    private enum CodingKeys: String, CodingKey {
        case campaignID = "campaign_id"
        case name, status, org
        case defaultCountryCode = "default_country_code"
        case defaultTimezone = "default_timezone"
        case columnRules = "column_rules"
        case onInvalid = "on_invalid"
        case maxInvalid = "max_invalid"
        case refusedTypes = "refuse_types"
        case fileRules = "file_rules"
        case limits
        case agentID = "agent_id"
        case agentConfig = "agent_config"
        case agentNumber = "agent_number"
        case agentVersion = "agent_version"
        case initialContext = "initial_context"
        case contacts = "contact_count"
    }

    init(_ campaign: Campaign, contacts: Int) {
        campaignID = campaign.key
        name = campaign.name
        status = campaign.status.rawValue
        org = campaign.org
        defaultCountryCode = campaign.defaultRegion?.description
        defaultTimezone = campaign.defaultTimezone
        columnRules = campaign.columnRules
        onInvalid = campaign.onInvalid
        refusedTypes = campaign.refusedTypes.sorted { $0.rawValue < $1.rawValue }
        fileRules = campaign.fileRules
        maxInvalid = campaign.maxInvalid
        limits = campaign.limits
        agentID = campaign.agentDefaults.agentID
        agentConfig = campaign.agentDefaults.agentConfig.map(RawJSON.init)
        agentNumber = campaign.agentDefaults.agentNumber
        agentVersion = campaign.agentDefaults.agentVersion
        initialContext = campaign.agentDefaults.initialContext.map(RawJSON.init)
        self.contacts = contacts
    }

    /// For people, in the order of the JSON.
    var lines: [(String, String)] {
        [
            ("campaign", campaignID), ("name", name), ("status", status),
            ("org", org ?? "none: every organisation's"),
            ("default country code", defaultCountryCode ?? "none: numbers need their calling code"),
            ("default time zone", defaultTimezone ?? "none"),
        ] + columnRules.map { ("column \($0.column)", $0.field.rawValue) }
            + [("on invalid", onInvalid.rawValue)] + otherLines + refusedTypes.map { ("refused type", $0.rawValue) } + fileLines
            + [("contacts", "\(contacts)")]
    }

    private var otherLines: [(String, String)] {
        [
            maxInvalid.map { ("at most invalid", "\($0.formatted())%") }, limits.rows.map { ("rows read", "\($0)") },
            limits.fileBytes.map { ("bytes in a file", "\($0)") }, agentID.map { ("agent id", $0) },
            agentNumber.map { ("agent number", $0) }, agentVersion.map { ("agent version", $0) },
            agentConfig.map { ("agent config", $0.text) }, initialContext.map { ("initial context", $0.text) },
        ].compactMap(\.self)
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

/// JSON text that goes into a document as the value that it is.
struct RawJSON: Encodable {
    let text: String

    func encode(to encoder: any Encoder) throws {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
