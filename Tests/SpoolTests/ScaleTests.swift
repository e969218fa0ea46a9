import Foundation
import SystemPackage
import Testing

@testable import Spool

@Suite(.enabled(if: ProcessInfo.processInfo.environment["ROLLCALL_SCALE"] != nil))
struct ScaleTests {
    @Test("Ten thousand campaign folders are watched, and a drop into any is seen at once")
    func folders() async throws {
        let spool = try TestSpool()
        try shell("for i in $(seq 10000); do echo k$i; done | xargs mkdir", in: spool.path(""))
        let intake = spool.intake(settle: .zero)
        let log = EventLog()
        let watcher = spool.watcher()
        let start = ContinuousClock.now
        let running = Task { await intake.run(log.following(watcher.events())) }
        defer { running.cancel() }
        try spool.drop("k1/first.csv")
        _ = try await spool.archiveNext(intake)
        print("first file after", start.duration(to: .now))
        await log.wait { $0.count >= 10_000 }
        print("10,000 watched after", start.duration(to: .now), memory())
        for key in ["k1", "k5000", "k10000"] {
            let drop = ContinuousClock.now
            try spool.drop("\(key)/x.csv")
            _ = try #require(await intake.next())
            print("seen after", drop.duration(to: .now))
            try FileManager.default.removeItem(atPath: spool.path("\(key)/x.csv"))
            await intake.finished(DroppedFile(folder: DropFolder(campaign: key), name: "x.csv", size: 0, modified: .now(), seenAt: .now()))
        }
        let rescan = ContinuousClock.now
        await intake.take(.rescan(.overflow))
        await intake.scanAll()
        print("rescan of all", rescan.duration(to: .now), memory())
    }

    @Test("A hundred thousand waiting files are handed out one by one", arguments: [1, 1000])
    func files(campaigns: Int) async throws {
        let spool = try TestSpool()
        let each = 100_000 / campaigns
        for campaign in 0..<campaigns {
            try spool.folders.makeCampaign("k\(campaign)")
            for file in 0..<each { close(creat(spool.path("k\(campaign)/\(file).csv"), 0o644)) }
        }
        try shell("find . -name '*.csv' -print0 | xargs -0 truncate -s 10", in: spool.path(""))
        let before = memory()
        let intake = spool.intake(settle: .zero)
        let start = ContinuousClock.now
        let running = Task { await intake.run(noEvents) }
        defer { running.cancel() }
        await intake.drain()
        var count = 0
        while let file = await intake.next() {
            if count == 0 { print(campaigns, "campaigns: first of 100,000 after", start.duration(to: .now)) }
            count += 1
            unlink(spool.folders.path(of: file.folder).appending(file.name).string)
            await intake.finished(file)
        }
        #expect(count == 100_000)
        print(campaigns, "campaigns: all after", start.duration(to: .now), "before", before, "after", memory())
    }

    @Test("Claiming and archiving")
    func claims() async throws {
        let spool = try TestSpool("c")
        for file in 0..<500 { try spool.drop("c/\(file).csv") }
        let intake = spool.intake(settle: .zero)
        let running = Task { await intake.run(noEvents) }
        defer { running.cancel() }
        await intake.drain()
        let start = ContinuousClock.now
        while try await spool.archiveNext(intake) != nil {}
        print("claim and archive, each:", start.duration(to: .now) / 500)
    }

    func memory() -> String {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("VmHWM") || $0.hasPrefix("VmRSS") }.joined(separator: " ")
    }
}
