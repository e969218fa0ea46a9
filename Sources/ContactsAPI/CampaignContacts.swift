import ContactStore
import Contacts
import Foundation
import Ingest
import Logging
import PhoneNumbers

/// A campaign's contacts.
enum CampaignContacts {
    @Sendable static func add(_ api: API, _ call: Call) throws -> Reply {
        let campaign = try api.campaign(call)
        let body = ContactsBody(
            call.body, campaign: campaign.key, limit: PublishedLimits.contacts, key: try call.key())
        let answer = try api.importer.take(body)
        guard answer.manifest.isTaken else { throw Failure(answer.manifest) }
        if !answer.isRepeated {
            let counts = answer.manifest.contacts
            api.audit(
                "contacts added", call, campaign: campaign.key,
                [
                    "ingest_id": "\(answer.manifest.ingestID)", "inserted": "\(counts.inserted)", "updated": "\(counts.updated)",
                    "unchanged": "\(counts.unchanged)",
                ])
        }
        var reply = try Reply.json(AddedDocument(answer), headers: answer.isRepeated ? [("Idempotent-Replayed", "true")] : [])
        reply.body = AddedDocument.with(answer.ids, reply.body)
        return reply
    }

    @Sendable static func list(_ api: API, _ call: Call) throws -> Reply {
        let campaign = try api.campaign(call)
        let (limit, offset) = try call.page()
        var filter = ContactFilter()
        if let text = call.query["status"] {
            guard let status = ContactStatus(rawValue: text) else {
                throw Failure(422, "status takes one of \(ContactStatus.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(text)\".")
            }
            filter.status = status
        }
        filter.externalID = call.query["external_id"]
        if let text = call.query["phone"] { filter.phone = try number(text, of: campaign) }
        let (contacts, total) = try api.store().contacts(campaign: campaign.key, filter, limit: limit, offset: offset)
        return try .json(ContactPage(contacts: contacts, total: total, limit: limit, offset: offset))
    }

    /// In E.164, as a delivery's would be.
    private static func number(_ text: String, of campaign: Campaign) throws -> String {
        do { return try PhoneNumber.read(text, region: campaign.defaultRegion).number.e164 } catch {
            throw Failure(422, "phone: \(error.message(value: text, region: campaign.defaultRegion)).")
        }
    }

    @Sendable static func show(_ api: API, _ call: Call) throws -> Reply { try .json(api.contact(call, of: api.campaign(call))) }

    /// What is carried replaces, as in a file; the status by the order of statuses.
    @Sendable static func change(_ api: API, _ call: Call) throws -> Reply {
        let campaign = try api.campaign(call)
        let contact = try api.contact(call, of: campaign)
        let change = try ContactChange(call.body)
        if let id = change.id, id != contact.id { throw Failure(422, "id: a contact keeps its id.") }
        if let status = change.status, status != contact.status { try expect(status, after: contact) }
        if change.carriesFields {
            let body = ContactsBody(change.body(for: contact), campaign: campaign.key, limit: 1)
            let answer = try api.importer.take(body)
            guard answer.manifest.isTaken else { throw Failure(answer.manifest) }
            if answer.ids == [nil] { throw Failure(409, "Every number of the contact is suppressed.") }
        }
        if let status = change.status {
            do { try api.store().mark(contact.id, status) } catch let error as StatusRefused {
                throw Failure(409, "\(error).")
            } catch is ContactUnknown {
                throw Failure.noContact
            }
        }
        api.audit("contact changed", call, campaign: campaign.key, ["contact": "\(contact.id.text)"])
        guard let changed = try api.store().contact(contact.id, campaign: campaign.key) else { throw Failure.noContact }
        return try .json(changed)
    }

    /// Before anything is changed.
    private static func expect(_ status: ContactStatus, after contact: StoredContact) throws {
        guard contact.status.followers.contains(status), status != .locked else {
            let allowed = contact.status.followers.filter { $0 != .locked }.map(\.rawValue)
            let hint = allowed.isEmpty ? "a dialler locks it first" : "it may become \(allowed.joined(separator: ", "))"
            throw Failure(409, "The contact is \(contact.status.rawValue) and cannot become \(status.rawValue); \(hint).")
        }
    }

    @Sendable static func delete(_ api: API, _ call: Call) throws -> Reply {
        let campaign = try api.campaign(call)
        let contact = try api.contact(call, of: campaign)
        guard try api.store().delete(contact.id, campaign: campaign.key) else { throw Failure.noContact }
        api.audit("contact deleted", call, campaign: campaign.key, ["contact": "\(contact.id.text)"])
        return Reply(204, type: "application/json", [])
    }
}

/// What was done, without the ids.
private struct AddedDocument: Encodable {
    let ingest_id: String
    let inserted, updated, unchanged, superseded, suppressed: Int
    let warnings: ListingDocument

    init(_ answer: ContactsAnswer) {
        let counts = answer.manifest.contacts
        ingest_id = answer.manifest.ingestID
        (inserted, updated) = (counts.inserted, counts.updated)
        (unchanged, superseded) = (counts.unchanged, counts.superseded)
        suppressed = answer.manifest.rows.rejected
        warnings = ListingDocument(answer.manifest.warnings)
    }

    /// The document's JSON with `ids` as its first member: encoding a thousand of them took as long as storing their contacts.
    static func with(_ ids: [UUID?], _ document: [UInt8]) -> [UInt8] {
        var json = Array("{\"ids\":".utf8)
        JSONText.append(ids, to: &json)
        json.append(UInt8(ascii: ","))
        return json + document.dropFirst()
    }
}

private struct ContactPage: Encodable {
    let contacts: [StoredContact]
    let total, limit, offset: Int
}

extension Call {
    /// The Idempotency-Key. Throws 422 for one that is empty, too long or not visible ASCII.
    fileprivate func key() throws -> String? {
        guard let idempotencyKey else { return nil }
        guard (1...255).contains(idempotencyKey.utf8.count), idempotencyKey.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Failure(422, "Idempotency-Key takes 1 to 255 visible ASCII characters.")
        }
        return idempotencyKey
    }
}

extension API {
    /// By its id, or as `external_id:KEY`. Throws 404.
    fileprivate func contact(_ call: Call, of campaign: Campaign) throws -> StoredContact {
        let name = call.path["contact_id"] ?? ""
        let found: StoredContact?
        if name.hasPrefix("external_id:") {
            let key = String(name.dropFirst("external_id:".count))
            found = key.utf8.contains(0) ? nil : try store().contact(externalID: key, campaign: campaign.key, now: .now)
        } else {
            found = try UUID(uuidString: name).flatMap { try store().contact($0, campaign: campaign.key) }
        }
        guard let found else { throw Failure.noContact }
        return found
    }
}

/// What a PATCH carries.
private struct ContactChange {
    let id: UUID?
    let status: ContactStatus?
    private let fields: [JSONObject.Member]

    init(_ body: [UInt8]) throws {
        let object: JSONObject
        do { object = try JSONObject(body) } catch { throw Failure(422, "The body is no JSON object: \(error.reason).") }
        if let name = object.repeatedName { throw Failure(422, "\(name): stands twice.") }
        let members = object.members.filter { $0.value.kind != .null }
        id = try members.first { $0.name == "id" }.map { member in
            guard let id = member.value.string.flatMap(UUID.init(uuidString:)) else { throw Failure(422, "id: must be a UUID.") }
            return id
        }
        status = try members.first { $0.name == "status" }.map { member in
            guard let status = member.value.string.flatMap(ContactStatus.init(rawValue:)) else {
                throw Failure(422, "status: takes one of \(ContactStatus.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            return status
        }
        fields = members.filter { !["id", "status"].contains($0.name) }
    }

    var carriesFields: Bool { !fields.isEmpty }

    /// A delivery of the one contact.
    func body(for contact: StoredContact) -> [UInt8] {
        var members = fields.map { (name: $0.name, value: Array($0.value.text)) }
        members.append(("id", Array("\"\(contact.id.text)\"".utf8)))
        if !fields.contains(where: { $0.name == "phone_numbers" }) {
            // A delivery always carries them.
            let numbers = contact.phoneNumbers.map { "\"\($0)\"" }.joined(separator: ",")
            members.append(("phone_numbers", Array("[\(numbers)]".utf8)))
        }
        var json = Array("{\"contacts\":[{".utf8)
        for (index, member) in members.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            JSONText.append(member.name.utf8, to: &json)
            json.append(UInt8(ascii: ":"))
            json += member.value
        }
        return json + Array("}]}".utf8)
    }
}
