import Foundation
import Logging
import SystemPackage
import Testing

@testable import Spool

@Suite("Folders that a look by the clock passes over") struct UnchangedFolderTests {
    @Test("Only those that were empty and are as they were", arguments: [
        (":", true), ("echo x > c/new.csv", false), ("mkdir c/check", false), ("rm c/.old", false), ("rmdir c/sub; mv c d", false),
        ("echo y >> elsewhere", true),
    ])
    func change(command: String, isUnchanged: Bool) async throws {
        let spool = try TestSpool("c")
        try shell("rm -rf c/check; touch c/.old; mkdir c/sub; touch -d '1 hour ago' c", in: spool.path(""))
        let scan = try await FolderScan.look(into: DropFolder(campaign: "c"), of: spool.folders, limit: 10, known: [])
        let modified: FileTime = try #require(scan.modified)
        var state = CampaignState()
        state.drop.modified = modified
        let campaign = try #require(UnchangedFolders.Campaign("c", state))
        try shell(command, in: spool.path(""))
        let keys = try await UnchangedFolders(campaigns: [campaign]).keys(in: spool.folders)
        #expect(keys == (isUnchanged ? ["c"] : []))
    }

    @Test("A folder that changed a moment ago, or holds something, is always looked into")
    func busy() async throws {
        let spool = try TestSpool("c")
        try spool.drop("c/now.csv")
        let folder = DropFolder(campaign: "c")
        #expect(try await FolderScan.look(into: folder, of: spool.folders, limit: 10, known: []).modified == nil)
        var state = CampaignState()
        state.drop.modified = FileTime(seconds: 1)
        #expect(UnchangedFolders.Campaign("c", state) != nil)
        state.drop.beyond = 1
        #expect(UnchangedFolders.Campaign("c", state) == nil)
    }

    @Test("A file that no event told of is found by the clock, watched or not", arguments: [true, false])
    func found(isWatched: Bool) async throws {
        let spool = try TestSpool("c")
        try shell("rm -rf c/check; touch -d '1 hour ago' c", in: spool.path(""))
        let clock = ManualClock()
        let intake = Intake(
            folders: spool.folders, settleTime: .zero, rescanInterval: .seconds(60), clock: clock, logger: Logger(label: "test"))
        if isWatched { await intake.take(.watching) }
        let running = Task { await intake.run(noEvents) }
        defer { running.cancel() }
        while await !intake.status.hasScanned { await Task.yield() }
        try spool.drop("c/silent.csv")
        async let next = intake.next()
        clock.advance(by: .seconds(61))
        #expect(await next?.name == "silent.csv")
    }
}
