import ArgumentParser
import Contacts
import ContactStore
import Foundation

struct ContactsNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Lock the contacts that are to be dialled next, and print them as JSON.",
        discussion: """
            Takes contacts that are pending and due by scheduled_at, the longest due first, while the campaign is active, and \
            locks them in one transaction: no other call gets them. Mark each in_progress when its call starts; a lock that \
            runs out before returns its contact to pending. data goes to the call as its custom metadata.

            EXAMPLES
              rollcall contacts next --campaign spring-renewals --limit 10 --lock-for 60s
            """)

    @Option(help: ArgumentHelp("The campaign's key.", valueName: "key"))
    var campaign: String
    @Option(help: ArgumentHelp("At most this many.", valueName: "n"))
    var limit = 1
    @Option(
        help: ArgumentHelp("How long they stay locked: 500ms, 60s, 5m, 1h.", valueName: "time"),
        transform: ContactsNextCommand.lease)
    var lockFor = Duration.seconds(60)
    @Flag(help: "Print JSON, which is what it always does: {\"contacts\": […]}.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    private static func lease(_ text: String) throws -> Duration {
        let form = SettingForm<Duration>.duration(upTo: .seconds(86_400))
        guard let lease = form.parse(text) else { throw ValidationError("--lock-for takes \(form.takes)") }
        return lease
    }

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit starts at 1") }
    }

    func run() async throws {
        let store = try options.settings().store()
        try Output.json(["contacts": try store.next(campaign: campaign, limit: limit, lease: lockFor)])
    }
}

struct ContactsMarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark",
        abstract: "Say how a contact's call goes.",
        discussion: """
            A contact that contacts next has locked becomes in_progress when its call starts, then completed (it ended \
            well), exhausted (its retries are used up) or error (further attempts are pointless). pending puts it back into \
            the queue: when a worker gives up, when a retry is due, or to reset one that has ended.

            EXAMPLES
              rollcall contacts mark 0199c0de-0000-7000-8000-000000000001 in_progress
            """)

    @Argument(help: "The contact's id, a UUID.")
    var id: String
    @Argument(help: "in_progress, completed, exhausted, error or pending.")
    var status: ContactStatus
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func validate() throws {
        guard UUID(uuidString: id) != nil else { throw ValidationError("\"\(id)\" is no UUID.") }
    }

    func run() async throws {
        guard let id = UUID(uuidString: id) else { return }
        try options.settings().store().mark(id, status)
    }
}

extension ContactStatus: ExpressibleByArgument {}

struct CampaignStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count a campaign's contacts by status; in_progress includes those that are locked.")

    @Argument(help: "The campaign's key.")
    var key: String
    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let store = try options.settings().store()
        _ = try store.existing(key)
        let counts = try store.statusCounts(campaign: key)
        func count(_ statuses: ContactStatus...) -> Int { statuses.reduce(0) { $0 + (counts[$1] ?? 0) } }
        let stats: [(name: String, count: Int)] = [
            ("total", counts.values.reduce(0, +)), ("pending", count(.pending)), ("in_progress", count(.inProgress, .locked)),
            ("completed", count(.completed)), ("exhausted", count(.exhausted)), ("error", count(.error)),
        ]
        if json { return try Output.json(Dictionary(uniqueKeysWithValues: stats.map { ($0.name, $0.count) })) }
        for (name, count) in stats { try Output.line("\(name): \(count)") }
    }
}
