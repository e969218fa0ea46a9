import ContactStore
import Contacts
import Foundation
import Ingest
import Logging
import Spool
import SystemPackage

/// A file that is sent instead of dropped, and was let in.
struct FileUpload: Sendable {
    let api: API
    let call: Call
    let campaign: String
    let name: FilePath.Component
    let rules: [ColumnRule]
    let isDryRun: Bool
    /// The most bytes that it may have.
    let limit: Int
    private let upload: Upload

    /// Throws 400, 404, 415 and 422 before the first byte is read.
    init(_ api: API, _ call: Call) throws {
        let campaign = try api.campaign(call)
        self.api = api
        self.call = call
        self.campaign = campaign.key
        isDryRun = try call.flag("dry_run")
        guard let text = call.query["name"], let name = FileNames.uploaded(text) else {
            throw Failure(422, "name: takes a file's name such as leads.csv, without folders, not a temporary one, at most 255 bytes.")
        }
        self.name = name
        guard [".csv", ".json", ".jsonl", ".ndjson"].contains(where: text.lowercased().hasSuffix) else {
            throw Failure(415, "\"\(text)\" is no .csv, .json, .jsonl or .ndjson file.")
        }
        rules = try call.query["mapping"].map(Self.rules) ?? []
        if campaign.status == .closed, !isDryRun { throw Failure(400, "The campaign is closed and takes no contacts; reopen it first.") }
        limit = api.imports().limits.narrowed(to: campaign.limits).fileBytes
        upload = try Upload(campaign: campaign.key, in: api.folders, id: Claim.makeID())
    }

    private static func rules(_ text: String) throws -> [ColumnRule] {
        do { return try ColumnRule.read(JSONObject(Array("{\"mapping\":\(text)}".utf8)).members[0].value, named: "mapping") } catch
            let fault as JSONFault
        {
            throw Failure(422, "mapping: is no JSON: \(fault.reason).")
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws { try upload.append(bytes) }

    func cancel() { upload.cancel() }

    func finish() throws -> Reply {
        if isDryRun { return try check() }
        try upload.finish(named: name, rules: rules.isEmpty ? nil : ColumnRule.encode(rules))
        api.takeUp(upload.id)
        api.audit("file uploaded", call, campaign: campaign, ["ingest_id": "\(upload.id)", "file": "\(name.string)"])
        return try .json(["ingest_id": upload.id, "name": name.string], status: 202)
    }

    private func check() throws -> Reply {
        defer { upload.cancel() }
        let descriptor = try upload.reader()
        let check = try descriptor.closeAfter {
            try api.importer.check(descriptor, named: name.string, campaign: campaign, rules: rules)
        }
        let manifest = JSONValue(text: String(decoding: try check.manifest.json(), as: UTF8.self))
        return try .json(CheckDocument(manifest: manifest ?? .null, preview: check.preview.map(PreviewDocument.init)))
    }
}

private struct CheckDocument: Encodable {
    let manifest: JSONValue
    let preview: [PreviewDocument]
}

/// A contact as it would be stored.
private struct PreviewDocument: Encodable {
    let id, external_id: OrNull<String>
    let phone_numbers: [String]
    let data: OrNull<JSONValue>
    let timezone, scheduled_at: OrNull<String>

    init(_ contact: Contact) {
        id = OrNull(contact.id?.text)
        external_id = OrNull(contact.externalID)
        phone_numbers = contact.phoneNumbers
        data = OrNull(contact.data.flatMap(JSONValue.init(text:)))
        timezone = OrNull(contact.timezone)
        scheduled_at = OrNull(contact.scheduledAt?.iso8601)
    }
}
