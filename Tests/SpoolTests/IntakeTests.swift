import Foundation
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Spool

@Suite struct IntakeTests {
    @Test("What lies there at start is handed out, oldest first, campaigns in turn")
    func order() async throws {
        let spool = try TestSpool("a", "b")
        for (name, time) in [("a/3.csv", 3), ("a/1.csv", 1), ("a/2.csv", 2), ("b/9.csv", 9), ("b/check/8.csv", 8)] {
            try spool.drop(name)
            try shell("touch -d @\(time) \(spool.path(name))")
        }
        let names = try await spool.intake(settle: .zero).emptied(spool.folders) { file in
            try FileManager.default.removeItem(atPath: spool.folders.path(of: file.folder).appending(file.name).string)
        }
        #expect(names == ["a/1.csv", "b/check/8.csv", "a/2.csv", "b/9.csv", "a/3.csv"])
    }

    @Test("What is none of ours or not complete is left where it lies")
    func leftAlone() async throws {
        let spool = try TestSpool("c")
        try spool.drop("c/good.csv")
        for name in ["in-root.csv", "c/.hidden", "c/a.part", "c/results/r.csv", "c/archive/o.csv", "no key/x.csv", "c/x.csv/y"] {
            try spool.drop(name)
        }
        try spool.drop("c/empty.csv", "")
        try shell(
            "ln good.csv ../../two; cp good.csv h; ln h i; ln -s /etc/passwd s.csv; mkfifo f.csv; mknod d.csv c 1 3",
            in: spool.path("c"))
        try shell("rm two", in: spool.base)
        let before = spool.files()
        let intake = spool.intake()
        #expect(try await intake.emptied(spool.folders) == ["c/good.csv"])
        #expect(spool.files() == before)
        let status = await intake.status
        #expect(Set(status.leftAlone.map(\.name.string)) == ["x.csv", "s.csv", "f.csv", "d.csv"])
        #expect(Set(status.firstIncomplete.map(\.name.string)) == ["empty.csv", "h", "i", "good.csv"])
    }

    @Test("A campaign's next file waits for the one in hand; another campaign's does not")
    func oneInHand() async throws {
        let spool = try TestSpool("a", "b")
        for name in ["a/1.csv", "a/2.csv", "b/1.csv"] { try spool.drop(name) }
        try shell("touch -d @1 a/1.csv; touch -d @2 a/2.csv; touch -d @3 b/1.csv", in: spool.path(""))
        let intake = spool.intake()
        let running = Task { await intake.run(noEvents) }
        defer { running.cancel() }
        let first = try #require(await intake.next())
        let second = try #require(await intake.next())
        #expect(Set([first.folder.campaign, second.folder.campaign]) == ["a", "b"])
        let one = first.folder.campaign == "a" ? first : second
        try FileManager.default.removeItem(atPath: spool.path("a/1.csv"))
        await intake.finished(one)
        #expect(await intake.next()?.name == "2.csv")
    }

    @Test("A file that never completes is told of once, after ten minutes")
    func longHeld() async throws {
        let spool = try TestSpool("c")
        let clock = ManualClock()
        let lines = LogLines()
        let intake = Intake(
            folders: spool.folders, settleTime: .seconds(1), rescanInterval: .seconds(60), clock: clock,
            logger: Logger(label: "test") { _ in lines })
        try spool.drop("c/empty.csv", "")
        try spool.drop("c/two-names.csv")
        try shell("ln two-names.csv ../../other", in: spool.path("c"))
        let folder = DropFolder(campaign: "c")
        for minute in 0..<30 {
            await intake.take(.appeared(folder))
            await intake.scanAll()
            #expect(lines.all.count == (minute < 10 ? 0 : 2), "minute \(minute): \(lines.all)")
            clock.advance(by: .seconds(60))
        }
        #expect(lines.all.contains { $0.contains("empty.csv") && $0.contains("it is empty") })
        #expect(lines.all.contains { $0.contains("two-names.csv") && $0.contains("a second name") })
    }

    @Test("Stop ends a waiting next, and the run")
    func stop() async throws {
        let spool = try TestSpool("c")
        let intake = spool.intake()
        let running = Task { await intake.run(noEvents) }
        async let next = intake.next()
        await intake.stop()
        #expect(await next == nil)
        await running.value
    }

    @Test("More files than are held at once are all handed out, each once, oldest first")
    func moreThanHeld() async throws {
        let spool = try TestSpool("c")
        try shell("for i in {1000..3500}; do echo x > $i.csv; done", in: spool.path("c"))
        for time in 1000...3500 {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(time))], ofItemAtPath: spool.path("c/\(time).csv"))
        }
        let names = try await spool.intake(settle: .zero).emptied(spool.folders) { file in
            try FileManager.default.removeItem(atPath: spool.path("c/\(file.name)"))
        }
        #expect(names == (1000...3500).map { "c/\($0).csv" })
    }

    @Test("A new campaign folder, a drop and a rename into place are seen through the watcher")
    func watched() async throws {
        let spool = try TestSpool("old")
        let intake = spool.intake()
        let watcher = spool.watcher()
        let running = Task { await intake.run(watcher.events()) }
        defer { running.cancel() }
        for name in ["old/1.csv", "new/2.csv", "old/check/3.csv", "new/check/4.csv", "new/5.csv"] {
            try spool.drop(name)
            let file = try #require(await intake.next())
            #expect(spool.folders.path(of: file.folder).appending(file.name).string == spool.path(name))
            try FileManager.default.removeItem(atPath: spool.path(name))
            await intake.finished(file)
        }
    }
}

/// Keeps what is logged.
final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
    }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
}
