import Contacts
import Foundation
import Ingest
import PhoneNumbers
import Spool

/// A campaign as a document describes it, in JSON or YAML, under the names that `campaign show --json` prints.
struct CampaignFile {
    let key: String
    let status: CampaignStatus?
    /// The value of `contacts`, as JSON.
    let contacts: JSONFragment?
    private let members: [JSONObject.Member]

    /// What stands in a document and is wrong: where, and what would be right.
    struct Fault: Error, CustomStringConvertible {
        let member: String
        let reason: String

        var description: String { "\(member): \(reason)" }
    }

    /// Reads JSON or YAML. Throws `Fault`, or what the YAML reader throws.
    init(_ content: Data) throws {
        let text = String(decoding: content, as: UTF8.self)
        let isJSON = text.first { !$0.isWhitespace && $0 != "\u{FEFF}" } == "{"
        let object: JSONObject
        do { object = try JSONObject(isJSON ? Array(content) : YAMLText.json(text)) } catch let fault as JSONFault {
            throw Fault(member: "the document", reason: fault.reason)
        }
        if let name = object.repeatedName { throw Fault(member: name, reason: "stands twice") }
        members = object.members.filter { $0.value.kind != .null }
        contacts = members.first { $0.name == "contacts" }?.value
        guard let key = members.first(where: { $0.name == "key" || $0.name == "campaign_id" })?.value.plainText else {
            throw Fault(member: "key", reason: "is missing: it names the campaign and its folder")
        }
        guard SpoolFolders.isCampaignKey(key) else { throw CampaignKeyError(key: key) }
        self.key = key
        status = try members.first { $0.name == "status" }.map { try Self.choice($0.name, $0.value) }
    }

    /// Sets what the document carries and leaves the rest. Throws `Fault` for an unknown name or a wrong value.
    func apply(to campaign: inout Campaign) throws {
        for member in members {
            do { try Self.set(member.name, member.value, in: &campaign) } catch let fault as Fault {
                throw fault
            } catch {
                throw Fault(member: member.name, reason: "\(error)")
            }
        }
    }

    private static func set(_ name: String, _ value: JSONFragment, in campaign: inout Campaign) throws {
        switch name {
        case "key", "campaign_id", "status", "contacts", "contact_count": break
        case "name": campaign.name = try text(name, value)
        case "org": campaign.org = try text(name, value)
        case "default_country_code": campaign.defaultRegion = try .defaultCountryCode(text(name, value))
        case "default_timezone": campaign.defaultTimezone = try CampaignValues.timezone(text(name, value))
        case "column_rules": campaign.columnRules = try value.elements.map { try rule(name, $0) }
        case "on_invalid": campaign.onInvalid = try choice(name, value)
        case "max_invalid": campaign.maxInvalid = try CampaignValues.share(text(name, value))
        case "refuse_types": campaign.refusedTypes = Set(try value.elements.map { try choice(name, $0) })
        case "file_rules": try setEach(name, value) { try setFileRule($0, $1, in: &campaign.fileRules) }
        case "limits": try setEach(name, value) { try setLimit($0, $1, in: &campaign.limits) }
        case "agent_id": campaign.agentDefaults.agentID = try text(name, value)
        case "agent_number": campaign.agentDefaults.agentNumber = try text(name, value)
        case "agent_version": campaign.agentDefaults.agentVersion = try text(name, value)
        case "agent_config":
            guard value.kind == .object else { throw Fault(member: name, reason: "must be an object") }
            campaign.agentDefaults.agentConfig = value.compact
        case "initial_context": campaign.agentDefaults.initialContext = value.compact
        default: throw Fault(member: name, reason: "is not known; campaign show KEY --json has every name")
        }
    }

    private static func setFileRule(_ name: String, _ value: JSONFragment, in rules: inout FileRules) throws {
        switch name {
        case "encoding": rules.encoding = try CampaignValues.encoding(text(name, value))
        case "delimiter": rules.delimiter = try CampaignValues.character(text(name, value), "tab", "\t")
        case "quote": rules.quote = try CampaignValues.character(text(name, value), "none", "")
        case "mapsByContent", "map_by_content": rules.mapsByContent = value.compact == "true"
        default: throw Fault(member: "file_rules.\(name)", reason: "is not known")
        }
    }

    private static func setLimit(_ name: String, _ value: JSONFragment, in limits: inout CampaignLimits) throws {
        guard let number = Int(value.compact), number > 0 else {
            throw Fault(member: "limits.\(name)", reason: "must be a whole number from 1")
        }
        switch name {
        case "rows": limits.rows = number
        case "file_bytes": limits.fileBytes = number
        default: throw Fault(member: "limits.\(name)", reason: "is not known; there are rows and file_bytes")
        }
    }

    private static func setEach(
        _ name: String, _ value: JSONFragment, _ set: (String, JSONFragment) throws -> Void
    ) throws {
        guard value.kind == .object else { throw Fault(member: name, reason: "must be an object") }
        for member in value.members where member.value.kind != .null { try set(member.name, member.value) }
    }

    private static func rule(_ name: String, _ value: JSONFragment) throws -> ColumnRule {
        let named = Dictionary(value.members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        guard let column = named["column"]?.plainText, let field = named["field"] else {
            throw Fault(member: name, reason: "must be a list of {column: …, field: …}")
        }
        return ColumnRule(column: column, field: try choice("\(name).field", field))
    }

    private static func text(_ name: String, _ value: JSONFragment) throws -> String {
        if let text = value.plainText { return text }
        throw Fault(member: name, reason: "must be a text")
    }

    private static func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ value: JSONFragment
    ) throws -> Value where Value.RawValue == String {
        if let choice = value.plainText.flatMap(Value.init(rawValue:)) { return choice }
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw Fault(member: name, reason: "\(value.compact) is none of \(names)")
    }
}

extension JSONFragment {
    /// A string's text, or a number or word as it is written.
    fileprivate var plainText: String? {
        switch kind {
        case .string: string
        case .number, .boolean: compact
        case .null, .array, .object: nil
        }
    }
}
