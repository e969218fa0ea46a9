import Foundation
import SystemPackage
import Testing

@testable import Spool

@Suite("Folders of claims that are done with") struct SpareSlotTests {
    private let spool: TestSpool

    init() throws {
        spool = try TestSpool("c", "d")
        spool.folders.spares.keep(atMost: 1)
    }

    private var spares: [String] { spool.names(".processing").filter { $0.hasPrefix("spare-") } }

    private func inode(_ name: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: spool.path(name))[.systemFileNumber] as? Int)
    }

    @Test("The next claim has them under its own names, of the same campaign or of another", arguments: ["c", "d"])
    func reused(campaign: String) throws {
        try spool.drop("c/a.csv")
        try spool.take("a.csv", in: "c", id: ids[0]).archive()
        #expect(spares == ["spare-\(ids[0])"])
        let folder = try inode(".processing/spare-\(ids[0])")
        try spool.drop("\(campaign)/b.csv", "b")
        let claim = try spool.take("b.csv", in: campaign, id: ids[1])
        #expect(spool.names(".processing") == [ids[1]])
        #expect(try inode(".processing/\(ids[1])") == folder)
        #expect(spool.files() == [".processing/\(ids[1])/\(campaign)/b.csv", "c/archive/\(ids[0]).a.csv"])
        #expect(try Claim.recover(in: spool.folders) == [], "a claim in hand was taken for a left-over")
        try claim.archive()
        #expect(spool.content("\(campaign)/archive/\(ids[1]).b.csv") == "b")
        spool.folders.spares.forget()
        #expect(spool.names(".processing").isEmpty)
    }

    @Test("A claim that is left behind in them is found by its own id")
    func leftBehind() throws {
        for (index, name) in ["a.csv", "b.csv"].enumerated() { try spool.drop("c/\(name)", "\(index)") }
        try spool.take("a.csv", id: ids[0]).archive()
        _ = try spool.take("b.csv", id: ids[1])
        #expect(try Claim.recover(in: spool.folders) == [ids[1]])
        let claim = try spool.reopen(ids[1])
        #expect(claim.name == "b.csv" && claim.size == 1)
    }

    @Test("There are no more than wanted, none with what belonged to one claim, and none for dry runs")
    func kept() throws {
        for name in ["a.csv", "b.csv", "check/d.csv"] { try spool.drop("c/\(name)") }
        let first = try spool.take("a.csv", id: ids[0])
        let second = try spool.take("b.csv", id: ids[1])
        let dry = try spool.take("d.csv", isCheck: true, id: ids[2])
        #expect(try Claim.noteBadEnd(of: ids[0], in: spool.folders) == 1)
        try first.archive()
        #expect(spares.isEmpty)
        try dry.archive()
        #expect(spares.isEmpty)
        try second.archive()
        #expect(spares.count == 1)
        spool.folders.spares.keep(atMost: 0)
        try spool.drop("c/e.csv")
        try spool.take("e.csv", id: ids[3]).archive()
        #expect(spool.names(".processing").isEmpty)
    }

    @Test("Those of a process that was killed go with the next recovery; those of a living one stay")
    func recovered() throws {
        try spool.drop("c/a.csv")
        try spool.take("a.csv", id: ids[0]).archive()
        try shell("mkdir -p .processing/spare-\(ids[1])/c", in: spool.path(""))
        // What should not be in one goes back to where it was dropped.
        try spool.drop(".processing/spare-\(ids[2])/d/lost.csv", "lost")
        #expect(try Claim.recover(in: spool.folders) == [])
        #expect(spares == ["spare-\(ids[0])"])
        #expect(spool.content("d/lost.csv") == "lost")
    }
}
