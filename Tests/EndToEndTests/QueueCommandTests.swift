import Foundation
import SystemPackage
import Testing

@Suite("A dialler's commands")
struct QueueCommandTests {
    private struct Page: Decodable {
        struct Contact: Decodable { let id, status: String }
        let contacts: [Contact]
    }

    private func next(_ site: Site, _ limit: Int) async throws -> [String] {
        let run = try await site.rollcall("contacts", "next", "--campaign", "leads", "--limit", "\(limit)", "--lock-for", "10m")
        try #require(run.exitCode == 0, "\(run.errors)")
        return try JSONDecoder().decode(Page.self, from: Data(run.output.utf8)).contacts.map(\.id)
    }

    @Test("Many diallers at once never get the same contact, and together get all")
    func concurrently() async throws {
        try await Site.with { site in
            let file = try site.write(Exports.rows(200), as: "a.csv").string
            #expect(try await site.rollcall("ingest", file, "--campaign", "leads").exitCode == 0)
            let taken = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var own: [String] = []
                        while true {
                            let some = try await next(site, 7)
                            if some.isEmpty { return own }
                            own += some
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.count == 200)
            #expect(Set(taken).count == 200)
        }
    }

    @Test("Contacts go through their statuses, and the counts follow")
    func statuses() async throws {
        try await Site.with { site in
            let file = try site.write(Exports.rows(5), as: "a.csv").string
            _ = try await site.rollcall("ingest", file, "--campaign", "leads")
            let ids = try await next(site, 4)
            let refused = try await site.rollcall("contacts", "mark", ids[0], "completed")
            #expect(refused.exitCode == 70)
            #expect(refused.errors.contains("is locked and cannot become completed; it may become in_progress, pending"))
            for id in ids.prefix(3) { #expect(try await site.rollcall("contacts", "mark", id, "in_progress").exitCode == 0) }
            _ = try await site.rollcall("contacts", "mark", ids[0], "completed")
            _ = try await site.rollcall("contacts", "mark", ids[1], "error")
            let stats = try await site.rollcall("campaign", "stats", "leads")
            #expect(stats.output == "total: 5\npending: 1\nin_progress: 2\ncompleted: 1\nexhausted: 0\nerror: 1\n")
            #expect(try await site.rollcall("contacts", "mark", ids[0], "pending").exitCode == 0)
        }
    }

    @Test("History names every ingest and what touched a contact last, and an ingest can be undone")
    func historyAndUndo() async throws {
        try await Site.with { site in
            let first = try site.write(Exports.rows(3), as: "first.csv").string
            _ = try await site.rollcall("ingest", first, "--campaign", "leads")
            let before = try await site.contacts()
            let more = try site.write(Exports.rows(5).replacing("New York", with: "Boston"), as: "more.csv").string
            let manifest = try await site.rollcall("ingest", more, "--campaign", "leads", "--json")
            let ingest = try JSONDecoder().decode(Ingest.self, from: Data(manifest.output.utf8)).ingest_id

            let history = try await site.rollcall("history")
            #expect(history.output.contains("first.csv") && history.output.contains(ingest), "\(history.output)")
            #expect(try await site.rollcall("history", "show", ingest).output.contains("\"name\" : \"more.csv\""))
            let shown = try await site.rollcall("contacts", "show", "--campaign", "leads", "--external-id", "K4")
            #expect(shown.output.contains("last_ingest") && shown.output.contains("more.csv"), "\(shown.output)")

            let undone = try await site.rollcall("undo", ingest)
            #expect(undone.exitCode == 0, "\(undone.errors)")
            #expect(try await site.contacts() == before)
            #expect(try site.manifest("more.csv")?.detail.contains("is undone") == true)
            let again = try await site.rollcall("undo", ingest)
            #expect(again.exitCode == 1 && again.errors.contains("cannot be undone: it was"))
            #expect(try await site.rollcall("ingest", more, "--campaign", "leads").output.contains("accepted"))
            #expect(try await site.count() == 5)
        }
    }

    private struct Ingest: Decodable { let ingest_id: String }

    @Test("An export, dropped again, changes nothing", arguments: ["csv", "jsonl"])
    func export(format: String) async throws {
        try await Site.with { site in
            _ = try await site.rollcall("ingest", try site.write(Exports.rows(30), as: "a.csv").string, "--campaign", "leads")
            let before = try await site.contacts()
            let exported = try await site.rollcall("contacts", "export", "--campaign", "leads", "--format", format)
            let manifest = try await site.serving { try await site.answer(to: exported.output, as: "export.\(format)") }
            #expect(manifest.contacts.unchanged == 30, "\(manifest.detail)")
            #expect(try await site.contacts() == before)
        }
    }
}
