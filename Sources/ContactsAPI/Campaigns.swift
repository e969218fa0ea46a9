import ContactStore
import Contacts
import Foundation
import Ingest
import Spool

/// Campaigns: making, showing and changing them.
enum Campaigns {
    @Sendable static func list(_ api: API, _ call: Call) throws -> Reply {
        let (limit, offset) = try call.page()
        let (campaigns, total) = try api.store().campaigns(call.access(), limit: limit, offset: offset)
        return try .json(
            CampaignPage(campaigns: campaigns.map(CampaignDocument.init), total: total, limit: limit, offset: offset))
    }

    @Sendable static func show(_ api: API, _ call: Call) throws -> Reply { try api.shown(api.campaign(call)) }

    /// The contacts are all checked before anything is made, and stored together.
    @Sendable static func create(_ api: API, _ call: Call) throws -> Reply {
        let document = try CampaignBody(call.body)
        let access = try call.access()
        let key = try document.key ?? UUID().uuidString.lowercased()
        guard SpoolFolders.isCampaignKey(key) else { throw Failure(422, CampaignBody.keyRule) }
        var campaign = api.imports().newCampaign
        (campaign.key, campaign.name, campaign.org) = (key, key, access.org)
        try document.apply(to: &campaign)
        guard access.campaigns?.contains(key) != false else { throw Failure(403, "The token is for other campaigns.") }
        guard try api.store().campaign(key) == nil else { throw Failure(409, "A campaign \"\(key)\" exists already.") }
        let contacts = document.contacts.map { inline($0, key) }
        if let contacts { try expectTaken(api.importer.take(contacts, isRehearsal: true, for: campaign)) }
        do { try api.store().create(campaign) } catch is CampaignExists {
            throw Failure(409, "A campaign \"\(key)\" exists already.")
        }
        if let contacts {
            do { try expectTaken(api.importer.take(contacts)) } catch {
                _ = try api.store().deleteEmptyCampaign(key)
                throw error
            }
        }
        try api.folders.makeCampaign(key)
        api.audit("campaign created", call, campaign: key)
        return try api.shown(campaign, status: 201, headers: [("Location", "/campaign/campaigns/\(key)")])
    }

    private static func inline(_ contacts: JSONFragment, _ key: String) -> ContactsBody {
        let json = Array("{\"contacts\":".utf8) + contacts.text + Array("}".utf8)
        var body = ContactsBody(json, campaign: key, limit: PublishedLimits.inlineContacts)
        body.name = "POST campaign.json"
        return body
    }

    private static func expectTaken(_ answer: ContactsAnswer) throws {
        guard answer.manifest.isTaken else { throw Failure(answer.manifest) }
    }

    @Sendable static func change(_ api: API, _ call: Call) throws -> Reply {
        var campaign = try api.campaign(call)
        let document = try CampaignBody(call.body)
        if document.contacts != nil { throw Failure(422, "contacts: are added by POST …/contacts.") }
        if let key = try document.key, key != campaign.key { throw Failure(422, "id: a campaign keeps its key.") }
        try document.apply(to: &campaign)
        do { try api.store().update(campaign) } catch is CampaignUnknown { throw Failure.noCampaign }
        api.audit("campaign changed", call, campaign: campaign.key)
        return try api.shown(campaign)
    }

    @Sendable static func start(_ api: API, _ call: Call) throws -> Reply { try set(.active, "started", api, call) }
    @Sendable static func pause(_ api: API, _ call: Call) throws -> Reply { try set(.paused, "paused", api, call) }
    @Sendable static func close(_ api: API, _ call: Call) throws -> Reply { try set(.closed, "closed", api, call) }

    @Sendable static func reopen(_ api: API, _ call: Call) throws -> Reply {
        let campaign = try api.campaign(call)
        // What is open stays as it is, paused or not.
        if campaign.status != .closed { return try api.shown(campaign) }
        return try put(.active, "reopened", campaign, api, call)
    }

    private static func set(_ status: CampaignStatus, _ action: String, _ api: API, _ call: Call) throws -> Reply {
        let campaign = try api.campaign(call)
        if campaign.status == .closed, status != .closed { throw Failure(400, "The campaign is closed; reopen it first.") }
        return try put(status, action, campaign, api, call)
    }

    private static func put(
        _ status: CampaignStatus, _ action: String, _ campaign: Campaign, _ api: API, _ call: Call
    ) throws -> Reply {
        var campaign = campaign
        guard try api.store().setStatus(status, of: campaign.key) else { throw Failure.noCampaign }
        campaign.status = status
        api.audit("campaign \(action)", call, campaign: campaign.key)
        return try api.shown(campaign)
    }

    @Sendable static func stats(_ api: API, _ call: Call) throws -> Reply {
        let counts = try api.store().statusCounts(campaign: api.campaign(call).key)
        var named = Dictionary(uniqueKeysWithValues: counts.map { ($0.rawValue, $1) })
        named["total"] = counts.values.reduce(0, +)
        return try .json(named)
    }
}

private struct CampaignPage: Encodable {
    let campaigns: [CampaignDocument]
    let total, limit, offset: Int
}

extension API {
    fileprivate func shown(_ campaign: Campaign, status: Int = 200, headers: [(name: String, value: String)] = []) throws -> Reply {
        try .json(CampaignDocument(campaign, contacts: store().count(campaign: campaign.key)), status: status, headers: headers)
    }
}
