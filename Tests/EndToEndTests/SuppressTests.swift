import Foundation
import SystemPackage
import Testing

@Suite("Suppressing numbers")
struct SuppressTests {
    @Test("Numbers are added, imported, listed and removed")
    func commands() async throws {
        try await Site.with { site in
            let added = try await site.rollcall("suppress", "add", "(212) 220-0001", "--campaign", "leads", "--reason", "asked")
            #expect(added.output == "1 added, 0 suppressed already\n", "\(added.errors)")
            let list = try site.write("Phone\n+12122200002\n+12122200001\nnonsense\n", as: "dnc.csv")
            let imported = try await site.rollcall("suppress", "import", list.string)
            #expect(imported.exitCode == 1)
            #expect(imported.output == "2 added, 0 suppressed already, 1 rows refused\n")
            #expect(imported.errors.contains("nonsense"))
            #expect(try await site.rollcall("suppress", "list").output.split(separator: "\n").count == 4)
            #expect(try await site.rollcall("suppress", "add", "12").exitCode == 64)
            #expect(try await site.rollcall("suppress", "remove", "+12122200002").output == "1 removed\n")
            #expect(try await site.rollcall("suppress", "list", "--campaign", "nobody").exitCode == 70)
        }
    }

    @Test("A list dropped into .suppress counts for the files that follow")
    func dropped() async throws {
        try await Site.with { site in
            try await site.serving {
                let list = try await site.answer(to: "Phone\n+12122200001\n", as: "dnc.csv", for: ".suppress")
                #expect(list.status == "accepted", "\(list.detail)")
                let manifest = try await site.answer(to: Exports.rows(3))
                #expect(manifest.contacts.inserted == 2, "\(manifest.detail)")
                #expect(manifest.rejections.by_code == ["suppressed": 1])
            }
        }
    }
}
