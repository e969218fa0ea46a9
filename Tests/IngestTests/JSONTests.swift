import ContactStore
import Contacts
import Foundation
import Ingest
import Testing

@Suite("JSON drops")
struct JSONTests {
    let spool: TestSpool

    init() throws { spool = try TestSpool() }

    static let whole = #"""
        {"contacts": [
          {"phone_numbers": ["(415) 555-2671", "+442079460018"], "external_id": "k1", "timezone": "Europe/London",
           "scheduled_at": "2026-03-01T09:30:00", "data": {"n": 1.50, "list": [1, {"a": null}], "text": "a \"b\" \\ é"},
           "agent_id": "a1", "agent_config": {"voice": "low"}, "agent_number": "+14155550100", "agent_version": 3,
           "initial_context": "hello"},
          {"phone_numbers": ["4155552672"], "data": null, "external_id": null}
        ]}
        """#

    @Test("A body carries every field, overrides included, and data stays as it is written")
    func whole() throws {
        let manifest = try spool.ingest(Self.whole, as: "a.json")
        #expect(manifest.status == .accepted, "\(manifest.detail)")
        #expect(manifest.reading?.format == "json")
        #expect(manifest.reading?.delimiter == nil)
        let contact = try #require(try spool.contacts().first)
        #expect(contact.phoneNumbers == ["+14155552671", "+442079460018"])
        #expect(contact.data == #"{"n":1.50,"list":[1,{"a":null}],"text":"a \"b\" \\ é"}"#)
        #expect(contact.scheduledAt == 1_772_357_400_000)
        #expect(contact.agentID == "a1")
        #expect(contact.agentConfig == #"{"voice":"low"}"#)
        #expect(contact.agentNumber == "+14155550100")
        #expect(contact.agentVersion == "3")
        #expect(contact.initialContext == #""hello""#)
        #expect(try spool.contacts().last?.data == nil)
    }

    @Test("The same contacts again change nothing; one override changes one", arguments: ["a.json", "a.jsonl"])
    func again(name: String) throws {
        let line = #"{"phone_numbers":["4155552671"],"external_id":"k1","agent_id":"a1","data":{"b":"1","a":"2"}}"#
        try spool.ingest(name == "a.json" ? "[\(line)]" : line, as: name)
        #expect(try spool.ingest(name == "a.json" ? "[ \(line) ]" : line + "\n", as: name).contacts.unchanged == 1)
        let changed = line.replacing("\"a1\"", with: "\"a2\"")
        #expect(try spool.ingest(name == "a.json" ? "[\(changed)]" : changed, as: name).contacts.updated == 1)
        #expect(try spool.contacts().map(\.agentID) == ["a2"])
        // A delivery that does not carry it leaves it as it is.
        #expect(try spool.ingest("Phone,External ID\n4155552671,k1\n").contacts.unchanged == 1)
    }

    @Test("A body may be an object, a bare array, a shown page, or have a byte-order mark", arguments: [
        #"{"contacts":[{"phone_numbers":["4155552671"]}]}"#, #"[{"phone_numbers":["4155552671"]}]"#,
        #"{"total":1,"contacts":[{"phone_numbers":["4155552671"]}],"limit":1,"offset":0}"#,
        "\u{FEFF}\r\n [ {\"phone_numbers\" :\t[ \"4155552671\" ] } ]\n\n",
    ])
    func shapes(text: String) throws {
        let manifest = try spool.ingest(text, as: "a.json")
        #expect(manifest.contacts.inserted == 1, "\(manifest.detail)")
    }

    @Test("What is wrong with a contact has a code and a path", arguments: [
        (#"{"phone_numbers":["4155552671","555-01"]}"#, "too_short", "phone_numbers[1]"),
        (#"{"phone_numbers":[]}"#, "no_number", "phone_numbers"),
        (#"{"external_id":"x"}"#, "no_number", "phone_numbers"),
        (#"{"phone_numbers":"4155552671"}"#, "wrong_type", "phone_numbers"),
        (#"{"phone_numbers":[4155552671]}"#, "wrong_type", "phone_numbers[0]"),
        (#"{"phone_numbers":["4155552671"],"external_id":42}"#, "wrong_type", "external_id"),
        (#"{"phone_numbers":["4155552671"],"data":[1]}"#, "wrong_type", "data"),
        (#"{"phone_numbers":["4155552671"],"agent_config":"x"}"#, "wrong_type", "agent_config"),
        (#"{"phone_numbers":["4155552671"],"scheduled_at":1}"#, "wrong_type", "scheduled_at"),
        (#"{"phone_numbers":["4155552671"],"name":"Ada"}"#, "unknown_field", "name"),
        (#"{"phone_numbers":["4155552671"],"data":{"external_id":"x"}}"#, "structured_field_in_data", "data.external_id"),
        (#"{"phone_numbers":["4155552671"],"id":"7"}"#, "invalid_uuid", "id"),
        (#"{"phone_numbers":["4155552671"],"timezone":"EST5"}"#, "invalid_timezone", "timezone"),
        (#"{"phone_numbers":["4155552671"],"scheduled_at":"soon"}"#, "invalid_time", "scheduled_at"),
        (#"{"phone_numbers":["4155552671"],"timezone":"UTC","timezone":"UTC"}"#, "repeated_field", "timezone"),
    ])
    func problems(contact: String, code: String, path: String) throws {
        let good = #"{"phone_numbers":["4155552671"]}"#
        let body = try spool.ingest(#"{"contacts":[\#(good),\#(contact)]}"#, as: "a.json")
        let problem = try #require(body.rejections.first.first)
        #expect(problem.code == code)
        #expect(problem.column == "contacts[1].\(path)")
        #expect(problem.row == 2)
        let lines = try spool.ingest("\(good)\n\(contact)\n", as: "a.jsonl")
        #expect(lines.rejections.first.first?.code == code)
        #expect(lines.rejections.first.first?.column == path)
        #expect(lines.rejections.first.first?.line == 2)
        #expect(body.status == .rejected && body.code == 422 && lines.code == 422)
        #expect(try spool.contacts().isEmpty)
    }

    @Test("All that is wrong with a contact is reported, not only the first thing")
    func everything() throws {
        let manifest = try spool.ingest(#"{"phone_numbers":["555"],"name":"Ada","id":"7","data":[]}"#, as: "a.jsonl")
        #expect(Set(manifest.rejections.byCode.keys) == ["too_short", "unknown_field", "invalid_uuid", "wrong_type"])
        #expect(manifest.rows.rejected == 1)
    }

    @Test("A file that is no list of contacts is refused, and the line is named", arguments: [
        ("", 422, "invalid_json"), ("{}", 422, "invalid_json"), ("hello", 422, "invalid_json"), ("[{}", 422, "invalid_json"),
        ("[{}]]", 422, "invalid_json"), ("[{},]", 422, "invalid_json"), ("[{} {}]", 422, "invalid_json"),
        ("{\"contacts\":[]", 422, "invalid_json"), ("{\"contacts\":{}}", 422, "invalid_json"),
        ("{\"contacts\":[],\"contacts\":[]}", 422, "invalid_json"), ("{\"people\":[]}", 422, "unknown_field"),
        ("{\"contacts\":[\n{\"a\"", 422, "invalid_json"), ("phone\n4155552671\n", 422, "invalid_json"),
    ])
    func noBody(text: String, code: Int, problem: String) throws {
        let manifest = try spool.ingest(text, as: "a.json")
        #expect(manifest.status == .rejected)
        #expect(manifest.code == code)
        #expect(manifest.rejections.byCode[problem] == 1, "\(manifest.detail)")
    }

    @Test("A contact that is no JSON is a rejected row", arguments: [
        "{", "{\"a\":}", "{\"phone_numbers\":[\"\\ud800\"]}", "nul", "[1]", "\"x\"", "{\"a\":01}", "{'a':1}",
        String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 50_000),
        "{\"phone_numbers\":[\"4155552671\"],\"data\":\(String(repeating: "[", count: 100_000))}",
    ])
    func brokenContact(line: String) throws {
        let manifest = try spool.ingest("{\"phone_numbers\":[\"4155552671\"]}\n\n\(line)\n", as: "a.ndjson")
        #expect(manifest.rejections.byCode == ["invalid_json": 1], "\(manifest.detail)")
        #expect(manifest.rejections.first.first?.line == 3)
        #expect(manifest.rows.empty == 1)
    }

    @Test("More than 1000 contacts are too many for a body (413); of lines the first 1000 are read")
    func tooMany() throws {
        let contacts = (0..<1001).map { "{\"phone_numbers\":[\"\(4_155_550_000 + $0)\"]}" }
        let body = try spool.ingest("{\"contacts\":[\(contacts.joined(separator: ","))]}", as: "a.json")
        #expect(body.code == 413)
        #expect(try spool.contacts().isEmpty)
        let lines = try spool.ingest(contacts.joined(separator: "\n"), as: "a.jsonl")
        #expect(lines.contacts.inserted == 1000)
        #expect(lines.rows.notRead == 1)
    }

    @Test("Rejected contacts are written as lines that can be mended and dropped again", arguments: ["a.json", "a.jsonl"])
    func rejected(name: String) throws {
        let contacts = [
            #"{"phone_numbers":["4155552671"],"data":{"a":1}}"#, #"{"phone_numbers":["555-01"],"data":{"b": "x\ny"}}"#,
        ]
        let manifest = try spool.ingest(name == "a.json" ? "[\(contacts.joined(separator: ",\n"))]" : contacts.joined(separator: "\n"), as: name)
        let file = try #require(manifest.rejections.file)
        #expect(file == "\(name).rejected.jsonl")
        let text = try spool.results(file)
        #expect(text.contains("\"rollcall_code\":\"too_short\""))
        #expect(text.split(separator: "\n").count == 1)
        let mended = try spool.ingest(text.replacing("555-01", with: "4155552672"), as: file)
        #expect(mended.contacts.inserted == 1, "\(mended.detail)")
        #expect(try spool.contacts().map(\.data) == [#"{"b":"x\ny"}"#])
    }

    @Test("What a shown contact has beside its fields is passed over with a warning")
    func shown() throws {
        let manifest = try spool.ingest(
            #"[{"phone_numbers":["4155552671"],"status":"completed","campaign_id":"x","created_at":"2026-01-01T00:00:00Z"}]"#, as: "a.json")
        #expect(manifest.status == .accepted)
        #expect(manifest.warnings.first.map(\.code) == ["read_only_field", "read_only_field", "read_only_field"])
        #expect(try spool.contacts().first?.status == .pending)
    }

    @Test("Text that is not UTF-8 is refused, not stored with replacement characters")
    func notUTF8() throws {
        let line = Array("{\"phone_numbers\":[\"4155552671\"],\"data\":{\"a\":\"".utf8) + [0xE9] + Array("\"}}".utf8)
        let manifest = try spool.importer().run(spool.claim(Data(line), as: "a.jsonl"))
        #expect(manifest.rejections.byCode == ["invalid_json": 1])
        #expect(manifest.detail.contains("not UTF-8"))
        #expect(try spool.importer().run(spool.claim(Data([0xFF, 0xFE, 0x5B, 0x00]), as: "b.json")).code == 415)
    }

    @Test("Any bytes end in a manifest, never in a crash")
    func anyBytes() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("{}[]\",:\\ \n\r\tantf01-.eéu".utf8) + [0xFF, 0x00, 0xC3]
        for round in 0..<300 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let start = round % 2 == 0 ? Array("{\"contacts\":[".utf8) : []
            let manifest = try spool.importer().run(
                spool.claim(Data(start + bytes), as: round % 3 == 0 ? "\(round).jsonl" : "\(round).json"))
            #expect(manifest.rows.read == manifest.rows.valid + manifest.rows.rejected)
        }
    }
}
