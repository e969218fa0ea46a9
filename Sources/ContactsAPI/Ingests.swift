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
                ingests: shown.map { IngestDocument($0) } + entries.map { IngestDocument($0) }, total: waiting.count + total, limit: limit,
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
                return try .json(IngestDocument(claim, withManifest: true))
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

/// A delivery; what is not known yet is `null`.
private struct IngestDocument: Encodable {
    let ingest_id, campaign_id, file_name: String
    let bytes: Int
    let received_at, state: String
    var status = OrNull<String>(nil)
    var detail = OrNull<String>(nil)
    var code = OrNull<Int>(nil)
    var rows = OrNull<Int>(nil)
    var rejected = OrNull<Int>(nil)
    var progress = Progress(contacts: 0, batches: 0)
    /// `nil`, and left out, in a list.
    var manifest: OrNull<JSONValue>?

    struct Progress: Encodable {
        let contacts, batches: Int
    }

    init(_ entry: LedgerEntry, withManifest: Bool = false) {
        ingest_id = entry.ingest.id.text
        (campaign_id, file_name, bytes) = (entry.ingest.campaign, entry.ingest.fileName, entry.ingest.bytes)
        (received_at, state) = (entry.ingest.receivedAt.iso8601, entry.state.rawValue)
        progress = Progress(contacts: entry.batches.reduce(0) { $0 + $1.contacts }, batches: entry.batches.count)
        if withManifest { manifest = OrNull(entry.outcome?.manifest.flatMap(JSONValue.init(text:))) }
        guard let outcome = entry.outcome else { return }
        (status, detail, code) = (OrNull(outcome.status.rawValue), OrNull(outcome.detail), OrNull(outcome.code))
        (rows, rejected) = (OrNull(outcome.rows), OrNull(outcome.rejected))
    }

    init(_ claim: ClaimGlance, withManifest: Bool = false) {
        (ingest_id, campaign_id, file_name) = (claim.id, claim.campaign, claim.name)
        bytes = Int(clamping: claim.size)
        received_at = (claim.claimedAt.seconds * 1000 + Int64(claim.claimedAt.nanoseconds) / 1_000_000).iso8601
        state = "waiting"
        if withManifest { manifest = OrNull(nil) }
    }
}

extension String {
    /// As RFC 8187 writes a value: letters, digits and a few marks stand for themselves.
    var percentEncoded: String {
        addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~")) ?? "rejected"
    }
}
