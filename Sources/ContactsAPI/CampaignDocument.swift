import ContactStore
import Contacts
import Foundation
import Ingest
import PhoneNumbers

/// A campaign as the API shows it.
struct CampaignDocument: Encodable {
    let id, name, status: String
    let org, default_country_code, default_timezone: OrNull<String>
    let column_rules: [ColumnRule]
    let on_invalid: InvalidRowPolicy
    let agent_id, agent_number, agent_version: OrNull<String>
    let agent_config, initial_context: OrNull<JSONValue>
    let contacts: Int

    init(_ campaign: Campaign, contacts: Int) {
        id = campaign.key
        name = campaign.name
        status = campaign.status.rawValue
        org = OrNull(campaign.org)
        default_country_code = OrNull(campaign.defaultRegion?.description)
        default_timezone = OrNull(campaign.defaultTimezone)
        column_rules = campaign.columnRules
        on_invalid = campaign.onInvalid
        agent_id = OrNull(campaign.agentDefaults.agentID)
        agent_number = OrNull(campaign.agentDefaults.agentNumber)
        agent_version = OrNull(campaign.agentDefaults.agentVersion)
        agent_config = OrNull(campaign.agentDefaults.agentConfig.flatMap(JSONValue.init(text:)))
        initial_context = OrNull(campaign.agentDefaults.initialContext.flatMap(JSONValue.init(text:)))
        self.contacts = contacts
    }
}

/// A value that is `null` where there is none, so that every document has the same members.
struct OrNull<Value: Encodable>: Encodable {
    private let value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

extension JSONValue {
    /// `nil` for what is no JSON.
    init?(text: String) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { return nil }
        self = value
    }
}

/// A campaign as a request describes it.
struct CampaignBody {
    /// The value of `contacts`.
    let contacts: JSONFragment?
    private let members: [JSONObject.Member]

    static let keyRule = "id: a campaign's key is letters, digits, dots, underscores and dashes, at most 128, the first a letter or a digit."

    /// Throws 422.
    init(_ body: [UInt8]) throws {
        do {
            let object = try JSONObject(body)
            if let name = object.repeatedName { throw Failure(422, "\(name): stands twice.") }
            members = object.members.filter { $0.value.kind != .null }
        } catch let fault as JSONFault {
            throw Failure(422, "The body is no JSON object: \(fault.reason).")
        }
        contacts = members.first { $0.name == "contacts" }?.value
        if let contacts, contacts.kind != .array { throw Failure(422, "contacts: must be an array.") }
    }

    /// The campaign's key, where the request names it.
    var key: String? {
        get throws { try members.first { $0.name == "id" }.map { try Self.text($0) } }
    }

    /// Sets what the request carries. Throws 422, naming the member.
    func apply(to campaign: inout Campaign) throws {
        for member in members { try Self.set(member, in: &campaign) }
    }

    private static func set(_ member: JSONObject.Member, in campaign: inout Campaign) throws {
        switch member.name {
        case "id", "contacts": break
        case "name": campaign.name = try text(member)
        case "default_country_code":
            let text = try text(member)
            do { campaign.defaultRegion = try .defaultCountryCode(text) } catch { throw Failure(422, "default_country_code: \(error).") }
        case "default_timezone": campaign.defaultTimezone = try zone(member)
        case "on_invalid":
            guard let policy = InvalidRowPolicy(rawValue: try text(member)) else { throw Failure(422, "on_invalid: takes refuse or skip.") }
            campaign.onInvalid = policy
        case "column_rules": campaign.columnRules = try ColumnRule.read(member.value, named: "column_rules")
        case "agent_id": campaign.agentDefaults.agentID = try text(member)
        case "agent_number": campaign.agentDefaults.agentNumber = try text(member)
        case "agent_version": campaign.agentDefaults.agentVersion = try text(member)
        case "agent_config":
            guard member.value.kind == .object else { throw Failure(422, "agent_config: must be an object.") }
            campaign.agentDefaults.agentConfig = member.value.compact
        case "initial_context": campaign.agentDefaults.initialContext = member.value.compact
        default: throw Failure(422, "\(member.name): a campaign has no such member, or it cannot be set.")
        }
    }

    private static func zone(_ member: JSONObject.Member) throws -> String {
        let text = try text(member)
        var names = TimeZoneNames()
        guard names.zone(text) != nil else { throw Failure(422, "default_timezone: \"\(text)\" is no IANA time zone such as America/New_York.") }
        return text
    }

    private static func text(_ member: JSONObject.Member) throws -> String {
        guard let text = member.value.string, (1...250).contains(text.unicodeScalars.count), !text.utf8.contains(0) else {
            throw Failure(422, "\(member.name): must be a text of 1 to 250 characters, without NUL.")
        }
        return text
    }
}

extension ColumnRule {
    /// An array of `{"column": …, "field": …, "index": …}`, the index optional. Throws 422 under the member's name.
    static func read(_ value: JSONFragment, named name: String) throws -> [ColumnRule] {
        guard value.kind == .array else { throw Failure(422, "\(name): must be an array of {\"column\": …, \"field\": …}.") }
        return try value.elements.enumerated().map { place, element in
            let members = Dictionary(element.members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            guard element.kind == .object, let column = members["column"]?.string, !column.utf8.contains(0),
                let field = members["field"]?.string.flatMap(ContactField.init(rawValue:)),
                Set(members.keys).isSubset(of: ["column", "field", "index", "because"])
            else {
                let fields = ContactField.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure(422, "\(name)[\(place)]: must be {\"column\": …, \"field\": …}, the field one of \(fields).")
            }
            guard let index = members["index"], index.kind != .null else { return ColumnRule(column: column, field: field) }
            guard let number = Int(index.compact), (0...100_000).contains(number) else {
                throw Failure(422, "\(name)[\(place)].index: must be a whole number from 0 to 100000.")
            }
            return ColumnRule(column: column, field: field, index: number)
        }
    }
}
