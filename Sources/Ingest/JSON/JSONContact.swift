import Contacts

/// One contact of a JSON delivery, under the contact API's names, sorted into fields; not yet checked.
struct JSONContact {
    private(set) var row: MappedRow
    private(set) var problems: [Problem] = []
    /// Members that Rollcall itself writes when it shows a contact, and passes over here.
    private(set) var readOnly: [String] = []
    /// `contacts[17].`, or nothing where each line is a contact.
    private let path: String

    private static let shownOnly: Set<String> = ["campaign_id", "status", "created_at", "updated_at"]
    private static let structured: Set<String> = [
        "id", "external_id", "phone_numbers", "timezone", "scheduled_at", "agent_id", "agent_config", "agent_number",
        "agent_version", "initial_context",
    ]

    /// Their lengths in quotes, a bit for each.
    private static let lengths = structured.reduce(UInt64(0)) { $0 | 1 << UInt64($1.utf8.count + 2) }
    /// Made once: each contact needs the first.
    private static let numberNames = (0..<8).map { "phone_numbers[\($0)]" }

    init(_ object: JSONObject, row number: Int, line: Int, path: String) {
        row = MappedRow(row: number, line: line)
        self.path = path
        var hasNumbers = false
        if let name = object.repeatedName {
            reject(name, nil, "repeated_field", "\(name) stands twice in the contact", hint: "Keep one of them.")
        }
        for member in object.members {
            hasNumbers = hasNumbers || member.name == "phone_numbers"
            if member.value.kind != .null { take(member.name, member.value) }
        }
        if !hasNumbers { row.phones = [Cell(column: path + "phone_numbers", text: "")] }
    }

    private mutating func take(_ name: String, _ value: JSONFragment) {
        switch name {
        case "phone_numbers": row.phones = numbers(value)
        case "id": row.id = cell(name, value)
        case "external_id": row.externalID = cell(name, value)
        case "timezone": row.timezone = cell(name, value)
        case "scheduled_at": row.scheduledAt = cell(name, value)
        case "data": row.data = data(value)
        case "agent_id": setOverride(\.agentID, string(name, value))
        case "agent_number": setOverride(\.agentNumber, string(name, value))
        case "agent_version": setOverride(\.agentVersion, value.kind == .number ? value.compact : string(name, value))
        case "agent_config": setOverride(\.agentConfig, object(name, value))
        case "initial_context": setOverride(\.initialContext, value.compact)
        case _ where Self.shownOnly.contains(name): readOnly.append(name)
        case _ where Rejection.names.contains(name): break
        default:
            reject(
                name, nil, "unknown_field", "a contact has no field \"\(name)\"",
                hint: "Put it into data, or correct its name.")
        }
    }

    private mutating func numbers(_ value: JSONFragment) -> [Cell] {
        guard value.kind == .array else {
            rejectType("phone_numbers", value, .phoneNumbers, expected: "an array of strings")
            return []
        }
        let elements = value.elements
        if elements.isEmpty { return [Cell(column: path + "phone_numbers", text: "")] }
        return elements.enumerated().compactMap { index, element in
            let name = index < Self.numberNames.count ? Self.numberNames[index] : "phone_numbers[\(index)]"
            guard let text = element.string else {
                rejectType(name, element, .phoneNumbers, expected: "a string")
                return nil
            }
            return Cell(column: path + name, text: text)
        }
    }

    /// False for most names, seen by their length.
    private static func mayBeStructured(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        lengths >> UInt64(name.count) & 1 == 1 || JSONBytes.hasEscapes(name)
    }

    private mutating func data(_ value: JSONFragment) -> String? {
        for member in value.members(where: Self.mayBeStructured) where Self.structured.contains(member.name) {
            reject(
                "data." + member.name, .data, "structured_field_in_data", "\(member.name) is repeated inside data",
                hint: "It is a field of the contact itself: keep it there and take it out of data.",
                value: member.value.compact)
        }
        return object("data", value)
    }

    // MARK: Types

    private mutating func cell(_ name: String, _ value: JSONFragment) -> Cell? {
        string(name, value).map { Cell(column: path + name, text: $0) }
    }

    private mutating func string(_ name: String, _ value: JSONFragment) -> String? {
        if let text = value.string { return text }
        rejectType(name, value, ContactField(rawValue: name), expected: "a string")
        return nil
    }

    private mutating func object(_ name: String, _ value: JSONFragment) -> String? {
        if value.kind == .object { return value.compact }
        rejectType(name, value, ContactField(rawValue: name), expected: "an object")
        return nil
    }

    private mutating func setOverride(_ field: WritableKeyPath<AgentOverrides, String?>, _ value: String?) {
        guard let value else { return }
        var overrides = row.overrides ?? AgentOverrides()
        overrides[keyPath: field] = value
        row.overrides = overrides
    }

    // MARK: Problems

    private mutating func rejectType(_ name: String, _ value: JSONFragment, _ field: ContactField?, expected: String) {
        reject(
            name, field, "wrong_type", "\(name) is \(value.kind.article) \(value.kind.rawValue), not \(expected)",
            hint: expected == "a string" ? "Write it in quotes." : "Write it as \(expected).", value: value.compact)
    }

    private mutating func reject(
        _ name: String, _ field: ContactField?, _ code: String, _ message: String, hint: String, value: String? = nil
    ) {
        problems.append(
            Problem(
                code: code, message: message, hint: hint, row: row.row, line: row.line, column: path + name, field: field,
                value: value.map { String($0.prefix(200)) }))
    }
}

extension JSONFragment.Kind {
    fileprivate var article: String { self == .array || self == .object ? "an" : "a" }
}
