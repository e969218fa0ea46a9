import ContactStore
import Contacts
import PhoneNumbers
import Testing

@Suite("Campaigns") struct CampaignTests {
    private var full: Campaign {
        var campaign = Campaign(key: "autumn.2026", name: "L'automne \u{1F342}", defaultRegion: RegionCode("US"))
        campaign.status = .paused
        campaign.defaultTimezone = "Europe/Paris"
        campaign.columnRules = [ColumnRule(column: "Tel \"2\"", field: .phoneNumbers), ColumnRule(column: "x", field: .ignored)]
        campaign.onInvalid = .skip
        return campaign
    }

    @Test("A campaign comes back as it was made")
    func roundTrip() throws {
        let temporary = try TemporaryStore()
        try temporary.store.create(full)
        #expect(try temporary.store.campaign(full.key) == full)
        #expect(try temporary.store.campaigns().map(\.key) == ["autumn.2026", "spring"])
        #expect(try temporary.store.campaign("Spring") == nil)
    }

    @Test("A key is taken once")
    func keyIsUnique() throws {
        let temporary = try TemporaryStore()
        #expect(throws: CampaignExists.self) { try temporary.store.create(Campaign(key: "spring", name: "second")) }
        #expect(try temporary.store.campaign("spring")?.name == "spring")
    }

    @Test("An update changes the settings and never the status")
    func update() throws {
        let temporary = try TemporaryStore()
        try temporary.store.create(full)
        var changed = Campaign(key: full.key, name: "Autumn")
        changed.status = .closed
        try temporary.store.update(changed)
        changed.status = .paused
        #expect(try temporary.store.campaign(full.key) == changed)
        #expect(throws: CampaignUnknown.self) { try temporary.store.update(Campaign(key: "nowhere")) }
    }

    @Test("A status is set where there is a campaign", arguments: CampaignStatus.allCases)
    func status(_ status: CampaignStatus) throws {
        let temporary = try TemporaryStore()
        #expect(try temporary.store.setStatus(status, of: "spring"))
        #expect(try temporary.store.campaign("spring")?.status == status)
        #expect(try !temporary.store.setStatus(status, of: "nowhere"))
    }
}
