import Testing

@testable import Contacts

@Suite("A header tells what its column means")
struct ColumnMapTests {
    @Test("Phone columns are recognised whatever the case, spaces, dashes and underscores", arguments: [
        "phone", "Phone", "PHONE_NUMBER", "phone-number", "Phone Number", "phonenumber", "Mobile", "mobilePhone", "Cell",
        "cell_phone", "Tel", "Tel.", "Telephone", "Phone 2", "phone2", "Work Phone", "Home Phone 3", "Mobile (private)",
        "Phone 1 - Value", "Business Phone", "Primary Phone", "Alt. Phone", "Contact Number", "Telefon", "Téléphone",
        "Handy", "Celular", "Phone No.", " Phone ", "Direct Phone", "Phone [work]",
    ])
    func phone(header: String) {
        #expect(HeaderWords.field(for: header) == .phoneNumbers)
    }

    @Test("Columns about phones, and words that merely contain one, are kept in data", arguments: [
        "Phone Type", "Phone 1 - Label", "Phone Opt Out", "Mobile Carrier", "Hotel", "Fax", "Motel", "Cancelled",
        "Do Not Call", "Email", "Name", "Number", "No", "Home", "2", "", "Excellent", "Intel", "Assistant's Phone",
        "Phone Country", "Telegram",
    ])
    func notPhone(header: String) {
        #expect(HeaderWords.field(for: header) == nil)
    }

    @Test("Every other structured field has its names", arguments: [
        ("id", ContactField.id), ("ID", .id), ("Contact ID", .id), ("contact_id", .id), ("anyreach_id", .id),
        ("External ID", .externalID), ("external-id", .externalID), ("externalId", .externalID),
        ("Timezone", .timezone), ("Time Zone", .timezone), ("time_zone", .timezone),
        ("Scheduled At", .scheduledAt), ("scheduled_at", .scheduledAt), ("ScheduledAt", .scheduledAt),
    ])
    func structured(header: String, field: ContactField) {
        #expect(HeaderWords.field(for: header) == field)
    }

    @Test("Dial order is column order, unless the campaign's mapping gives one")
    func dialOrder() {
        let header = ["Name", "Work Phone", "Mobile", "Notes"]
        #expect(ColumnMap(header: header).phones.map(\.column) == ["Work Phone", "Mobile"])
        let rules = [
            ColumnRule(column: "notes", field: .phoneNumbers), ColumnRule(column: "MOBILE", field: .phoneNumbers),
        ]
        let ruled = ColumnMap(header: header, rules: rules)
        #expect(ruled.phones.map(\.column) == ["Notes", "Mobile", "Work Phone"])
        #expect(ruled.columns.map(\.because) == [.unmapped, .header, .campaign, .campaign])
    }

    @Test("A rule takes a column away from what its header means")
    func ruleWins() {
        let map = ColumnMap(header: ["id", "Key", "Phone"], rules: [
            ColumnRule(column: "id", field: .externalID), ColumnRule(column: "Key", field: .ignored),
        ])
        #expect(map.id == nil)
        #expect(map.externalID?.column == "id")
        #expect(map.data.isEmpty)
    }

    @Test("A second column for a field that a contact has once stays in data, with a warning")
    func repeated() {
        let map = ColumnMap(header: ["External ID", "external_id", "Phone"])
        #expect(map.externalID?.index == 0)
        #expect(map.data.map(\.index) == [1])
        #expect(map.warnings.map(\.code) == ["repeated_column"])
    }

    @Test("A rule's column wins a single field even when a recognised header stands before it")
    func ruleBeforeHeader() {
        let map = ColumnMap(
            header: ["External ID", "Key", "Phone"], rules: [ColumnRule(column: "Key", field: .externalID)])
        #expect(map.externalID?.column == "Key")
        #expect(map.data.map(\.column) == ["External ID"])
    }

    @Test("Overrides are not set from CSV: the column stays in data, with a warning", arguments: [
        "agent_id", "Agent Config", "agent-number", "AgentVersion", "initial_context",
    ])
    func overrides(header: String) {
        let map = ColumnMap(header: ["Phone", header])
        #expect(map.data.map(\.column) == [header])
        #expect(map.warnings.map(\.code) == ["override_in_csv"])
    }

    @Test("The columns that a rejected-rows file adds do not come back as data")
    func rejectedFileColumns() {
        let map = ColumnMap(header: ["Phone", "rollcall_row", "rollcall_line", "rollcall_code", "rollcall_reason"])
        #expect(map.data.isEmpty)
    }
}
