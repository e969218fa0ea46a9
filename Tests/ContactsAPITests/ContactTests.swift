import ContactStore
import Contacts
import Foundation
import Ingest
import Testing

@Suite("Contacts over HTTP")
struct ContactTests {
    private static let path = "/campaign/campaigns/leads/contacts"

    @Test("Contacts are matched by id and external id, normalised, and their ids come back in order")
    func ordered() async throws {
        try await TestServer.with { server in
            let first = try await server.send(
                "POST", Self.path,
                #"{"contacts":[{"phone_numbers":["(415) 555-0132"],"external_id":"a","data":{"x":1}},{"phone_numbers":["4155550133","4155550134"]}]}"#)
            #expect(first.status == 200 && first.int("inserted") == 2, "\(first.text)")
            let ids = try #require(first.json["ids"] as? [String])
            let second = try await server.send(
                "POST", Self.path,
                #"""
                {"contacts":[{"phone_numbers":["4155550135"],"external_id":"new"},{"phone_numbers":["4155550136"],"external_id":"a"},
                {"phone_numbers":["4155550134"],"id":"\#(ids[1])"},{"phone_numbers":["4155550137"],"external_id":"a"}]}
                """#)
            let again = try #require(second.json["ids"] as? [String])
            #expect(again[1] == ids[0] && again[3] == ids[0] && again[2] == ids[1] && !ids.contains(again[0]))
            #expect([second.int("inserted"), second.int("updated"), second.int("superseded")] == [1, 2, 1], "\(second.text)")
            let stored = try server.store.contacts(campaign: "leads", limit: 10, offset: 0)
            #expect(stored.map(\.phoneNumbers) == [["+14155550137"], ["+14155550134"], ["+14155550135"]])
            #expect(stored[0].data == #"{"x":1}"#)
        }
    }

    @Test("A delivery is in the ledger with its manifest, can be undone, and one that is refused stores nothing")
    func ledger() async throws {
        try await TestServer.with { server in
            let good = try await server.send("POST", Self.path, #"{"contacts":[{"phone_numbers":["4155550132"]}]}"#)
            let id = try #require(good.string("ingest_id"))
            let bad = try await server.send("POST", Self.path, #"{"contacts":[{"phone_numbers":["4155550133"]},{"phone_numbers":["12"]}]}"#)
            #expect(bad.status == 422)
            let numbers = try #require(bad.json["invalid_numbers"] as? [String: Any])
            #expect(numbers["total"] as? Int == 1)
            #expect((numbers["first"] as? [[String: Any]])?.first?["value"] as? String == "12")
            let open = try await server.send("POST", Self.path, #"{"contacts":[{"phone_numbers":["12"]}]"#)
            #expect(open.status == 422 && open.detail.contains("} is missing"), "\(open.text)")
            #expect((open.json["rejections"] as? [String: Any])?["total"] as? Int == 1, "its rows are not told of: \(open.text)")
            let shown = try await server.send("GET", "/campaign/ingests/\(id)")
            let manifest = try #require(shown.json["manifest"] as? [String: Any])
            #expect(manifest["status"] as? String == "accepted" && shown.string("state") == "done", "\(shown.text)")
            let listed = try await server.send("GET", "/campaign/ingests")
            #expect((listed.json["ingests"] as? [[String: Any]])?.map { $0["status"] as? String } == ["rejected", "rejected", "accepted"])
            #expect(try server.store.count(campaign: "leads") == 1)
            _ = try IngestUndo(store: server.store, folders: server.folders).run(try #require(UUID(uuidString: id)))
            #expect(try server.store.count(campaign: "leads") == 0)
        }
    }

    @Test("A request is repeated under its key without effect, however many come at once; another body is refused")
    func idempotency() async throws {
        try await TestServer.with { server in
            let body = #"{"contacts":[{"phone_numbers":["4155550132"]},{"phone_numbers":["4155550133"]}]}"#
            let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let answer = try await server.send("POST", Self.path, body, headers: ["Idempotency-Key": "k"])
                        return (answer.status, answer.text)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.0)) == [200] && Set(answers.map(\.1)).count == 1, "\(answers)")
            #expect(try server.store.count(campaign: "leads") == 2)
            let other = try await server.send("POST", Self.path, #"{"contacts":[]}"#, headers: ["Idempotency-Key": "k"])
            #expect(other.status == 422 && other.detail.contains("another body"))
            let elsewhere = try await server.send("POST", "/campaign/campaigns", #"{"id":"b","default_country_code":"US"}"#)
            #expect(elsewhere.status == 201)
            let bound = try await server.send("POST", "/campaign/campaigns/b/contacts", body, headers: ["Idempotency-Key": "k"])
            #expect(bound.int("inserted") == 2, "a key counts within its campaign: \(bound.text)")
            let keyless = try await server.send("POST", Self.path, body)
            #expect(keyless.int("inserted") == 2, "\(keyless.text)")
        }
    }

    @Test("A suppressed contact is left out and has no id; a clash with another campaign refuses all")
    func leftOut() async throws {
        try await TestServer.with { server in
            try server.store.suppress(["+14155550132"], campaign: nil)
            let answer = try await server.send(
                "POST", Self.path, #"{"contacts":[{"phone_numbers":["4155550132"]},{"phone_numbers":["4155550133"]}]}"#)
            let ids = try #require(answer.json["ids"] as? [Any])
            #expect(ids[0] is NSNull && ids[1] is String && answer.int("suppressed") == 1, "\(answer.text)")
            _ = try await server.send("POST", "/campaign/campaigns", #"{"id":"b","default_country_code":"US"}"#)
            let clash = try await server.send(
                "POST", "/campaign/campaigns/b/contacts",
                #"{"contacts":[{"phone_numbers":["4155550139"]},{"phone_numbers":["4155550138"],"id":"\#(ids[1])"}]}"#)
            #expect(clash.status == 409 && clash.detail.contains("another campaign"), "\(clash.text)")
            #expect(try server.store.count(campaign: "b") == 0)
        }
    }

    @Test("Contacts are found by status, external id and number, page by page")
    func pages() async throws {
        try await TestServer.with { server in
            let contacts = (0..<25).map { #"{"phone_numbers":["415555\#(1000 + $0)","+44207946\#(1000 + $0)"],"external_id":"e\#($0)"}"# }
            _ = try await server.send("POST", Self.path, "{\"contacts\":[\(contacts.joined(separator: ","))]}")
            func ids(_ query: String) async throws -> ([String], Int?) {
                let page = try await server.send("GET", Self.path + "?" + query)
                return ((page.json["contacts"] as? [[String: Any]] ?? []).compactMap { $0["external_id"] as? String }, page.int("total"))
            }
            #expect(try await ids("limit=2&offset=23") == (["e23", "e24"], 25))
            #expect(try await ids("external_id=e7") == (["e7"], 1))
            #expect(try await ids("phone=%28415%29+555-1003") == (["e3"], 1))
            #expect(try await ids("phone=%2B442079461004&status=pending") == (["e4"], 1))
            var part = ContactFilter()
            part.phone = "+44207946100"
            #expect(try server.store.contacts(campaign: "leads", part, limit: 1, offset: 0).total == 0, "a part of a number is none")
            let taken = try server.store.next(campaign: "leads", limit: 2, lease: .seconds(3600))
            #expect(try await ids("status=locked").1 == taken.count)
            #expect(try await ids("status=pending").1 == 23)
            let late = try server.store.contacts(campaign: "leads", ContactFilter(), limit: 50, offset: 0, now: .now + 7_200_000)
            #expect(late.contacts.allSatisfy { $0.status == .pending })
        }
    }

    @Test("What is carried replaces, the status goes by its order, and what is deleted stays deleted")
    func changes() async throws {
        try await TestServer.with { server in
            let made = try await server.send(
                "POST", Self.path, #"{"contacts":[{"phone_numbers":["4155550132"],"external_id":"a/b","data":{"x":1}},{"phone_numbers":["4155550133"],"external_id":"c"}]}"#)
            let path = Self.path + "/external_id:a%2Fb"
            let changed = try await server.send("PATCH", path, "\n " + #"{"timezone":"Europe\/Berlin"}"#)
            #expect(changed.string("timezone") == "Europe/Berlin" && (changed.json["data"] as? [String: Int]) == ["x": 1], "\(changed.text)")
            #expect(try await server.send("PATCH", path, #"{"phone_numbers":["12"]}"#).status == 422)
            #expect(try await server.send("PATCH", path, #"{"external_id":"c"}"#).status == 409)
            let early = try await server.send("PATCH", path, #"{"status":"completed","timezone":"Europe/Paris"}"#)
            #expect(early.status == 409 && early.detail.contains("pending"), "\(early.text)")
            #expect(try await server.send("GET", path).string("timezone") == "Europe/Berlin", "nothing of it is done")
            _ = try server.store.next(campaign: "leads", limit: 1, lease: .seconds(3600))
            #expect(try await server.send("PATCH", path, #"{"status":"in_progress"}"#).string("status") == "in_progress")
            #expect(try await server.send("DELETE", path).status == 204)
            #expect(try await server.send("GET", path).status == 404)
            #expect(try await server.send("DELETE", path).status == 404)
            let ingest = try #require(made.string("ingest_id").flatMap { UUID(uuidString: $0) })
            _ = try IngestUndo(store: server.store, folders: server.folders).run(ingest)
            #expect(try server.store.count(campaign: "leads") == 0)
        }
    }
}
