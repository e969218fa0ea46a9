import ContactStore
import Contacts
import Foundation
import Ingest
import PhoneNumbers
import SystemPackage
import Testing

@Suite("Suppressed numbers")
struct SuppressionTests {
    let spool: TestSpool

    init() throws {
        spool = try TestSpool()
        try spool.store.create(Campaign(key: "spring", defaultRegion: .init("US")))
        try spool.store.create(Campaign(key: "other", defaultRegion: .init("US")))
    }

    @Test("A suppressed number is left out with a warning; a contact without another is left out, and counted apart")
    func leftOut() throws {
        try spool.store.suppress(["+14155552671"], campaign: nil)
        let manifest = try spool.ingest("Phone,Phone 2\n4155552671,4155552672\n4155552671,\n4155552673,\n")
        #expect(manifest.status == .accepted, "\(manifest.detail)")
        #expect(try spool.contacts().map(\.phoneNumbers) == [["+14155552672"], ["+14155552673"]])
        #expect(manifest.warnings.first.map(\.code) == ["suppressed_number"])
        #expect(manifest.warnings.first.first?.value == "+14155552671")
        #expect(manifest.rejections.byCode == ["suppressed": 1])
        #expect(manifest.rejections.first.map(\.row) == [2])
        #expect(manifest.invalidNumbers.total == 0)
        #expect(manifest.rows.valid == 2 && manifest.rows.rejected == 1)
        #expect(manifest.detail.contains("1 rows suppressed"))
        #expect(try spool.results("leads.csv.rejected.csv").contains("4155552671,,2,3,suppressed,"))
    }

    @Test("An invalid row still refuses the file, a suppressed one beside it does not count to the share")
    func besideInvalid() throws {
        try spool.store.suppress(["+14155552671"], campaign: nil)
        #expect(try spool.ingest("Phone\n4155552671\n555\n").code == 422)
        #expect(try spool.contacts().isEmpty)
    }

    @Test("What is suppressed for one campaign may be dialled for another", arguments: ["spring", "other"])
    func scope(campaign: String) throws {
        try spool.store.suppress(["+14155552671"], campaign: campaign)
        try spool.ingest("Phone\n4155552671\n", campaign: "spring")
        #expect(try spool.contacts().count == (campaign == "spring" ? 0 : 1))
    }

    @Test("A dialler never gets a number that was suppressed after its contact came")
    func next() throws {
        try spool.ingest("Phone,Phone 2\n4155552671,\n4155552671,4155552672\n4155552673,\n")
        try spool.store.suppress(["+14155552671"], campaign: nil)
        let taken = try spool.store.next(campaign: "spring", limit: 2, lease: .seconds(60))
        #expect(taken.map(\.phoneNumbers) == [["+14155552672"], ["+14155552673"]])
        #expect(try spool.contacts().map(\.status) == [.error, .locked, .locked])
    }

    @Test("A dropped list suppresses its numbers, leaves a manifest and its bad rows, and can be dropped again")
    func dropped() throws {
        let list = "Name,Phone\nAda,4155552671\nBob,oops\n" + (0..<2500).map { "x,\(4_155_560_000 + $0)\n" }.joined()
        let manifest = try spool.ingest(list, as: "dnc.csv", campaign: ".suppress")
        #expect(manifest.status == .accepted, "\(manifest.detail)")
        #expect(manifest.contacts.inserted == 2501)
        #expect(manifest.rows.rejected == 1)
        #expect(manifest.rows.notRead == 0)
        #expect(spool.list(".suppress/archive").count == 1)
        #expect(try spool.results("dnc.csv.rejected.csv", campaign: ".suppress").contains("oops"))
        #expect(try spool.ingest(list, as: "dnc.csv", campaign: ".suppress").contacts.unchanged == 2501)
        #expect(try spool.store.campaigns().count == 2)
        try spool.ingest("Phone\n4155552671\n")
        #expect(try spool.contacts().isEmpty)
        #expect(try spool.store.unsuppress(["+14155552671"], campaign: nil) == 1)
        #expect(try spool.ingest("Phone\n4155552671\n\n").contacts.inserted == 1)
    }

    @Test("A check tells what is suppressed and changes nothing")
    func check() throws {
        try spool.store.suppress(["+14155552671"], campaign: nil)
        let manifest = try spool.ingest("Phone\n4155552671\n", check: true)
        #expect(manifest.rejections.byCode == ["suppressed": 1])
        #expect(try spool.ingest("Phone\n4155552672\n", campaign: ".suppress", check: true).status == .accepted)
        #expect(try spool.store.suppressions(limit: 10, offset: 0).map(\.number) == ["+14155552671"])
    }
}
