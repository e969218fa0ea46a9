import ArgumentParser
import ContactStore
import Contacts
import Foundation
import Ingest
import PhoneNumbers
import Spool
import SystemPackage

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what lies in the spool, what was done last, and how old the phone metadata is.",
        discussion: """
            Looks at the spool and the store themselves, whether the service runs or not.

            EXAMPLES
              rollcall status
              rollcall status --json | jq .in_hand
            """)

    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        let status = try StatusDocument(settings.store(), settings.folders)
        if json { return try Output.json(status) }
        let metadata = status.phoneMetadata
        try Output.line("phone metadata: \(metadata.version) of \(metadata.date), \(metadata.ageDays) days old")
        try Output.line("campaigns: \(status.campaigns)")
        try Output.line("in hand, or left by a crash: \(status.inHand.count)")
        guard !status.last.isEmpty else { return }
        try Output.line("")
        try Output.table(
            ["RECEIVED", "CAMPAIGN", "FILE", "STATUS", "CODE"],
            status.last.map { [$0.receivedAt, $0.campaignID, $0.file.printable, $0.status, $0.code.map(String.init) ?? "-"] })
    }
}

/// The state of spool and store as `--json` prints it.
struct StatusDocument: Encodable {
    struct Metadata: Encodable {
        let version: String
        let date: String
        let ageDays: Int

        private enum CodingKeys: String, CodingKey {
            case version, date
            case ageDays = "age_days"
        }
    }

    struct Ingest: Encodable {
        let ingestID: String
        let campaignID: String
        let file: String
        let receivedAt: String
        let status: String
        let code: Int?

        private enum CodingKeys: String, CodingKey {
            case ingestID = "ingest_id"
            case campaignID = "campaign_id"
            case receivedAt = "received_at"
            case file, status, code
        }
    }

    let phoneMetadata: Metadata
    let campaigns: Int
    /// Ids of claims that are being worked on, or that wait for the service to start.
    let inHand: [String]
    let last: [Ingest]

    private enum CodingKeys: String, CodingKey {
        case phoneMetadata = "phone_metadata"
        case inHand = "in_hand"
        case campaigns, last
    }

    init(_ store: ContactStore, _ folders: SpoolFolders) throws {
        phoneMetadata = Metadata(version: PhoneMetadata.version, date: PhoneMetadata.date, ageDays: Self.metadataAge)
        campaigns = try store.campaigns().count
        let claims = try? FileManager.default.contentsOfDirectory(atPath: folders.processing.string)
        inHand = (claims ?? []).filter(Claim.isIngestID).sorted()
        last = try store.ingests(campaign: nil, limit: 10, offset: 0).map {
            Ingest(
                ingestID: $0.ingest.id.text, campaignID: $0.ingest.campaign, file: $0.ingest.fileName,
                receivedAt: $0.ingest.receivedAt.iso8601, status: $0.outcome?.status.rawValue ?? $0.state.rawValue,
                code: $0.outcome?.code)
        }
    }

    private static var metadataAge: Int {
        guard let released = try? Date(PhoneMetadata.date, strategy: .iso8601.year().month().day()) else { return 0 }
        return max(0, Int(Date().timeIntervalSince(released) / 86_400))
    }
}
