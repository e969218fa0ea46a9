import ContactStore
import Contacts
import Foundation
import Ingest
import NIOHTTP1
import Spool
import SystemPackage
import Testing

@Suite("Uploads")
struct UploadTests {
    private static let text = "Ref,Mobile,Home,Note\nr1,4155550132,4155550133,hello\nr2,4155550134,4155550135,x\n"
    private static let mapping = #"[{"column":"Home","index":2,"field":"phone_numbers"},{"column":"Mobile","index":1,"field":"phone_numbers"},{"column":"Ref","index":0,"field":"external_id"}]"#

    private static func path(_ name: String = "leads.csv", mapping: String? = nil, _ more: String = "") -> String {
        let mapped = mapping.flatMap { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) }.map { "&mapping=\($0)" } ?? ""
        return "/campaign/campaigns/leads/files?name=\(name)\(mapped)\(more)"
    }

    private static let type = ["Content-Type": "application/octet-stream"]

    @Test("A file is read by the mapping that comes with it, in its dial order; the same bytes read otherwise are another delivery")
    func mapped() async throws {
        try await TestServer.with { server in
            let answer = try await server.send("POST", Self.path(mapping: Self.mapping), Self.text, headers: Self.type)
            #expect(answer.status == 202, "\(answer.text)")
            let id = try #require(answer.string("ingest_id"))
            let ingest = try await server.send("GET", "/campaign/ingests/\(id)")
            #expect(ingest.string("status") == "accepted" && ingest.string("state") == "done", "\(ingest.text)")
            var stored = try server.store.contacts(campaign: "leads", limit: 10, offset: 0)
            #expect(stored.map(\.externalID) == ["r1", "r2"])
            #expect(stored.map(\.phoneNumbers) == [["+14155550133", "+14155550132"], ["+14155550135", "+14155550134"]])
            #expect(server.processing.isEmpty)
            let again = try await server.send("POST", Self.path(mapping: Self.mapping), Self.text, headers: Self.type)
            let second = try await server.send("GET", "/campaign/ingests/\(again.string("ingest_id") ?? "")")
            #expect(second.string("status") == "duplicate", "\(second.text)")
            let otherwise = Self.mapping.replacing(#""Home","index":2,"field":"phone_numbers""#, with: #""Home","index":2,"field":"data""#)
            let third = try await server.send("POST", Self.path(mapping: otherwise), Self.text, headers: Self.type)
            #expect(try await server.send("GET", "/campaign/ingests/\(third.string("ingest_id") ?? "")").string("status") == "accepted")
            stored = try server.store.contacts(campaign: "leads", limit: 10, offset: 0)
            #expect(stored.map(\.phoneNumbers) == [["+14155550132"], ["+14155550134"]])
        }
    }

    @Test("A dry run stores nothing and shows what would be stored, or what is wrong")
    func dryRun() async throws {
        try await TestServer.with { server in
            let good = try await server.send("POST", Self.path(mapping: Self.mapping, "&dry_run=true"), Self.text, headers: Self.type)
            let preview = try #require(good.json["preview"] as? [[String: Any]])
            #expect(good.status == 200 && preview.count == 2 && preview[0]["external_id"] as? String == "r1", "\(good.text)")
            let bad = try await server.send("POST", Self.path("bad.csv", "&dry_run=true"), "Phone\n12\n", headers: Self.type)
            #expect(bad.status == 200 && (bad.json["manifest"] as? [String: Any])?["code"] as? Int == 422, "\(bad.text)")
            #expect(try server.store.count(campaign: "leads") == 0)
            #expect(server.processing.isEmpty)
            #expect(try server.store.ingests(campaign: nil, limit: 10, offset: 0).isEmpty)
        }
    }

    @Test("Rejected rows are given back as a download, until a later file of that name has some of its own")
    func rejectedRows() async throws {
        try await TestServer.with { server in
            let first = try await server.send("POST", Self.path("a.csv"), "Phone\n12\n", headers: Self.type)
            let path = "/campaign/ingests/\(first.string("ingest_id") ?? "")/rejected"
            let rows = try await server.send("GET", path)
            #expect(rows.text.contains("too_short") && rows.headers["Content-Disposition"] == ["attachment; filename*=UTF-8''a.csv.rejected.csv"], "\(rows.text)")
            _ = try await server.send("POST", Self.path("a.csv"), "Phone\n13\n", headers: Self.type)
            #expect(try await server.send("GET", path).status == 404)
        }
    }

    @Test("A body that grows beyond the limit is cut off with 413, and nothing of it stays")
    func tooLarge() async throws {
        try await TestServer.with(setting: { $1.limits.fileBytes = 100_000 }) { server in
            let file = server.root.appending(path: "large")
            #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
            // Far more than the limit, without saying how much: the answer comes long before all of it is sent.
            try FileHandle(forWritingTo: file).truncate(atOffset: 1 << 32)
            let curl = Process()
            let output = Pipe()
            curl.executableURL = URL(filePath: "/usr/bin/curl")
            curl.arguments = [
                "-s", "--max-time", "30", "-X", "POST", "-H", "Transfer-Encoding: chunked", "-H", "Content-Type: application/octet-stream", "-H",
                "Authorization: Bearer \(server.token)", "-H", "X-Anyreach-Org: acme", "-w", "%{http_code} %{size_upload}", "-T", file.path,
                server.address + Self.path(),
            ]
            curl.standardOutput = output
            try curl.run()
            let answer = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            curl.waitUntilExit()
            #expect(answer.contains("larger than the 100000 bytes") && answer.contains("}413 "), "\(answer)")
            let sent = try #require(answer.split(separator: " ").last.flatMap { Int($0) })
            #expect(sent < 100_000_000)
            #expect(server.processing.isEmpty)
        }
    }

    @Test("Columns of the same header are told apart by their place")
    func sameHeaders() {
        let map = ColumnMap(
            header: ["Number", "Number", "Ref"],
            rules: [ColumnRule(column: "Number", field: .externalID, index: 1), ColumnRule(column: "Number", field: .phoneNumbers, index: 0)])
        #expect(map.columns.map(\.field) == [.phoneNumbers, .externalID, .data])
    }

    @Test("A claim comes with its rules, is no claim before it is whole, and leaves nothing behind when it is given up")
    func claims() async throws {
        try await TestServer.with { server in
            let upload = try Upload(campaign: "leads", in: server.folders, id: Claim.makeID())
            try Array(Self.text.utf8).withUnsafeBytes { try upload.append($0) }
            #expect(try Claim.glance(at: upload.id, in: server.folders) == nil)
            #expect(try Claim.recover(in: server.folders).isEmpty, "it is locked")
            try upload.finish(named: "leads.csv", rules: ColumnRule.encode([ColumnRule(column: "Ref", field: .externalID)]))
            #expect(try Claim.glance(at: upload.id, in: server.folders)?.name == "leads.csv")
            #expect(try Claim.recover(in: server.folders) == [upload.id])
            let waiting = try await server.send("GET", "/campaign/ingests")
            #expect((waiting.json["ingests"] as? [[String: Any]])?.first?["state"] as? String == "waiting", "\(waiting.text)")
            #expect(try await server.send("GET", "/campaign/ingests/\(upload.id)").string("state") == "waiting")
            let given = try Upload(campaign: "leads", in: server.folders, id: Claim.makeID())
            try Array(Self.text.utf8).withUnsafeBytes { try given.append($0) }
            given.cancel()
            #expect(server.processing == [upload.id])
        }
    }
}
