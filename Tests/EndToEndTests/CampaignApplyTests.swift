import Foundation
import SystemPackage
import Testing

@Suite("Campaign documents")
struct CampaignApplyTests {
    private static let examples = Programs.repository.appending("Config/campaigns")

    @Test("Every example document can be applied, again without a change, and comes back from campaign show")
    func examples() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.examples.string)
        #expect(names.count >= 3)
        for name in names {
            try await Site.with { site in
                let path = Self.examples.appending(name).string
                let first = try await site.rollcall("campaign", "apply", path, "--json")
                #expect(first.exitCode == 0, "\(first.errors)")
                #expect(try await site.rollcall("campaign", "apply", path, "--json").output == first.output)
                // What show prints is itself a document.
                let shown = try site.write(first.output, as: "shown.json")
                #expect(try await site.rollcall("campaign", "apply", shown.string, "--json").output == first.output)
            }
        }
    }

    @Test("A document sets what it names and leaves the rest")
    func partial() async throws {
        try await Site.with { site in
            let first = try site.write("key: spring\ndefault_country_code: NO\non_invalid: skip\nmax_invalid: 5%\n", as: "a.yaml")
            _ = try await site.rollcall("campaign", "apply", first.string)
            let second = try site.write("{\"key\": \"spring\", \"name\": \"Spring \\/ 😀\", \"status\": \"closed\"}", as: "b.json")
            let applied = try await site.rollcall("campaign", "apply", second.string, "--json")
            #expect(applied.exitCode == 0, "\(applied.errors)")
            for part in ["\"default_country_code\" : \"NO\"", "\"max_invalid\" : 5", "\"name\" : \"Spring / 😀\"", "\"closed\""] {
                #expect(applied.output.contains(part), "\(applied.output)")
            }
        }
    }

    @Test("Contacts of a document are stored, up to 5000, and the same document again changes nothing")
    func contacts() async throws {
        try await Site.with { site in
            let contacts = (0..<5000).map { "  - {external_id: K\($0), phone_numbers: [\"\(4_155_550_000 + $0)\"]}" }
            let text = "key: big\ndefault_country_code: US\nlimits: {rows: 7}\ncontacts:\n" + contacts.joined(separator: "\n")
            let document = try site.write(text, as: "big.yaml")
            let applied = try await site.rollcall("campaign", "apply", document.string)
            #expect(applied.exitCode == 0, "\(applied.errors)")
            #expect(try await site.count("big") == 5000)
            #expect(try await site.rollcall("campaign", "apply", document.string).exitCode == 0)
            let more = try site.write(text + "\n  - {phone_numbers: [\"4155550000\"]}\n", as: "more.yaml")
            let refused = try await site.rollcall("campaign", "apply", more.string)
            #expect(refused.errors.contains("5001"))
            #expect(try await site.count("big") == 5000)
        }
    }

    @Test("A document with anything wrong changes nothing, and the place is named", arguments: [
        ("key: a b\n", "campaign key"), ("name: x\n", "key: is missing"), ("key: new\ncolour: red\n", "colour: is not known"),
        ("key: new\nstatus: open\n", "status: \"open\" is none of active, paused, closed"),
        ("key: new\ndefault_country_code: Narnia\n", "default_country_code"),
        ("key: new\nlimits: {rows: none}\n", "limits.rows"), ("key: new\nkey: newer\n", "key"), ("key: [\n", "line"),
        ("key: new\ncontacts:\n  - {phone_numbers: [555]}\n", "contacts[0].phone_numbers[0]"),
        ("key: new\ncontacts:\n  - {phone_numbers: [\"+14155550101\"]}\n  - {phone_numbers: [\"555-01\"]}\n", "contacts[1].phone_numbers[0]"),
        ("key: new\nstatus: closed\ncontacts: [{phone_numbers: [\"+14155550101\"]}]\n", "closed"),
    ])
    func wrong(text: String, part: String) async throws {
        try await Site.with { site in
            let document = try site.write(text, as: "wrong.yaml")
            let applied = try await site.rollcall("campaign", "apply", document.string)
            #expect(applied.exitCode != 0)
            #expect(applied.errors.contains(part), "\(applied.errors)")
            #expect(try await site.rollcall("campaign", "show", "new").exitCode != 0)
        }
    }
}
