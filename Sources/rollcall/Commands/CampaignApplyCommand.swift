import ArgumentParser
import ContactStore
import Contacts
import Foundation
import Ingest
import Spool
import SystemPackage

struct CampaignApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Create or update a campaign as a JSON or YAML document describes it.",
        discussion: """
            The document has the members that campaign show --json prints: key, name, status, default_country_code, \
            default_timezone, column_rules, on_invalid, max_invalid, refuse_types, file_rules, limits, agent_id, \
            agent_config, agent_number, agent_version, initial_context. What it does not name stays as it is. Under \
            contacts it may hold up to \(inlineContacts) contacts as the contact API takes them; they are all checked before \
            anything is changed, and stored in batches. Applying the same document again changes nothing.

            EXAMPLES
              rollcall campaign apply spring-renewals.yaml
            """)

    /// Published: contacts inline on a campaign document.
    private static let inlineContacts = 5000

    @Argument(help: "The document.", completion: .file(extensions: ["yaml", "yml", "json"]))
    var file: String
    @Flag(help: "Print the campaign as JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        let document = try CampaignFile(Data(contentsOf: URL(filePath: file)))
        let store = try settings.store()
        let stored = try store.campaign(document.key)
        var campaign = try stored ?? settings.campaign(key: document.key)
        if stored == nil { campaign.name = document.key }
        try document.apply(to: &campaign)
        if let status = document.status { campaign.status = status }
        try settings.folders.prepare()
        let contacts = try InlineContacts(document.contacts, of: campaign, limit: Self.inlineContacts)
        defer { contacts?.remove() }
        let importer = try importer(store, settings, inline: contacts)
        if let contacts { try refuse(importer.check(contacts.path, campaign: campaign.key, as: campaign).manifest) }
        try put(campaign, isNew: stored == nil, in: store)
        try settings.folders.makeCampaign(campaign.key)
        var detail: String?
        if let contacts {
            let manifest = try importer.run(contacts.claim(in: settings.folders))
            try refuse(manifest)
            detail = manifest.detail
        }
        try show(campaign, store, isNew: stored == nil, detail)
    }

    private func importer(_ store: ContactStore, _ settings: Settings, inline: InlineContacts?) throws -> FileImporter {
        var importSettings = try settings.importSettings()
        importSettings.heedsCampaignLimits = false
        importSettings.limits.rows = Self.inlineContacts
        importSettings.limits.fileBytes = max(importSettings.limits.fileBytes, inline?.bytes ?? 0)
        return FileImporter(store: store, folders: settings.folders, settings: importSettings)
    }

    private func refuse(_ manifest: Manifest) throws {
        if manifest.isTaken { return }
        Output.complain(manifest.detail)
        for problem in manifest.rejections.first { Output.complain("\(problem.placed)\(problem.hint.map { ". " + $0 } ?? "")") }
        throw ExitCode(Status.refused)
    }

    private func put(_ campaign: Campaign, isNew: Bool, in store: ContactStore) throws {
        if isNew { return try store.create(campaign) }
        try store.update(campaign)
        _ = try store.setStatus(campaign.status, of: campaign.key)
    }

    private func show(_ campaign: Campaign, _ store: ContactStore, isNew: Bool, _ detail: String?) throws {
        if json { return try Output.json(CampaignDocument(campaign, contacts: store.count(campaign: campaign.key))) }
        try Output.line("\(isNew ? "Created" : "Updated") campaign \(campaign.key).\(detail.map { " " + $0 } ?? "")")
    }
}

/// The contacts of a campaign document, as the file that goes the way of every dropped one.
private struct InlineContacts {
    let path: FilePath
    let bytes: Int
    private let campaign: String

    init?(_ contacts: JSONFragment?, of campaign: Campaign, limit: Int) throws {
        guard let contacts else { return nil }
        guard contacts.kind == .array else { throw CampaignFile.Fault(member: "contacts", reason: "must be an array") }
        let count = contacts.elements.count
        guard count <= limit else {
            throw CampaignFile.Fault(member: "contacts", reason: "there are \(count), more than the \(limit) allowed; drop them as files")
        }
        self.campaign = campaign.key
        let body = Data("{\"contacts\":".utf8) + Data(contacts.text) + Data("}".utf8)
        bytes = body.count
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollcall-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "\(campaign.key.prefix(100)).contacts.json")
        try body.write(to: file)
        path = FilePath(file.path)
    }

    func claim(in folders: SpoolFolders) throws -> Claim {
        try Claim.copy(of: path, campaign: campaign, isCheck: false, in: folders, id: Claim.makeID())
    }

    func remove() { try? FileManager.default.removeItem(atPath: path.removingLastComponent().string) }
}
