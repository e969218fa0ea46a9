import ContactStore
import Contacts
import Foundation
import Ingest
import Spool
import SystemPackage

/// Deliveries and what became of them.
enum Ingests {
    @Sendable static func list(_ api: API, _ call: Call) throws -> Reply {
        let (limit, offset) = try call.page()
        let access = try call.access()
        if let key = call.query["campaign"] {
            guard let campaign = try api.store().campaign(key), access.includes(campaign) else { throw Failure.noCampaign }
        }
        let waiting = try waiting(api, access, call.query["campaign"])
        let shown = waiting.dropFirst(offset).prefix(limit)
        let (entries, total) = try api.store().ingests(
            access, campaign: call.query["campaign"], limit: limit - shown.count, offset: max(0, offset - waiting.count))
        return try .json(
            IngestPage(
                ingests: shown.map(IngestDocument.init) + entries.map { IngestDocument($0) }, total: waiting.count + total, limit: limit,
                offset: offset))
    }

    /// Claims that the ledger does not know yet, newest first.
    private static func waiting(_ api: API, _ access: CampaignAccess, _ campaign: String?) throws -> [ClaimGlance] {
        try Claim.ids(in: api.folders).compactMap { id in
            guard let uuid = UUID(uuidString: id), try api.store().standing(of: uuid) == nil, let claim = try Claim.glance(at: id, in: api.folders),
                !claim.isCheck, campaign == nil || claim.campaign == campaign, let owner = try api.store().campaign(claim.campaign),
                access.includes(owner)
            else { return nil }
            return claim
        }
    }

    @Sendable static func show(_ api: API, _ call: Call) throws -> Reply {
        guard let id = call.ingest else { throw Failure.noIngest }
        // It may pass from the claims to the ledger between two looks.
        for _ in 0..<2 {
            if let entry = try api.store().ingest(id) {
                try api.expectSeen(entry.ingest.campaign, call)
                return try .json(IngestDocument(entry, withManifest: true))
            }
            if let claim = try Claim.glance(at: id.text, in: api.folders) {
                try api.expectSeen(claim.campaign, call)
                return try .json(IngestDocument(claim))
            }
        }
        throw Failure.noIngest
    }

    @Sendable static func rejected(_ api: API, _ call: Call) throws -> Reply {
        guard let id = call.ingest, let entry = try api.store().ingest(id) else { throw Failure.noIngest }
        try api.expectSeen(entry.ingest.campaign, call)
        let name = try entry.outcome?.manifest.flatMap { try Manifest(json: Array($0.utf8)).rejections.file }
        guard let name, let component = FilePath.Component(name), try api.store().hasLatestRejectedRows(id),
            let rows = api.folders.result(named: component, of: entry.ingest.campaign, limit: 1 << 28)
        else { throw Failure(404, "There is no file of rejected rows, or a later one took its place.") }
        let type = name.hasSuffix(".csv") ? "text/csv; charset=utf-8" : "application/x-ndjson"
        return Reply(type: type, rows, headers: [("Content-Disposition", "attachment; filename*=UTF-8''\(name.percentEncoded)")])
    }
}

extension Call {
    fileprivate var ingest: UUID? { path["ingest_id"].flatMap { Claim.isIngestID($0.lowercased()) ? UUID(uuidString: $0) : nil } }
}

extension API {
    fileprivate func expectSeen(_ key: String, _ call: Call) throws {
        guard let campaign = try store().campaign(key), try call.access().includes(campaign) else { throw Failure.noIngest }
    }
}

private struct IngestPage: Encodable {
    let ingests: [IngestDocument]
    let total, limit, offset: Int
}

struct IngestDocument: Encodable {
    let ingest_id, campaign_id, file_name: String
    let bytes: Int
    let received_at, state: String
    let status, detail: String?
    let code, rows, rejected: Int?
    let progress: Progress
    private let manifest: JSONValue?
    private let withManifest: Bool

    struct Progress: Encodable {
        let contacts, batches: Int
    }

    private enum Key: String, CodingKey {
        case ingest_id, campaign_id, file_name, bytes, received_at, state, status, detail, code, rows, rejected, progress, manifest
    }

    init(_ entry: LedgerEntry, withManifest: Bool = false) {
        ingest_id = entry.ingest.id.text
        campaign_id = entry.ingest.campaign
        file_name = entry.ingest.fileName
        bytes = entry.ingest.bytes
        received_at = entry.ingest.receivedAt.iso8601
        state = entry.state.rawValue
        (status, detail) = (entry.outcome?.status.rawValue, entry.outcome?.detail)
        (code, rows, rejected) = (entry.outcome?.code, entry.outcome?.rows, entry.outcome?.rejected)
        progress = Progress(contacts: entry.batches.reduce(0) { $0 + $1.contacts }, batches: entry.batches.count)
        manifest = entry.outcome?.manifest.flatMap(JSONValue.init(text:))
        self.withManifest = withManifest
    }

    init(_ claim: ClaimGlance) {
        ingest_id = claim.id
        campaign_id = claim.campaign
        file_name = claim.name
        bytes = Int(clamping: claim.size)
        received_at = (claim.claimedAt.seconds * 1000 + Int64(claim.claimedAt.nanoseconds) / 1_000_000).iso8601
        state = "waiting"
        (status, detail, code, rows, rejected) = (nil, nil, nil, nil, nil)
        progress = Progress(contacts: 0, batches: 0)
        manifest = nil
        withManifest = true
    }

    /// What is not known yet is `null`.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(ingest_id, forKey: .ingest_id)
        try container.encode(campaign_id, forKey: .campaign_id)
        try container.encode(file_name, forKey: .file_name)
        try container.encode(bytes, forKey: .bytes)
        try container.encode(received_at, forKey: .received_at)
        try container.encode(state, forKey: .state)
        try container.encode(status, forKey: .status)
        try container.encode(detail, forKey: .detail)
        try container.encode(code, forKey: .code)
        try container.encode(rows, forKey: .rows)
        try container.encode(rejected, forKey: .rejected)
        try container.encode(progress, forKey: .progress)
        if withManifest { try container.encode(manifest, forKey: .manifest) }
    }
}

extension String {
    /// As RFC 8187 writes a value: letters, digits and a few marks stand for themselves.
    var percentEncoded: String {
        addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~")) ?? "rejected"
    }
}
