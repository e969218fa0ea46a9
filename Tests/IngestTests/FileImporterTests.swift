import ContactStore
import Contacts
import Foundation
import Ingest
import PhoneNumbers
import Spool
import Testing

@Suite("A claimed file becomes contacts, a manifest and an archived original")
struct FileImporterTests {
    let spool: TestSpool

    init() throws { spool = try TestSpool() }

    private func number(_ index: Int) -> String { String(4_155_550_000 + index) }

    private func rows(_ range: Range<Int>) -> String {
        "Name,Phone,External ID\n" + range.map { "P\($0),\(number($0)),k\($0)\n" }.joined()
    }

    @Test("A good file is accepted: contacts stored in order, columns in data, original archived")
    func accepted() throws {
        let manifest = try spool.ingest("Name,Phone,External ID,Mobile\r\n\"O'Neil, Pat\",(415) 555-2671,k1,+442079460018\r\n")
        #expect(manifest.status == .accepted)
        #expect(manifest.code == 200)
        #expect(manifest.contacts.inserted == 1)
        #expect(manifest.reading?.lineEnd == "crlf")
        let contact = try #require(try spool.contacts().first)
        #expect(contact.phoneNumbers == ["+14155552671", "+442079460018"])
        #expect(contact.externalID == "k1")
        #expect(contact.data == #"{"Name":"O'Neil, Pat"}"#)
        #expect(spool.list("spring/archive").count == 1)
        #expect(spool.list("spring/archive").first.map { "archive/\($0)" } == manifest.file.archivedAs)
        #expect(spool.list(".processing").isEmpty)
        let written = try spool.results("leads.csv.result.json")
        #expect(try Array(written.utf8) == Manifest(json: Array(written.utf8)).json())
        #expect(spool.list("spring/results") == ["leads.csv.\(manifest.ingestID).result.json", "leads.csv.result.json"])
    }

    @Test("Whatever stands in a cell comes back from data as it was", arguments: [
        "plain", "\"quoted\"", "a\\b", "tab\tin", "line\nbreak", "\u{1}\u{1F}", "Grüße 🎉", "{\"a\":1}", "=1+1", "007", " padded ",
    ])
    func awkwardData(text: String) throws {
        let cell = "\"" + text.replacing("\"", with: "\"\"") + "\""
        try spool.ingest("Phone,Note\n4155552671,\(cell)\n")
        let json = try #require(try spool.contacts().first?.data)
        #expect(try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == ["Note": text])
    }

    @Test("One invalid number refuses the whole file, and the first of them are listed in order")
    func rejected() throws {
        let manifest = try spool.ingest("Phone\n4155552671\n555-01\n\nhello\n")
        #expect(manifest.status == .rejected)
        #expect(manifest.code == 422)
        #expect(manifest.invalidNumbers.total == 2)
        #expect(manifest.invalidNumbers.first.map(\.row) == [2, 4])
        #expect(manifest.invalidNumbers.first.map(\.line) == [3, 5])
        #expect(manifest.rows.read == 3)
        #expect(manifest.rows.empty == 1)
        #expect(try spool.contacts().isEmpty)
        let lines = try spool.results("leads.csv.rejected.csv").split(whereSeparator: \.isNewline)
        #expect(lines.count == 3)
        #expect(lines[0] == "Phone,rollcall_row,rollcall_line,rollcall_code,rollcall_reason")
        #expect(lines[1].hasPrefix("555-01,2,3,too_short,"))
    }

    @Test("The rejected rows, mended and dropped again, are accepted without the added columns in data")
    func mended() throws {
        try spool.ingest("Name,Phone\nPat,555-01\n")
        let mended = try spool.results("leads.csv.rejected.csv").replacing("555-01", with: "4155552671")
        #expect(try spool.ingest(mended).status == .accepted)
        #expect(try spool.contacts().map(\.data) == [#"{"Name":"Pat"}"#])
    }

    @Test("No cell of the rejected rows' file is run as a formula", arguments: ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3"])
    func formulas(cell: String) throws {
        try spool.ingest("Name,Phone\n\(cell),555-01\n")
        let lines = try spool.results("leads.csv.rejected.csv").split(whereSeparator: \.isNewline)
        #expect(lines.last?.hasPrefix("\"'\(cell)\",555-01,") == true, "\(lines)")
    }

    @Test("With on_invalid: skip the good rows go in and the bad ones are written out")
    func skip() throws {
        spool.settings.newCampaign.onInvalid = .skip
        let manifest = try spool.ingest("Phone\n4155552671\n12\n")
        #expect(manifest.status == .accepted)
        #expect(manifest.rows.valid == 1 && manifest.rows.rejected == 1)
        #expect(manifest.rejections.file == "leads.csv.rejected.csv")
        #expect(try spool.contacts().count == 1)
    }

    @Test("The same bytes are applied once and point to the first ingest, whatever the name")
    func duplicate() throws {
        let first = try spool.ingest(rows(0..<3))
        let second = try spool.ingest(rows(0..<3), as: "again.csv")
        #expect(second.status == .duplicate)
        #expect(second.duplicateOf == first.ingestID)
        #expect(second.code == 200)
        #expect(try spool.contacts().count == 3)
        #expect(try spool.ingest(rows(0..<3), campaign: "other").status == .accepted)
    }

    @Test("A refused file may be dropped again: only accepted bytes are duplicates")
    func refusedIsNoDuplicate() throws {
        #expect(try spool.ingest("Phone\n12\n").status == .rejected)
        #expect(try spool.ingest("Phone\n12\n").status == .rejected)
    }

    @Test("A file without a header is refused, or mapped by what its columns hold where the campaign allows it")
    func withoutHeader() throws {
        let text = "Pat,4155552671,x1\nKim,(415) 555-2672,x2\nLee,+442079460018,x3\n"
        #expect(try spool.ingest(text).rejections.first.map(\.code) == ["no_header"])
        spool.settings.newCampaign.fileRules.mapsByContent = true
        let manifest = try spool.ingest(text, campaign: "other")
        #expect(manifest.status == .accepted)
        #expect(manifest.reading?.headerLine == nil)
        #expect(manifest.mapping.map(\.because) == [.unmapped, .content, .unmapped])
        #expect(try spool.contacts("other").map(\.phoneNumbers) == [["+14155552671"], ["+14155552672"], ["+442079460018"]])
    }

    @Test("A campaign's own encoding, delimiter and quote win over what the file shows")
    func fileRules() throws {
        spool.settings.newCampaign.fileRules.delimiter = ";"
        spool.settings.newCampaign.fileRules.quote = "'"
        spool.settings.newCampaign.fileRules.encoding = "iso-8859-15"
        let manifest = try spool.ingest("Phone;Note\n4155552671;'a;b, \u{A4}'\n")
        #expect(manifest.reading?.delimiter == ";" && manifest.reading?.quote == "'")
        #expect(manifest.reading?.encoding == "iso-8859-15")
        #expect(try spool.contacts().map(\.data) == [#"{"Note":"a;b, Â€"}"#])
    }

    @Test("A campaign may refuse types of numbers", arguments: [([], 200), ([.premiumRate], 422)] as [(Set<PhoneNumberType>, Int)])
    func refusedTypes(types: Set<PhoneNumberType>, code: Int) throws {
        spool.settings.newCampaign.refusedTypes = types
        let manifest = try spool.ingest("Phone\n+1 900 234 5678\n")
        #expect(manifest.code == code)
        #expect(manifest.invalidNumbers.first.map(\.code) == (code == 200 ? [] : ["refused_type"]))
    }

    @Test("Only the first rows are read; the manifest says how many more there were", arguments: [(1001, 1), (5000, 4000), (1000, 0)])
    func limit(count: Int, notRead: Int) throws {
        let manifest = try spool.ingest(rows(0..<count))
        #expect(manifest.rows.read == 1000)
        #expect(manifest.rows.notRead == notRead)
        #expect(try spool.store.count(campaign: "spring") == 1000)
        #expect((manifest.warnings.total > 0) == (notRead > 0))
    }

    @Test("The file as a whole is refused with the code that the API would give", arguments: [
        ("leads.xlsx", "Phone\n4155552671\n", 415, "unsupported_format"),
        ("leads.csv", "Name,Email\nPat,p@example.com\n", 422, "no_phone_column"),
        ("leads.csv", "", 422, "empty_file"),
    ])
    func refused(name: String, text: String, code: Int, reason: String) throws {
        let manifest = try spool.ingest(text, as: name)
        #expect(manifest.status == .rejected)
        #expect(manifest.code == code)
        #expect(manifest.rejections.first.map(\.code) == [reason])
        #expect(spool.list("spring/archive").count == 1)
    }

    @Test("A file over the limit is refused with 413 and archived unread")
    func tooLarge() throws {
        spool.settings.limits.fileBytes = 20
        let manifest = try spool.ingest(rows(0..<3))
        #expect(manifest.code == 413)
        #expect(manifest.file.sha256 == nil)
    }

    @Test("A closed campaign refuses with 400 and takes files again once reopened")
    func closed() throws {
        try spool.ingest(rows(0..<1))
        _ = try spool.store.setStatus(.closed, of: "spring")
        #expect(try spool.ingest(rows(0..<2)).code == 400)
        #expect(try spool.contacts().count == 1)
        _ = try spool.store.setStatus(.active, of: "spring")
        #expect(try spool.ingest(rows(0..<2)).contacts.unchanged == 1)
    }

    @Test("An unknown campaign is refused with 404 where the configuration says so")
    func unknownCampaign() throws {
        spool.settings.unknownCampaign = .refuse
        #expect(try spool.ingest(rows(0..<1)).code == 404)
        #expect(try spool.store.campaigns().isEmpty)
    }

    @Test("A header without rows is accepted, and says so")
    func headerOnly() throws {
        let manifest = try spool.ingest("Name,Phone\n")
        #expect(manifest.status == .accepted)
        #expect(manifest.warnings.first.map(\.code).contains("no_rows"))
    }

    @Test("Inserted, updated, unchanged and superseded rows are told apart, and add up", arguments: [1000, 2, 1])
    func counts(batch: Int) throws {
        spool.settings.limits.batch = batch
        try spool.ingest("Name,Phone,External ID\nA,4155552671,a\nB,4155552672,b\n")
        let manifest = try spool.ingest(
            "Name,Phone,External ID\nA,4155552671,a\nB2,4155552672,b\nC,4155552673,c\nD,4155552674,\nC2,4155552673,c\n")
        let counts = manifest.contacts
        #expect(counts.inserted == 2 && counts.updated == 1 && counts.unchanged == 1 && counts.superseded == 1)
        #expect(manifest.rows.valid == 5)
        let names = try spool.contacts().compactMap(\.data)
        #expect(Set(names) == Set(["A", "B2", "C2", "D"].map { "{\"Name\":\"\($0)\"}" }))
        #expect(names.count == 4)
    }

    @Test("Rows that clash with stored contacts are 409, with their cells in the rejected file", arguments: [1000, 1])
    func conflicts(batch: Int) throws {
        spool.settings.limits.batch = batch
        try spool.ingest("Phone,External ID\n4155552671,a\n4155552672,b\n")
        let id = try #require(try spool.contacts().first).id.text
        let manifest = try spool.ingest("id,Phone,External ID\n,4155552673,c\n\(id),4155552671,b\n")
        #expect(manifest.code == 409)
        #expect(manifest.rows.rejected == 1 && manifest.rows.valid == 1)
        #expect(try spool.contacts().count == 2)
        #expect(try spool.results("leads.csv.rejected.csv").contains("\(id),4155552671,b,2,3,"))
    }

    @Test("A dry run writes a manifest and nothing else")
    func dryRun() throws {
        let manifest = try spool.ingest(rows(0..<3), check: true)
        #expect(manifest.dryRun)
        #expect(manifest.contacts.inserted == 3)
        #expect(try spool.store.campaigns().isEmpty)
        #expect(try spool.store.ingests(campaign: nil, limit: 10, offset: 0).isEmpty)
        #expect(spool.list("spring/results").contains("leads.csv.result.json"))
        #expect(try spool.ingest(rows(0..<3)).status == .accepted)
    }

    @Test("An ingest that is settled in the ledger is only delivered again, whatever happened to the campaign since")
    func settled() throws {
        let id = Claim.makeID()
        let results = spool.root.appending(path: "spool/spring/results")
        let claim = try spool.claim(rows(0..<3), id: id)
        try spool.folders.makeCampaign("spring")
        try Data().write(to: results)
        do {
            _ = try spool.importer().run(claim)
            Issue.record("the manifest was written where no folder is")
        } catch is SpoolError {}
        try FileManager.default.removeItem(at: results)
        _ = try spool.store.setStatus(.closed, of: "spring")
        guard let left = try Claim.reopen(id: id, in: spool.folders) else {
            Issue.record("the claim is gone")
            return
        }
        let manifest = try spool.importer().run(left)
        #expect(manifest.status == .accepted && manifest.ingestID == id)
        #expect(manifest.contacts.inserted == 3)
        #expect(spool.list("spring/archive").count == 1)
    }

    @Test("A long file stopped between batches goes on with the first batch that is not in the ledger")
    func rollsForward() throws {
        spool.settings.limits.rows = 10_000
        spool.settings.limits.batch = 10
        let id = Claim.makeID()
        // Ten times while the rows are checked, then before each batch.
        let asked = Counter()
        #expect(throws: CancellationError.self) {
            try spool.importer(isStopping: { asked.next() > 14 }).run(spool.claim(rows(0..<95), id: id))
        }
        #expect(try spool.store.count(campaign: "spring") == 40)
        guard let left = try Claim.reopen(id: id, in: spool.folders) else {
            Issue.record("the claim is gone")
            return
        }
        let manifest = try spool.importer().run(left)
        #expect(manifest.batches.count == 10)
        #expect(manifest.contacts.inserted == 95)
        #expect(try spool.store.count(campaign: "spring") == 95)
        #expect(spool.list(".processing").isEmpty)
    }
}

private final class Counter: @unchecked Sendable { // asked by one thread: the importer's
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}

@Suite("Skipped rows")
struct SkippedRowsTests {
    let spool: TestSpool

    init() throws {
        spool = try TestSpool()
        spool.settings.newCampaign.onInvalid = .skip
    }

    private func file(good: Int, bad: Int) -> String {
        "Phone\n" + (0..<good).map { "\(4_155_550_000 + $0)\n" }.joined() + String(repeating: "555\n", count: bad)
    }

    @Test("Above the share that may be skipped the file is refused after all, at it it is not", arguments: [
        (95, 5, 5.0, true), (94, 6, 5.0, false), (1, 99, 100.0, true), (99, 1, 0.0, false), (10, 0, 0.0, true),
        (1900, 100, 5.0, true), (1899, 101, 5.0, false),
    ])
    func share(good: Int, bad: Int, share: Double, isTaken: Bool) throws {
        spool.settings.newCampaign.maxInvalid = share
        spool.settings.limits.rows = 5000
        let manifest = try spool.ingest(file(good: good, bad: bad))
        #expect(manifest.isTaken == isTaken, "\(manifest.detail)")
        #expect(try spool.contacts().count == (isTaken ? good : 0))
        #expect(manifest.rows.rejected == bad)
        if !isTaken {
            #expect(manifest.code == 422)
            #expect(manifest.detail.contains("more than the \(share.formatted())%"), "\(manifest.detail)")
        }
    }

    @Test("Rows that clash with the store count towards the share, in one batch and in several", arguments: [1, 2000])
    func clashes(good: Int) throws {
        spool.settings.newCampaign.maxInvalid = 0
        spool.settings.limits.rows = 5000
        let id = UUID()
        try spool.ingest("ID,Phone\n\(id),4155552671\n", campaign: "other")
        let rows = (0..<good).map { ",\(4_155_550_000 + $0)\n" }.joined()
        let manifest = try spool.ingest("ID,Phone\n\(rows)\(id),4155552672\n")
        #expect(manifest.status == .rejected)
        #expect(manifest.code == 409)
        #expect(manifest.rejections.byCode == ["id_in_other_campaign": 1])
        #expect(try spool.contacts().isEmpty)
        #expect(try spool.results("leads.csv.rejected.csv").contains("id_in_other_campaign"))
    }

    @Test("A rejected file, mended and dropped again, is accepted, and its extra columns do not reach data")
    func mended() throws {
        try spool.ingest("Phone,Name\n4155552671,Ada\n555,Bob\n")
        let text = try spool.results("leads.csv.rejected.csv")
        let manifest = try spool.ingest(text.replacing("555,Bob", with: "4155552672,Bob"), as: "leads.csv.rejected.csv")
        #expect(manifest.contacts.inserted == 1)
        #expect(try spool.contacts().map(\.data) == [#"{"Name":"Ada"}"#, #"{"Name":"Bob"}"#])
    }
}
