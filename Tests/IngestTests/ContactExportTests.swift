import ContactStore
import Contacts
import Foundation
import Ingest
import Testing

@Suite("Exported contacts")
struct ContactExportTests {
    private static let awkward = [
        "plain", "say \"hi\"", "a\nb", "a\r\nb", "\r", "Grüße 🎉", "007", "1e5", "=1+1", "'=1+1", "''@x", "+cmd|' /C calc'!A0", "-2+3",
        "@sum", "a,b;c\td|e", "{\"a\":1}", "O'Neil", "'t Hof", "x\u{301}", "\u{202E}abc", "Total", "# comment", "sep=;", "NULL", "\\",
        "\"", "'", ",", "a:::b", String(repeating: "long ", count: 2000),
    ]

    private static func contacts(_ random: inout some RandomNumberGenerator) throws -> String {
        let encoder = JSONEncoder()
        func text() -> String { awkward.randomElement(using: &random) ?? "" }
        func json(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
        return try (0..<Int.random(in: 1...25, using: &random)).map { index in
            let numbers = (0..<Int.random(in: 1...4, using: &random)).map { _ in "\"+1415555\(Int.random(in: 1000...9999, using: &random))\"" }
            var members = ["\"phone_numbers\":[\(numbers.joined(separator: ","))]"]
            if Bool.random(using: &random) { members.append("\"external_id\":\(try json("\(text()) \(index)"))") }
            if Bool.random(using: &random) { members.append("\"timezone\":\"Etc/GMT+1\"") }
            if Bool.random(using: &random) { members.append("\"scheduled_at\":\"2026-03-01T09:30:00.\(Int.random(in: 100...999, using: &random))Z\"") }
            if Bool.random(using: &random) {
                members.append("\"data\":{\(try json(text())):\(try json(text())),\"Phone\":[1.50,{\"deep\":null}],\"z\":true,\"a\":12345678901234567890}")
            }
            return "{\(members.joined(separator: ","))}"
        }.joined(separator: "\n")
    }

    @Test("Exported and dropped again, every contact is unchanged", arguments: [ContactExport.Format.csv, .jsonl])
    func roundTrip(format: ContactExport.Format) throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = Seeded(state: seed)
        for round in 0..<40 {
            let spool = try TestSpool()
            let first = try spool.ingest(try Self.contacts(&random), as: "in.jsonl")
            try #require(first.status == .accepted, "seed \(seed): \(first.detail)")
            let before = try spool.contacts()
            var exported: [UInt8] = []
            try ContactExport(spool.store, campaign: "spring").write(as: format) { exported += $0 }
            let again = try spool.ingest(String(decoding: exported, as: UTF8.self), as: "out.\(format.rawValue)")
            let comment = Comment("seed \(seed) round \(round): \(again.detail) \(again.rejections.first) \(String(decoding: exported.prefix(3000), as: UTF8.self))")
            #expect(again.status == .accepted, comment)
            #expect(again.contacts.unchanged == before.count, comment)
            #expect(try spool.contacts() == before, comment)
        }
    }

    @Test("No cell of an exported CSV file is run as a formula")
    func formulas() throws {
        let spool = try TestSpool()
        try spool.ingest(#"{"phone_numbers":["4155552671"],"external_id":"=cmd|'/C calc'!A0"}"#, as: "a.jsonl")
        var exported: [UInt8] = []
        try ContactExport(spool.store, campaign: "spring").write(as: .csv) { exported += $0 }
        #expect(String(decoding: exported, as: UTF8.self).contains(",'=cmd|'/C calc'!A0,+14155552671,"))
    }

    @Test("A cell of rollcall_data that is no JSON object refuses its row and says where")
    func brokenData() throws {
        let spool = try TestSpool()
        let manifest = try spool.ingest("Phone,rollcall_data\n4155552671,{}\n4155552672,oops\n")
        #expect(manifest.rejections.byCode == ["invalid_json": 1])
        #expect(manifest.rejections.first.first?.column == "rollcall_data")
        #expect(manifest.rejections.first.first?.row == 2)
    }
}

/// Repeatable by its seed.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
