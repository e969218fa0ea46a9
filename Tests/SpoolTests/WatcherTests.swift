import Foundation
import SystemPackage
import Testing

@testable import Spool

@Suite struct WatcherTests {
    @Test("A watcher that is killed is started again, and nothing is missed")
    func killed() async throws {
        let spool = try TestSpool("c")
        let intake = spool.intake()
        let watcher = spool.watcher(try spool.wrappedProgram())
        let running = Task { await intake.run(watcher.events()) }
        defer { running.cancel() }
        for turn in 0..<4 {
            try spool.drop("c/\(turn).csv")
            #expect(try await spool.archiveNext(intake)?.name == "c/\(turn).csv")
            kill(try spool.watchProcess(), SIGKILL)
            try spool.drop("new\(turn)/x.csv")
            #expect(try await spool.archiveNext(intake)?.name == "new\(turn)/x.csv")
        }
    }

    @Test("An overflow of the kernel's queue has everything looked at again")
    func overflow() async throws {
        let spool = try TestSpool("c", "d")
        let intake = spool.intake()
        let log = EventLog()
        let watcher = spool.watcher(try spool.wrappedProgram())
        let running = Task { await intake.run(log.following(watcher.events())) }
        defer { running.cancel() }
        try spool.drop("c/first.csv")
        #expect(try await spool.archiveNext(intake)?.name == "c/first.csv")
        // The first look needs no watcher: both folders must be armed before it is stopped.
        await log.wait { events in events.count { if case .appeared = $0 { true } else { false } } == 2 }
        let process = try spool.watchProcess()
        kill(process, SIGSTOP)
        let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let count = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines))) / 2 + 100
        try shell("for i in $(seq \(count)); do : > .$i; done", in: spool.path("c"))
        try spool.drop("d/lost.csv")
        kill(process, SIGCONT)
        #expect(try await spool.archiveNext(intake)?.name == "d/lost.csv")
        await log.wait { $0.contains(.rescan(.overflow)) }
    }

    @Test(
        "Folders beyond the watch limit are looked into from time to time",
        .enabled(if: (try? shell("unshare -Ur true 2>/dev/null")) == 0))
    func watchLimit() async throws {
        let spool = try TestSpool("a", "b", "c", "d", "e")
        let intake = spool.intake(rescan: .milliseconds(100))
        let script = try spool.wrappedProgram(
            "exec unshare -Ur sh -c 'echo 3 > /proc/sys/user/max_inotify_watches; exec \"$0\"'")
        let log = EventLog()
        let watcher = spool.watcher(script)
        let running = Task { await intake.run(log.following(watcher.events())) }
        defer { running.cancel() }
        await log.wait { events in events.count { if case .unwatched(_, .noSpace) = $0 { true } else { false } } == 3 }
        for key in ["a", "b", "c", "d", "e"] {
            try spool.drop("\(key)/1.csv")
            #expect(try await spool.archiveNext(intake)?.name == "\(key)/1.csv")
        }
        #expect(await intake.status.unwatched == 3)
    }

    @Test(
        "A campaign's folder may be renamed, deleted, made again, or come filled",
        arguments: [
            "mv c b; echo x > b/1.csv", "rm -r c; mkdir c; echo x > c/1.csv",
            "mv c b; mkdir c; echo x > c/1.csv", "mkdir ../new; echo x > ../new/1.csv; mv ../new new",
            "mv c ../away; mv ../away c; echo x > c/1.csv", "mkdir -p n/check; echo x > n/check/1.csv",
            "mv c b; mv b c; mv c b; mkdir c; echo x > c/1.csv", "mkdir c/check; rmdir c/check; mkdir c/check; echo x > c/check/1.csv",
        ])
    func folders(command: String) async throws {
        let spool = try TestSpool("c", "other")
        let intake = spool.intake()
        let watcher = spool.watcher()
        let running = Task { await intake.run(watcher.events()) }
        defer { running.cancel() }
        try spool.drop("c/first.csv")
        #expect(try await spool.archiveNext(intake)?.name == "c/first.csv")
        try shell(command, in: spool.path(""))
        #expect(try await spool.archiveNext(intake)?.name.hasSuffix("/1.csv") == true)
        // Whatever folder it is by now, it is watched.
        for key in ["b", "c", "new", "n", "other"] where FileManager.default.fileExists(atPath: spool.path(key)) {
            try spool.drop("\(key)/2.csv")
            #expect(try await spool.archiveNext(intake)?.name == "\(key)/2.csv")
        }
    }

    @Test("Two hundred files dropped at once are each taken once")
    func burst() async throws {
        let spool = try TestSpool("a", "b")
        let intake = spool.intake()
        let watcher = spool.watcher()
        let running = Task { await intake.run(watcher.events()) }
        defer { running.cancel() }
        let dropped = Task.detached {
            try shell("for i in {1..100}; do echo $i > a/$i.csv; echo $i > .t; mv .t b/$i.csv; done", in: spool.path(""))
        }
        var seen: [String] = []
        while seen.count < 200, let taken = try await spool.archiveNext(intake) { seen.append(taken.name) }
        _ = try await dropped.value
        #expect(Set(seen).count == 200)
        await intake.drain()
        #expect(try await spool.archiveNext(intake) == nil)
        #expect(spool.names("a/archive").count + spool.names("b/archive").count == 200)
    }

    @Test("Names of any bytes go through the watcher, the claim and the archive")
    func hostileNames() async throws {
        let spool = try TestSpool("c")
        let intake = spool.intake()
        let watcher = spool.watcher()
        let running = Task { await intake.run(watcher.events()) }
        defer { running.cancel() }
        let names: [[UInt8]] = [
            Array("-rf".utf8), Array("a\nb.csv".utf8), [0xFF, 0xFE], Array("..x".utf8.dropFirst(2)) + [0x0D],
            [UInt8](repeating: 0x61, count: 251) + Array(".csv".utf8), Array("\u{202E}vsc.a".utf8), [0x01], Array("a b;$(x)".utf8),
            [0xC3] + [UInt8](repeating: 0x80, count: 254), Array("check".utf8),
        ]
        let folder = try spool.folders.openMade(DropFolder(campaign: "c"))
        for name in names {
            let component = try #require(FileNames.component(name))
            try AtomicFile.write(Array("x".utf8), named: component, in: folder)
            #expect(try await spool.archiveNext(intake)?.bytes == Array("x".utf8))
        }
        #expect(spool.names("c/archive").count == names.count)
        #expect(spool.names(".processing") == [])
    }

    @Test("Cancelling the reader ends the watcher's process")
    func cancelled() async throws {
        let spool = try TestSpool("c")
        let watcher = spool.watcher(try spool.wrappedProgram())
        let log = EventLog()
        let running = Task { for await _ in log.following(watcher.events()) {} }
        await log.waitForAppeared()
        let process = try spool.watchProcess()
        running.cancel()
        while kill(process, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }
}
