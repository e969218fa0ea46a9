import ArgumentParser
import ContactsAPI
import ContactStore
import Contacts
import Foundation
import Spool

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make and revoke the tokens that open the API.",
        discussion: """
            A token belongs to an organisation, whose name its requests carry in X-Anyreach-Org. It sees the campaigns of that \
            organisation and those that are nobody's, or those alone that --campaign names. The store keeps no token, only \
            what one is recognised by.

            EXAMPLES
              rollcall token create --org acme --scope campaigns:manage
              rollcall token create --org acme --scope campaigns:read --campaign spring-renewals
              rollcall token revoke 5f0c2a9b81d3
            """,
        subcommands: [TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self])
}

extension Scope: ExpressibleByArgument {}

struct TokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make a token, and print it this once.")

    @Option(help: ArgumentHelp("The organisation that it is for.", valueName: "org"))
    var org: String
    @Option(
        name: .customLong("scope"), parsing: .singleValue,
        help: ArgumentHelp("campaigns:read looks, campaigns:manage also changes; may be repeated.", valueName: "scope"))
    var scopes: [Scope]
    @Option(
        name: .customLong("campaign"), parsing: .singleValue,
        help: ArgumentHelp("For this campaign alone; may be repeated.", valueName: "key"))
    var campaigns: [String] = []
    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func validate() throws {
        guard !scopes.isEmpty else { throw ValidationError("--scope takes \(Scope.allCases.map(\.rawValue).joined(separator: " or ")).") }
        // A header carries it.
        guard (1...200).contains(org.utf8.count), org.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValidationError("--org takes 1 to 200 visible ASCII characters.")
        }
        for key in campaigns where !SpoolFolders.isCampaignKey(key) { throw ValidationError("\(CampaignKeyError(key: key))") }
    }

    func run() async throws {
        let token = BearerToken.make()
        let stored = token.stored(org: org, scopes: Set(scopes), campaigns: campaigns.isEmpty ? nil : Set(campaigns))
        try options.settings().store().add(stored)
        if json { return try Output.json(["id": token.id, "org": org, "token": token.text]) }
        Output.complain("this is the only time that the token is shown; its id is \(token.id)")
        try Output.line(token.text)
    }
}

struct TokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List tokens, oldest first.")

    @Flag(help: "Print JSON: {\"tokens\": […]}.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let tokens = try options.settings().store().tokens().map(TokenEntry.init)
        if json { return try Output.json(["tokens": tokens]) }
        try Output.table(
            ["ID", "ORG", "SCOPES", "CAMPAIGNS", "CREATED", "REVOKED"],
            tokens.map { token in
                [
                    token.id, token.org, token.scopes.joined(separator: " "), token.campaigns?.joined(separator: " ") ?? "all",
                    token.createdAt, token.revokedAt ?? "-",
                ]
            })
    }
}

private struct TokenEntry: Encodable {
    let id, org: String
    let scopes: [String]
    let campaigns: [String]?
    let createdAt: String
    let revokedAt: String?

    private enum CodingKeys: String, CodingKey {
        case id, org, scopes, campaigns
        case createdAt = "created_at"
        case revokedAt = "revoked_at"
    }

    init(_ token: StoredToken) {
        (id, org) = (token.id, token.org)
        (scopes, campaigns) = (token.scopes.sorted(), token.campaigns?.sorted())
        (createdAt, revokedAt) = (token.createdAt.iso8601, token.revokedAt?.iso8601)
    }
}

struct TokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Let a token open nothing any more.")

    @Argument(help: "The token's id, which is its middle part.")
    var id: String
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        guard try options.settings().store().revokeToken(id) else {
            throw ValidationError("there is no token \"\(id)\"; rollcall token list shows those there are")
        }
        try Output.line("Revoked token \(id).")
    }
}
