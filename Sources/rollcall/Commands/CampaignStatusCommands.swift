import ArgumentParser
import Contacts
import ContactStore

struct CampaignCloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Close a campaign: files for it are refused with 400.")
    @OptionGroup var change: CampaignStatusChange

    func run() async throws { try change.set(.closed) }
}

struct CampaignReopenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Make a closed or paused campaign active again.")
    @OptionGroup var change: CampaignStatusChange

    func run() async throws { try change.set(.active) }
}

struct CampaignPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Pause a campaign: it takes contacts but nobody is dialled.")
    @OptionGroup var change: CampaignStatusChange

    func run() async throws { try change.set(.paused) }
}

/// What the three commands share.
struct CampaignStatusChange: ParsableArguments {
    @Argument(help: "The campaign's key.")
    var key: String
    @Flag(help: "Print the campaign as JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func set(_ status: CampaignStatus) throws {
        let store = try options.settings().store()
        var campaign = try store.existing(key)
        guard try store.setStatus(status, of: key) else { throw UnknownCampaignError(key: key) }
        campaign.status = status
        if json { return try Output.json(CampaignDocument(campaign, contacts: store.count(campaign: key))) }
        try Output.line("Campaign \(key) is \(status.rawValue).")
    }
}
