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
        let status = StatusDocument({ try settings.store() }, settings.folders)
        if json { return try Output.json(status) }
        try status.show()
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

    /// Files of one campaign, by status.
    struct Files: Encodable {
        let campaignID: String
        let accepted: Int
        let rejected: Int
        let duplicate: Int
        let failed: Int

        private enum CodingKeys: String, CodingKey {
            case campaignID = "campaign_id"
            case accepted, rejected, duplicate, failed
        }
    }

    struct Service: Encodable {
        let process: Int
        /// What it told last; `nil` when it has not told anything yet.
        let state: ServiceState?
    }

    let phoneMetadata: Metadata
    /// The service that serves the spool; `nil` when none does.
    let service: Service?
    /// Why the service did not start, when none runs and it said so.
    let refusal: String?
    /// Why the spool cannot be used.
    let spoolError: String?
    /// Why the store cannot be used.
    let storeError: String?
    let campaigns: Int
    /// Ids of claims that are being worked on, or that wait for the service to start.
    let inHand: [String]
    let last: [Ingest]
    /// Of campaigns that got any.
    let files: [Files]

    private enum CodingKeys: String, CodingKey {
        case phoneMetadata = "phone_metadata"
        case inHand = "in_hand"
        case spoolError = "spool_error"
        case storeError = "store_error"
        case service, refusal, campaigns, last, files
    }

    init(_ open: () throws -> ContactStore, _ folders: SpoolFolders) {
        service = SpoolLock.holder(of: folders).map { Service(process: $0, state: ServiceState(of: folders)) }
        refusal = service == nil ? ServiceState(of: folders)?.refusal : nil
        do {
            try folders.check()
            spoolError = nil
        } catch {
            spoolError = "\(error)"
        }
        phoneMetadata = Metadata(version: PhoneMetadata.version, date: PhoneMetadata.date, ageDays: Self.metadataAge)
        let claims = try? FileManager.default.contentsOfDirectory(atPath: folders.processing.string)
        inHand = (claims ?? []).filter(Claim.isIngestID).sorted()
        var (campaigns, last, files, storeError) = (0, [Ingest](), [Files](), String?.none)
        do {
            let store = try open()
            campaigns = try store.campaigns().count
            last = try store.ingests(campaign: nil, limit: 10, offset: 0).map(Ingest.init)
            files = try store.ingestCounts().map(Files.init)
        } catch {
            storeError = "\(error)"
        }
        (self.campaigns, self.last, self.files, self.storeError) = (campaigns, last, files, storeError)
    }

    private static var metadataAge: Int {
        guard let released = try? Date(PhoneMetadata.date, strategy: .iso8601.year().month().day()) else { return 0 }
        return max(0, Int(Date().timeIntervalSince(released) / 86_400))
    }
}

extension StatusDocument.Ingest {
    init(_ entry: LedgerEntry) {
        self.init(
            ingestID: entry.ingest.id.text, campaignID: entry.ingest.campaign, file: entry.ingest.fileName,
            receivedAt: entry.ingest.receivedAt.iso8601, status: entry.outcome?.status.rawValue ?? entry.state.rawValue,
            code: entry.outcome?.code)
    }
}

extension StatusDocument.Files {
    init(_ campaign: String, _ counts: [IngestStatus: Int]) {
        self.init(
            campaignID: campaign, accepted: counts[.accepted] ?? 0, rejected: counts[.rejected] ?? 0,
            duplicate: counts[.duplicate] ?? 0, failed: counts[.failed] ?? 0)
    }
}

extension StatusDocument {
    fileprivate func show() throws {
        try Output.line("phone metadata: \(phoneMetadata.version) of \(phoneMetadata.date), \(phoneMetadata.ageDays) days old")
        try Output.line("service: \(service.map { "process \($0.process)" } ?? "not running")\(refusal.map { ", \($0.printable)" } ?? "")")
        if let spoolError { try Output.line("spool: \(spoolError)") }
        if let storeError { try Output.line("store: \(storeError)") }
        try Output.line("campaigns: \(campaigns)")
        try Output.line("in hand, or left by a crash: \(inHand.count)")
        if let state = service?.state { try show(state) }
        guard !last.isEmpty else { return }
        try Output.line("")
        try Output.table(
            ["CAMPAIGN", "ACCEPTED", "REJECTED", "DUPLICATE", "FAILED"],
            files.map { [$0.campaignID] + [$0.accepted, $0.rejected, $0.duplicate, $0.failed].map(String.init) })
        try Output.line("")
        try Output.table(
            ["RECEIVED", "CAMPAIGN", "FILE", "STATUS", "CODE"],
            last.map { [$0.receivedAt, $0.campaignID, $0.file.printable, $0.status, $0.code.map(String.init) ?? "-"] })
    }

    private func show(_ state: ServiceState) throws {
        if let since = state.since { try Output.line("running since: \(since.formatted(.iso8601))") }
        try Output.line("waiting: \(state.waiting) complete or settling, \(state.incomplete) not complete")
        if state.unwatched > 0 { try Output.line("looked at from time to time only: \(state.unwatched) folders") }
        for trouble in state.troubles {
            let whose = trouble.campaign.map { "campaign \($0)" } ?? "everything"
            let tries = trouble.tries.map { ", \(trouble.file?.printable ?? "one file") tried \($0) times" } ?? ""
            try Output.line("\(whose) waits since \(trouble.since.formatted(.iso8601))\(tries): \(trouble.message.printable)")
        }
        for warning in state.warnings { try Output.line("nearly used up: \(warning)") }
        for entry in state.firstIncomplete {
            let since = entry.since.map { " since \($0.formatted(.iso8601))" } ?? ""
            try Output.line("not complete: \(entry.campaign)/\(entry.file.printable): \(entry.reason)\(since)")
        }
        for entry in state.leftAlone {
            try Output.line("left alone: \(entry.campaign)/\(entry.file.printable): \(entry.reason)")
        }
    }
}
