import ArgumentParser
import Contacts
import ContactStore
import Foundation

struct ContactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contacts",
        abstract: "Look at a campaign's contacts, export them, and hand them to a dialler.",
        discussion: """
            EXAMPLES
              rollcall contacts list --campaign spring-renewals --limit 20 --offset 40
              rollcall contacts show --campaign spring-renewals --external-id A-1042
              rollcall contacts next --campaign spring-renewals --limit 10 --lock-for 60s
              rollcall contacts export --campaign spring-renewals --format csv > contacts.csv
            """,
        subcommands: [
            ContactsListCommand.self, ContactsShowCommand.self, ContactsCountCommand.self, ContactsNextCommand.self,
            ContactsMarkCommand.self, ContactsExportCommand.self,
        ])
}

struct ContactsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List a campaign's contacts, in the order of their arrival.")

    @Option(help: ArgumentHelp("The campaign's key.", valueName: "key"))
    var campaign: String
    @Option(help: ArgumentHelp("At most this many.", valueName: "n"))
    var limit = 100
    @Option(help: ArgumentHelp("Pass over the first.", valueName: "n"))
    var offset = 0
    @Flag(help: "Print JSON: {\"contacts\": […], \"total\", \"limit\", \"offset\"}.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    private struct Page: Encodable {
        let contacts: [StoredContact]
        let total, limit, offset: Int
    }

    func validate() throws {
        guard limit > 0, offset >= 0 else { throw ValidationError("--limit starts at 1, --offset at 0") }
    }

    func run() async throws {
        let store = try options.settings().store()
        _ = try store.existing(campaign)
        let contacts = try store.contacts(campaign: campaign, limit: limit, offset: offset)
        if json {
            let total = try store.count(campaign: campaign)
            return try Output.json(Page(contacts: contacts, total: total, limit: limit, offset: offset))
        }
        try Output.table(
            ["ID", "EXTERNAL ID", "STATUS", "PHONE NUMBERS", "TIME ZONE"],
            contacts.map { stored in
                [
                    stored.id.uuidString.lowercased(), stored.externalID ?? "-", stored.status.rawValue,
                    stored.phoneNumbers.joined(separator: " "), stored.timezone ?? "-",
                ]
            })
    }
}

struct ContactsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one contact as JSON, by its id or the sender's own key, and which file last touched it.")

    @Argument(help: "The contact's id, a UUID.")
    var id: String?
    @Option(help: ArgumentHelp("The sender's own key; needs --campaign.", valueName: "text"))
    var externalID: String?
    @Option(help: ArgumentHelp("The campaign's key.", valueName: "key"))
    var campaign: String?
    @Flag(help: "Print JSON, which is what it always does.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func validate() throws {
        guard (id == nil) != (externalID == nil) else { throw ValidationError("Name one contact: its id or --external-id.") }
        guard id == nil || UUID(uuidString: id ?? "") != nil else {
            throw ValidationError("\"\(id ?? "")\" is no UUID; the sender's own key goes with --external-id.")
        }
        guard externalID == nil || campaign != nil else { throw ValidationError("--external-id needs --campaign.") }
    }

    func run() async throws {
        let store = try options.settings().store()
        guard let contact = try found(in: store) else { throw UnknownContactError(name: id ?? externalID ?? "") }
        try Output.json(ShownContact(contact: contact, last: try store.lastIngest(of: contact.id)))
    }

    private func found(in store: ContactStore) throws -> StoredContact? {
        if let id = id.flatMap(UUID.init(uuidString:)) { return try store.contact(id) }
        guard let externalID, let campaign else { return nil }
        return try store.contact(externalID: externalID, campaign: campaign)
    }
}

struct ContactsCountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "count", abstract: "Count a campaign's contacts.")

    @Option(help: ArgumentHelp("The campaign's key.", valueName: "key"))
    var campaign: String
    @Flag(help: "Print JSON: {\"total\": …}.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let store = try options.settings().store()
        _ = try store.existing(campaign)
        let total = try store.count(campaign: campaign)
        try json ? Output.json(["total": total]) : Output.line("\(total)")
    }
}

/// A contact with the file that last changed it.
private struct ShownContact: Encodable {
    let contact: StoredContact
    let last: IngestRecord?

    private enum Key: String, CodingKey { case lastIngest = "last_ingest" }
    private enum IngestKey: String, CodingKey { case id, file, receivedAt = "received_at" }

    func encode(to encoder: any Encoder) throws {
        try contact.encode(to: encoder)
        guard let last else { return }
        var container = encoder.container(keyedBy: Key.self)
        var ingest = container.nestedContainer(keyedBy: IngestKey.self, forKey: .lastIngest)
        try ingest.encode(last.id.text, forKey: .id)
        try ingest.encode(last.fileName, forKey: .file)
        try ingest.encode(last.receivedAt.iso8601, forKey: .receivedAt)
    }
}

private struct UnknownContactError: Error, CustomStringConvertible {
    let name: String

    var description: String { "there is no contact \"\(name)\"" }
}
