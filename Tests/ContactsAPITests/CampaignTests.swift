import ContactStore
import Contacts
import Foundation
import Testing

@Suite("Campaigns over HTTP")
struct CampaignTests {
    @Test("A campaign is made with its contacts, belongs to the token's organisation, and goes from status to status")
    func lifeCycle() async throws {
        try await TestServer.with { server in
            let contacts = (0..<5000).map { #"{"phone_numbers":["415555\#(1000 + $0)"],"external_id":"\#($0)"}"# }.joined(separator: ",")
            let made = try await server.send(
                "POST", "/campaign/campaigns", "{\"id\":\"spring\",\"name\":\"Spring\",\"default_country_code\":\"+1\",\"contacts\":[\(contacts)]}")
            #expect(made.status == 201 && made.int("contacts") == 5000, "\(made.text.prefix(500))")
            #expect(made.string("default_country_code") == "US" && made.string("org") == "acme")
            for (action, status) in [("pause", "paused"), ("start", "active"), ("close", "closed"), ("reopen", "active"), ("reopen", "active")] {
                #expect(try await server.send("POST", "/campaign/campaigns/spring/\(action)").string("status") == status, "\(action)")
            }
            let renamed = try await server.send("PATCH", "/campaign/campaigns/spring", #" {"name":"Renewals","default_timezone":"America/New_York"}"#)
            #expect(renamed.string("name") == "Renewals" && renamed.string("org") == "acme")
            let stats = try await server.send("GET", "/campaign/campaigns/spring/stats")
            #expect(stats.int("total") == 5000 && stats.int("pending") == 5000 && stats.int("locked") == 0)
            let other = try TestServer.token(in: server.store, org: "other")
            let seen = try await server.send(
                "GET", "/campaign/campaigns", headers: ["Authorization": "Bearer \(other)", "X-Anyreach-Org": "other"])
            #expect((seen.json["campaigns"] as? [[String: Any]])?.map { $0["id"] as? String } == ["leads"] && seen.int("total") == 1)
            let ingests = try await server.send(
                "GET", "/campaign/ingests", headers: ["Authorization": "Bearer \(other)", "X-Anyreach-Org": "other"])
            #expect(ingests.int("total") == 0)
        }
    }

    @Test("A campaign whose contacts are refused is not made")
    func refused() async throws {
        try await TestServer.with { server in
            let answer = try await server.send(
                "POST", "/campaign/campaigns", #"{"id":"spring","contacts":[{"phone_numbers":["4155550132"]},{"phone_numbers":["1"]}]}"#)
            #expect(answer.status == 422 && answer.json["invalid_numbers"] != nil, "\(answer.text)")
            #expect(try server.store.campaign("spring") == nil)
            let many = Array(repeating: #"{"phone_numbers":["4155550132"]}"#, count: 5001).joined(separator: ",")
            #expect(try await server.send("POST", "/campaign/campaigns", "{\"id\":\"spring\",\"contacts\":[\(many)]}").status == 413)
            #expect(try server.store.campaign("spring") == nil)
        }
    }
}
