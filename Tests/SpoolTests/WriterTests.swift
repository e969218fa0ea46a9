import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import Spool

/// A way to deliver `$S` as `a.csv` into the current folder; `$O` is a folder outside the spool on its file system.
struct Writer: Sendable, CustomTestStringConvertible {
    var name: String
    var command: String
    var needs = "true"
    /// A shell command that succeeds where the writer can run.
    var works = "true"
    /// Longer than the writer's own pauses.
    var settle = Duration.milliseconds(20)
    var testDescription: String { name }

    var isInstalled: Bool { (try? shell("command -v \(needs) >/dev/null && { \(works); } 2>/dev/null")) == 0 }

    private static let ftp = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "ftp.py").path
    private static let sftp = "/usr/lib/openssh/sftp-server"

    static let all = [
        Writer(name: "cp", command: "cp $S a.csv"),
        Writer(name: "dd", command: "dd if=$S of=a.csv bs=7k status=none"),
        Writer(name: "install", command: "install -m 600 $S a.csv"),
        Writer(name: "tar x", command: "cp $S $O/a.csv; tar -C $O -cf - a.csv | tar xf -"),
        Writer(name: "mv, same file system", command: "cp $S $O/m; mv $O/m a.csv"),
        Writer(name: "mv, from another file system", command: "T=$(mktemp -p /dev/shm); cp $S $T; mv $T a.csv"),
        Writer(name: "`.part`, then renamed", command: "cp $S a.csv.part; sleep 0.1; mv a.csv.part a.csv"),
        Writer(
            name: "one slow writer, 5 parts with pauses",
            command: "exec 3>a.csv; split -n 5 $S $O/p.; for p in $O/p.*; do cat $p >&3; sleep 0.2; done; exec 3>&-"),
        Writer(name: "made empty, filled later", command: ": > a.csv; sleep 0.2; cat $S > a.csv"),
        Writer(name: "hard link, other name removed later", command: "cp $S $O/h; ln $O/h a.csv; sleep 0.2; rm $O/h"),
        Writer(
            name: "hard link, then written through the other name",
            command: "split -n 2 $S $O/p.; cp $O/p.aa $O/h; exec 3>>$O/h; ln $O/h a.csv; sleep 0.2; "
                + "cat $O/p.ab >&3; exec 3>&-; rm $O/h"),
        Writer(
            name: "O_TMPFILE and linkat",
            command: "python3 -c 'import os,sys; f=os.open(\".\", os.O_TMPFILE|os.O_WRONLY); "
                + "os.write(f, open(sys.argv[1],\"rb\").read()); "
                + "os.link(f\"/proc/self/fd/{f}\", \"a.csv\", src_dir_fd=f, follow_symlinks=True)' $S", needs: "python3"),
        Writer(name: "rsync", command: "rsync $S ./a.csv", needs: "rsync"),
        Writer(name: "rsync --inplace", command: "rsync --inplace $S ./a.csv", needs: "rsync"),
        Writer(
            name: "rsync --append-verify, after half of it",
            command: "head -c 1000 $S > a.csv; sleep 0.2; rsync --append-verify $S ./a.csv", needs: "rsync", settle: .seconds(2)),
        Writer(
            name: "`cat >>` three times, with pauses",
            command: "split -n 3 $S $O/p.; for p in $O/p.*; do cat $p >> a.csv; sleep 0.2; done", settle: .seconds(2)),
        Writer(
            name: "FTP (STOR)", command: "\"${ROLLCALL_PYTHON:-python3}\" \(ftp) $S a.csv",
            works: "\"${ROLLCALL_PYTHON:-python3}\" -c 'import pyftpdlib'"),
        Writer(
            name: "FTP, broken off half way and resumed (REST)",
            command: "\"${ROLLCALL_PYTHON:-python3}\" \(ftp) $S a.csv 50000",
            works: "\"${ROLLCALL_PYTHON:-python3}\" -c 'import pyftpdlib'", settle: .seconds(2)),
        Writer(name: "scp", command: "scp -q -D \(sftp) $S host:$PWD/a.csv", needs: sftp),
        Writer(name: "sftp put", command: "echo \"put $S a.csv\" | sftp -q -b - -D \(sftp)", needs: sftp),
        Writer(
            name: "sftp, resumed (reput)",
            command: "head -c 1000 $S > a.csv.part; echo \"reput $S a.csv.part\\nrename a.csv.part a.csv\" "
                + "| sed 's/\\\\n/\\n/' | sftp -q -b - -D \(sftp)", needs: sftp),
    ]
}

@Suite struct WriterTests {
    static let content: [UInt8] = (0..<20_000).flatMap { Array("row \($0)\n".utf8) }

    @Test("A file is read once and whole, whoever writes it", .timeLimit(.minutes(2)), arguments: Writer.all.filter(\.isInstalled))
    func once(writer: Writer) async throws {
        let spool = try TestSpool("c")
        let isTable = ProcessInfo.processInfo.environment["WRITER_TABLE"] != nil
        let intake = spool.intake(settle: isTable ? max(writer.settle, .milliseconds(500)) : writer.settle)
        let log = EventLog()
        let watcher = spool.watcher()
        let running = Task { await intake.run(log.following(watcher.events())) }
        defer { running.cancel() }
        await log.waitForAppeared()
        try Data(Self.content).write(to: URL(fileURLWithPath: spool.outside("src.csv")))
        try FileManager.default.createDirectory(atPath: spool.outside("o"), withIntermediateDirectories: true)
        let ended = Task.detached {
            let status = try shell("export S=\(spool.outside("src.csv")) O=\(spool.outside("o")); set -o pipefail; " + writer.command, in: spool.path("c"))
            #expect(status == 0)
            if status != 0 { await intake.stop() }
            return ContinuousClock.now
        }
        let taken = try #require(try await spool.archiveNext(intake))
        let pause = try await ended.value.duration(to: .now)
        #expect(taken.name == "c/a.csv")
        #expect(taken.bytes == Self.content)
        await intake.drain()
        #expect(try await spool.archiveNext(intake) == nil)
        #expect(spool.files().filter { !$0.hasPrefix("c/archive/") } == [])
        if isTable { print("| \(writer.name) | \(log.summary) | \(pause.formatted(.units(allowed: [.milliseconds]))) |") }
        #expect(try Self.documented(writer.name) == (log.summary.contains("moved in") ? "renamed into place" : "written"))
    }

    /// What the documentation says is seen of a writer.
    private static func documented(_ name: String) throws -> String? {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Spool/Spool.docc/Completeness.md")
        let row = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").first { $0.hasPrefix("| \(name) |") }
        return row?.split(separator: "|").dropFirst().first.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test("A file that is written to again and again is taken once it was quiet for the settle time")
    func reopened() async throws {
        let spool = try TestSpool("c")
        let clock = ManualClock()
        let intake = Intake(
            folders: spool.folders, settleTime: .seconds(10), rescanInterval: .seconds(3600), clock: clock,
            logger: spool.logger)
        let change = SpoolEvent.changed(DropFolder(campaign: "c"), name: "a.csv", movedIn: false)
        for _ in 0..<3 {
            try shell("echo more >> a.csv", in: spool.path("c"))
            await intake.take(change)
            clock.advance(by: .seconds(9))
            await intake.lookAtDue()
            #expect(await intake.handOut() == nil)
        }
        clock.advance(by: .seconds(2))
        await intake.lookAtDue()
        #expect(await intake.handOut()?.size == 15)
    }

    @Test("A change that no event told of starts the quiet time again")
    func changedUnseen() async throws {
        let spool = try TestSpool("c")
        let clock = ManualClock()
        let intake = Intake(
            folders: spool.folders, settleTime: .seconds(10), rescanInterval: .seconds(3600), clock: clock,
            logger: spool.logger)
        try spool.drop("c/a.csv", "one")
        await intake.scanAll()
        clock.advance(by: .seconds(11))
        try shell("echo more >> a.csv", in: spool.path("c"))
        await intake.lookAtDue()
        #expect(await intake.handOut() == nil)
        clock.advance(by: .seconds(11))
        await intake.lookAtDue()
        #expect(await intake.handOut()?.size == 8)
    }

    @Test("A file that was put back comes again, after pauses that grow, and holds up no other file")
    func putBack() async throws {
        let spool = try TestSpool("c")
        let clock = ManualClock()
        let intake = Intake(
            folders: spool.folders, settleTime: .seconds(1), rescanInterval: .seconds(36_000), clock: clock,
            logger: spool.logger)
        try spool.drop("c/bad.csv")
        try shell("touch -d @1 bad.csv", in: spool.path("c"))
        try spool.drop("c/good.csv")
        await intake.scanAll()
        clock.advance(by: .seconds(1))
        await intake.lookAtDue()
        var pauses: [Int] = []
        let bad = try #require(await intake.handOut())
        await intake.takeBack(bad)
        let good = try #require(await intake.handOut())
        #expect([bad.name, good.name] == ["bad.csv", "good.csv"])
        await intake.takeBack(good)
        try FileManager.default.removeItem(atPath: spool.path("c/good.csv"))
        for _ in 0..<8 {
            for seconds in 1... {
                clock.advance(by: .seconds(1))
                await intake.lookAtDue()
                guard let file = await intake.handOut() else { continue }
                pauses.append(seconds)
                await intake.takeBack(file)
                break
            }
        }
        #expect(pauses == [2, 2, 4, 8, 16, 30, 30, 30])
    }

    @Test("Asking for a lease while a writer opens the file does not end the process")
    func leaseSignal() async throws {
        let spool = try TestSpool("c")
        try spool.drop("c/a.csv")
        let path = FilePath(spool.path("c/a.csv"))
        let isDone = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !isDone.isSet { try FileDescriptor.open(path, .writeOnly).close() }
            }
            let reader = try FileDescriptor.open(path, .readOnly)
            var writers = 0
            for _ in 0..<20_000 { if case .writer = Lease.ask(reader.rawValue) { writers += 1 } }
            isDone.set()
            try reader.close()
            try await group.waitForAll()
        }
    }
}

final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// Follows the watcher's events and keeps them.
final class EventLog: Sendable {
    private let events = Mutex<[SpoolEvent]>([])
    var all: [SpoolEvent] { events.withLock { $0 } }

    func following(_ source: some AsyncSequence<SpoolEvent, Never> & Sendable) -> AsyncStream<SpoolEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: SpoolEvent.self)
        let task = Task {
            for await event in source {
                self.events.withLock { $0.append(event) }
                continuation.yield(event)
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    /// The minute only bounds a failing test.
    func wait(for isMet: ([SpoolEvent]) -> Bool) async {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isMet(all) && !Task.isCancelled {
            guard ContinuousClock.now < deadline else {
                Issue.record("waited a minute; \(all.count) events, the last \(all.suffix(3))")
                return
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    func waitForAppeared() async {
        await wait { $0.contains { if case .appeared = $0 { true } else { false } } }
    }

    /// What was seen of `a.csv`.
    var summary: String {
        let kinds = all.compactMap { event -> String? in
            guard case .changed(_, let name, let movedIn) = event, name == "a.csv" else { return nil }
            return movedIn ? "moved in" : "changed"
        }
        return kinds.joined(separator: ", ")
    }
}
