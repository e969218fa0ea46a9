import ContactsAPI
import ContactStore
import Contacts
import Foundation
import Testing

@Suite("What the API refuses")
struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let method, path: String
        var body: String?
        var headers: [String: String] = [:]
        let status: Int
        /// A part of the answer's detail.
        let detail: String

        init(_ method: String, _ path: String, _ body: String?, _ status: Int, _ detail: String) {
            self.init(method, path, body, [:], status, detail)
        }

        init(_ method: String, _ path: String, _ body: String?, _ headers: [String: String], _ status: Int, _ detail: String) {
            (self.method, self.path, self.body, self.headers, self.status, self.detail) = (method, path, body, headers, status, detail)
        }

        var testDescription: String { "\(method) \(path) \(body ?? "") \(headers)" }
    }

    private static let add = "/campaign/campaigns/leads/contacts"
    private static let file = ["Content-Type": "application/octet-stream"]
    private static let good = #"{"contacts":[{"phone_numbers":["4155550132"]}]}"#

    /// `TOKEN:` stands for the token of that name below.
    static let cases: [Case] = [
        Case("GET", "/campaign/campaigns", nil, ["Authorization": ""], 401, "bearer token is needed"),
        Case("GET", "/campaign/campaigns", nil, ["Authorization": "Basic YTpi"], 401, "bearer token is needed"),
        Case("GET", "/campaign/campaigns", nil, ["Authorization": "Bearer rollcall_ab_x"], 401, "bearer token is needed"),
        Case("GET", "/campaign/campaigns", nil, ["Authorization": "TOKEN:foreign"], 401, "not valid"),
        Case("GET", "/campaign/campaigns", nil, ["Authorization": "TOKEN:revoked"], 401, "not valid"),
        Case("GET", "/campaign/campaigns", nil, ["Authorization": "TOKEN:forged"], 401, "not valid"),
        Case("GET", "/campaign/campaigns", nil, ["X-Anyreach-Org": ""], 403, "X-Anyreach-Org is missing"),
        Case("GET", "/campaign/campaigns", nil, ["X-Anyreach-Org": "other"], 403, "not for this organisation"),
        Case("POST", add, good, ["Authorization": "TOKEN:reader"], 403, "scope campaigns:manage"),
        Case("POST", "/campaign/campaigns", #"{"id":"x"}"#, ["Authorization": "TOKEN:bound"], 403, "for other campaigns"),
        Case("GET", "/campaign/campaigns/theirs", nil, 404, "no such campaign"),
        Case("POST", "/campaign/campaigns/theirs/contacts", good, 404, "no such campaign"),
        Case("POST", "/campaign/campaigns/theirs/files?name=a.csv", "Phone\n1\n", file, 404, "no such campaign"),
        Case("GET", "/campaign/campaigns/leads", nil, ["Authorization": "TOKEN:bound"], 404, "no such campaign"),
        Case("POST", "/campaign/campaigns", #"{"id":"theirs"}"#, 409, "exists already"),
        Case("GET", "/campaign/ingests?campaign=theirs", nil, 404, "no such campaign"),
        Case("GET", "/campaign/ingests/0199c0de-0000-7000-8000-000000000001", nil, 404, "no such ingest"),
        Case("GET", "/campaign/ingests/..%2F..%2Fetc", nil, 404, "no such ingest"),
        Case("GET", "/nothing", nil, 404, "nothing at this path"),
        Case("GET", "/..%2f..%2fetc%2fpasswd", nil, 404, "nothing at this path"),
        Case("PUT", "/campaign/campaigns", "{}", 405, "GET, POST"),
        Case("GET", "/campaign/campaigns?limit=0", nil, 422, "limit takes"),
        Case("GET", "/campaign/campaigns?limit=x", nil, 422, "limit takes"),
        Case("GET", "/campaign/campaigns?offset=-1", nil, 422, "offset takes"),
        Case("GET", "/campaign/campaigns?limit=1&limit=2", nil, 422, "stands twice"),
        Case("GET", "/campaign/campaigns?limit=%FF", nil, 400, "percent-encoded"),
        Case("GET", add + "?status=gone", nil, 422, "status takes one of"),
        Case("GET", add + "?phone=12", nil, 422, "phone:"),
        Case("GET", add + "/0199c0de-0000-7000-8000-000000000001", nil, 404, "no such contact"),
        Case("GET", add + "/external_id:nobody", nil, 404, "no such contact"),
        Case("POST", add, good, ["Content-Type": "text/plain"], 415, "must be JSON"),
        Case("POST", add, "", 422, "does not start with"),
        Case("POST", add, "{", 422, "nothing stored"),
        Case("POST", add, #"{"contacts":[{"phone_numbers":["555-01"]}]}"#, 422, "too short for US"),
        Case("POST", add, #"{"contacts":[{"phone_numbers":["4155550132"],"id":"x"}]}"#, 422, "row 1"),
        Case("POST", add, #"{"contacts":[{"phone_numbers":["4155550132"],"x":1}]}"#, 422, "no field"),
        Case("POST", add, #"{"contacts":[\#(Array(repeating: "{}", count: 1001).joined(separator: ","))]}"#, 413, "1001 contacts"),
        Case("POST", add, good, ["Idempotency-Key": "a b"], 422, "visible ASCII"),
        Case("POST", "/campaign/campaigns/closed/contacts", good, 400, "closed"),
        Case("POST", "/campaign/campaigns/closed/start", nil, 400, "reopen it first"),
        Case("POST", "/campaign/campaigns/closed/files?name=a.csv", "Phone\n1\n", file, 400, "closed"),
        Case("POST", "/campaign/campaigns", #"{"id":"../x"}"#, 422, "campaign's key is"),
        Case("POST", "/campaign/campaigns", #"{"id":".hidden"}"#, 422, "campaign's key is"),
        Case("POST", "/campaign/campaigns", #"{"default_timezone":"EST"}"#, 422, "default_timezone"),
        Case("POST", "/campaign/campaigns", #"{"default_country_code":"XX"}"#, 422, "default_country_code"),
        Case("POST", "/campaign/campaigns", #"{"colour":1}"#, 422, "colour"),
        Case("POST", "/campaign/campaigns", #"{"name":"a","name":"b"}"#, 422, "stands twice"),
        Case("PATCH", "/campaign/campaigns/leads", #"{"id":"other"}"#, 422, "keeps its key"),
        Case("POST", "/campaign/campaigns/leads/files", "Phone\n1\n", file, 422, "name: takes"),
        Case("POST", "/campaign/campaigns/leads/files?name=..%2Fa.csv", "Phone\n1\n", file, 422, "name: takes"),
        Case("POST", "/campaign/campaigns/leads/files?name=..", "Phone\n1\n", file, 422, "name: takes"),
        Case("POST", "/campaign/campaigns/leads/files?name=.a.csv", "Phone\n1\n", file, 422, "name: takes"),
        Case("POST", "/campaign/campaigns/leads/files?name=a%00.csv", "Phone\n1\n", file, 422, "name: takes"),
        Case("POST", "/campaign/campaigns/leads/files?name=a%0A.csv", "Phone\n1\n", file, 422, "name: takes"),
        Case("POST", "/campaign/campaigns/leads/files?name=\(String(repeating: "a", count: 300)).csv", "Phone\n1\n", file, 422, "name: takes"),
        Case("POST", "/campaign/campaigns/leads/files?name=a.xlsx", "PK", file, 415, "is no .csv"),
        Case("POST", "/campaign/campaigns/leads/files?name=a.csv", "", file, 422, "empty"),
        Case("POST", "/campaign/campaigns/leads/files?name=a.csv&dry_run=yes", "Phone\n1\n", file, 422, "dry_run takes"),
        Case("POST", "/campaign/campaigns/leads/files?name=a.csv&mapping=x", "Phone\n1\n", file, 422, "mapping"),
        Case("POST", "/campaign/campaigns/leads/files?name=a.csv&mapping=%5B%7B%22column%22%3A%22A%22%7D%5D", "Phone\n1\n", file, 422, "mapping[0]"),
    ]

    @Test("Each bad request gets its status and says why, and nothing changes")
    func refusals() async throws {
        try await TestServer.with { server in
            try Self.populate(server.store)
            let tokens = try Self.tokens(server)
            for refused in Self.cases {
                var headers = refused.headers
                if let name = headers["Authorization"], name.hasPrefix("TOKEN:") { headers["Authorization"] = tokens[String(name.dropFirst(6))] }
                let answer = try await server.send(refused.method, refused.path, refused.body, headers: headers)
                #expect(answer.status == refused.status, "\(refused.testDescription.prefix(200)): \(answer.text)")
                #expect(answer.detail.contains(refused.detail), "\(refused.testDescription.prefix(200)): \(answer.text)")
            }
            #expect(try server.store.count(campaign: "leads") == 0)
            #expect(server.processing.isEmpty)
            #expect(try server.store.campaigns().map(\.key) == ["closed", "leads", "theirs"])
        }
    }

    private static func populate(_ store: ContactStore) throws {
        var theirs = Campaign(key: "theirs")
        theirs.org = "other"
        try store.create(theirs)
        var closed = Campaign(key: "closed")
        closed.status = .closed
        try store.create(closed)
    }

    private static func tokens(_ server: TestServer) throws -> [String: String] {
        let revoked = BearerToken.make()
        try server.store.add(revoked.stored(org: "acme", scopes: [.manage], campaigns: nil))
        _ = try server.store.revokeToken(revoked.id)
        // The id of a good token with the secret of another.
        let id = server.token.split(separator: "_")[1]
        let secret = BearerToken.make().text.split(separator: "_", maxSplits: 2)[2]
        return [
            "foreign": "Bearer \(BearerToken.make().text)", "revoked": "Bearer \(revoked.text)", "forged": "Bearer rollcall_\(id)_\(secret)",
            "reader": "Bearer \(try TestServer.token(in: server.store, [.read]))",
            "bound": "Bearer \(try TestServer.token(in: server.store, campaigns: ["elsewhere"]))",
        ]
    }
}
