import Foundation
import SystemPackage
import Testing

@Suite("What comes of a dropped file")
struct OutcomeTests {
    private static var sample: FilePath { Programs.repository.appending("Config/samples/crm-export.csv") }

    @Test("A CRM export is accepted: contacts stored, a manifest beside it, the original archived")
    func accepted() async throws {
        try await Site.with { site in
            let text = try site.text(Self.sample)
            let manifest = try await site.serving { try await site.answer(to: text, as: "crm-export.csv") }
            #expect(manifest.status == "accepted" && manifest.code == 200, "\(manifest.detail)")
            #expect(manifest.rows.read == 60 && manifest.rows.rejected == 0)
            #expect(manifest.contacts.inserted == 60)
            let contacts = try await site.contacts()
            #expect(contacts.count == 60)
            #expect(contacts[0].external_id == "A-1000")
            #expect(contacts[0].phone_numbers == ["+13035550157", "+13035550171"])
            #expect(contacts[0].timezone == "America/Denver")
            #expect(contacts[0].data?["City"] == "Denver")
            #expect(contacts[0].data?["Mobile"] == nil, "a structured field is never repeated inside data")
            let archived = try #require(manifest.file.archived_as)
            #expect(try site.text(site.folder().appending(archived)) == text)
            #expect(site.processing.isEmpty)
            #expect(!site.names(in: site.folder()).contains("crm-export.csv"))
        }
    }

    @Test("Invalid numbers refuse the whole file, and the manifest lists the first of them in order")
    func rejected() async throws {
        try await Site.with { site in
            var text = Exports.rows(30)
            let wrong = ["555-01", "+999 123", "hello", "12345678901234567890"]
            for (index, number) in wrong.enumerated() { text += Exports.row(key: "W\(index)", phone: number) }
            text += Exports.row(key: "last", phone: Exports.phone(31))
            let manifest = try await site.serving { try await site.answer(to: text) }
            #expect(manifest.status == "rejected" && manifest.code == 422)
            #expect(manifest.rows.read == 35 && manifest.rows.valid == 31 && manifest.rows.rejected == 4)
            #expect(manifest.invalid_numbers.total == 4)
            #expect(manifest.invalid_numbers.first.map(\.value) == wrong)
            #expect(manifest.invalid_numbers.first.map(\.row) == [31, 32, 33, 34])
            #expect(manifest.invalid_numbers.first.map(\.line) == [32, 33, 34, 35])
            #expect(manifest.invalid_numbers.first.allSatisfy { $0.column == "Mobile" && $0.hint != nil })
            #expect(
                manifest.invalid_numbers.first.map(\.code)
                    == ["too_short", "invalid_country_code", "not_a_number", "too_long"])
            #expect(try await site.count() == 0)
            let rejected = try site.text(site.folder().appending("results").appending("a.csv.rejected.csv"))
            #expect(wrong.allSatisfy(rejected.contains) && !rejected.contains("K0,"))
        }
    }

    @Test("More than twenty invalid numbers are all counted, and the first twenty listed")
    func manyInvalid() async throws {
        try await Site.with { site in
            let rows = (1...50).map { Exports.row(key: "K\($0)", phone: "55\($0)") }.joined()
            let manifest = try await site.serving { try await site.answer(to: Exports.header + rows) }
            #expect(manifest.invalid_numbers.total == 50)
            #expect(manifest.invalid_numbers.first.map(\.row) == Array(1...20))
        }
    }

    @Test("With on_invalid: skip the good rows are stored")
    func skipped() async throws {
        try await Site.with { site in
            try await site.rollcall("campaign", "create", "lenient", "--on-invalid", "skip")
            let text = Exports.rows(9) + Exports.row(key: "W", phone: "555-01")
            let manifest = try await site.serving { try await site.answer(to: text, for: "lenient") }
            #expect(manifest.status == "accepted" && manifest.rows.rejected == 1)
            #expect(try await site.count("lenient") == 9)
        }
    }

    @Test("The same bytes again are a duplicate that points to the first ingest, and change nothing")
    func duplicate() async throws {
        try await Site.with { site in
            try await site.serving {
                let first = try await site.answer(to: Exports.rows(5))
                let again = try await site.answer(to: Exports.rows(5), as: "b.csv")
                #expect(again.status == "duplicate" && again.code == 200)
                #expect(again.duplicate_of == first.ingest_id)
                #expect(again.contacts.inserted == 0)
            }
            #expect(try await site.count() == 5)
            #expect(site.archived().count == 2)
        }
    }

    @Test("The same contacts in other bytes are unchanged or updated, never doubled")
    func redelivered() async throws {
        try await Site.with { site in
            try await site.serving {
                _ = try await site.answer(to: Exports.rows(5))
                let changed = Exports.rows(4) + Exports.row(key: "K4", phone: Exports.phone(4), city: "Boston")
                let again = try await site.answer(to: changed, as: "b.csv")
                #expect(again.contacts.unchanged == 4 && again.contacts.updated == 1 && again.contacts.inserted == 0)
            }
            #expect(try await site.contacts().last?.data?["City"] == "Boston")
        }
    }

    @Test("A closed campaign refuses files with 400 until it is reopened")
    func closed() async throws {
        try await Site.with { site in
            try await site.rollcall("campaign", "close", "leads")
            try await site.serving {
                let refused = try await site.answer(to: Exports.rows(5))
                #expect(refused.status == "rejected" && refused.code == 400)
                #expect(try await site.count() == 0)
                try await site.rollcall("campaign", "reopen", "leads")
                let accepted = try await site.answer(to: Exports.rows(5), as: "b.csv")
                #expect(accepted.status == "accepted", "\(accepted.detail)")
            }
        }
    }

    @Test("A file over 10 MB is refused with 413, one of 10,000,000 bytes is not")
    func tooLarge() async throws {
        try await Site.with { site in
            let line = Exports.row(key: "K", phone: "+12125550100", city: String(repeating: "x", count: 967))
            let rows = String(repeating: line, count: 10_000)
            try await site.serving {
                let published = String((Exports.header + rows).prefix(10_000_000))
                let taken = try await site.answer(to: published, as: "published.csv")
                #expect(taken.code != 413)
                let refused = try await site.answer(to: Exports.header + rows + rows, as: "large.csv")
                #expect(refused.status == "rejected" && refused.code == 413)
                #expect(refused.file.archived_as != nil)
            }
        }
    }

    @Test("Of a long file the first 1000 rows are read and the rest counted", arguments: [1000, 1001, 5000])
    func longFile(rows: Int) async throws {
        try await Site.with { site in
            let manifest = try await site.serving { try await site.answer(to: Exports.rows(rows)) }
            #expect(manifest.status == "accepted" && manifest.rows.read == 1000)
            #expect(manifest.rows.not_read == rows - 1000)
            #expect((manifest.warnings.total > 0) == (rows > 1000))
            #expect(try await site.count() == 1000)
        }
    }

    @Test("An unknown kind of file is refused with 415", arguments: ["leads.txt", "leads.xlsx", "leads"])
    func unknownKind(name: String) async throws {
        try await Site.with { site in
            let manifest = try await site.serving { try await site.answer(to: Exports.rows(2), as: name) }
            #expect(manifest.status == "rejected" && manifest.code == 415)
            #expect(try await site.count() == 0)
        }
    }

    @Test("A header without rows is accepted, with nothing stored and a warning")
    func headerOnly() async throws {
        try await Site.with { site in
            let manifest = try await site.serving { try await site.answer(to: Exports.header) }
            #expect(manifest.status == "accepted" && manifest.rows.read == 0 && manifest.warnings.total == 1)
        }
    }

    @Test("A file without a phone column is refused, and the manifest says which headers it saw")
    func noPhoneColumn() async throws {
        try await Site.with { site in
            let manifest = try await site.serving { try await site.answer(to: "Name,City\nAda,Paris\nGrace,Rome\n") }
            #expect(manifest.status == "rejected" && manifest.code == 422)
            #expect(manifest.detail.contains("\"Name\", \"City\""), "\(manifest.detail)")
        }
    }

    @Test("A folder whose campaign does not exist creates it, or is refused with 404 if the settings say so")
    func unknownCampaign() async throws {
        try await Site.with { site in
            let created = try await site.serving { try await site.answer(to: Exports.rows(3), for: "new-one") }
            #expect(created.status == "accepted", "\(created.detail)")
            #expect(try await site.count("new-one") == 3)
        }
        try await Site.with(["ROLLCALL_UNKNOWN_CAMPAIGN": "refuse"]) { site in
            let refused = try await site.serving { try await site.answer(to: Exports.rows(3), for: "new-one") }
            #expect(refused.status == "rejected" && refused.code == 404)
        }
    }

    @Test("A file in the check folder gets a manifest, and nothing is stored")
    func checkFolder() async throws {
        try await Site.with { site in
            try FileManager.default.createDirectory(atPath: site.folder().appending("check").string, withIntermediateDirectories: true)
            let manifest = try await site.serving {
                try site.drop(Exports.rows(3), as: "check/a.csv")
                return try await eventually("the check's manifest") { try site.manifest("a.csv") }
            }
            #expect(manifest.dry_run && manifest.status == "accepted" && manifest.contacts.inserted == 3)
            #expect(try await site.count() == 0)
        }
    }
}
