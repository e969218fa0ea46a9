import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

@Suite("Troubles of one file or one campaign", .serialized)
struct TroubleTests {
    @Test("Campaigns whose files cannot be finished hold up no other, and go on when they can")
    func fair() async throws {
        try await Site.with(["ROLLCALL_WORKERS": "2"]) { site in
            let bad = ["bad-1", "bad-2", "bad-3"]
            try await site.serving {
                for campaign in bad {
                    try FileManager.default.createDirectory(atPath: site.folder(campaign).string, withIntermediateDirectories: true)
                    symlink("/tmp", site.folder(campaign).appending("results").string)
                    try site.drop(Exports.rows(3), as: "a.csv", for: campaign)
                }
                _ = try await eventually("a line about each") {
                    bad.allSatisfy { site.logged.contains("/\($0)/results") } ? true : nil
                }
                for index in 0..<5 { _ = try await site.answer(to: Exports.rows(3, from: index), as: "\(index).csv") }
                for campaign in bad {
                    unlink(site.folder(campaign).appending("results").string)
                    let manifest = try await eventually("\(campaign)'s manifest") { try site.manifest("a.csv", of: campaign) }
                    #expect(manifest.status == "accepted" && manifest.contacts.inserted == 3, "\(manifest.detail)")
                }
            }
            let lines = site.logged.split(separator: "\n").filter { $0.contains("waiting to go on") }
            #expect(lines.count == bad.count, "\(lines.joined(separator: "\n"))")
        }
    }

    @Test("A file of more than 10 MB holds up no other campaign")
    func huge() async throws {
        let settings = ["ROLLCALL_LIMITS_FILE_BYTES": "1000000000", "ROLLCALL_LIMITS_ROWS": "10000000"]
        try await Site.with(settings) { site in
            try await site.serving {
                try site.drop(Exports.rows(300_000), as: "huge.csv", for: "huge")
                _ = try await eventually("its claim") { site.processing.isEmpty ? nil : true }
                for index in 0..<10 { _ = try await site.answer(to: Exports.rows(3, from: index), as: "\(index).csv") }
                #expect(try site.manifest("huge.csv", of: "huge") == nil, "it was done first: the test shows nothing")
            }
            #expect(try site.text(site.spool.appending(".processing/service.lock")).isEmpty, "an orderly stop is taken for a crash")
            // What a stop left of it is for the next start.
            #expect(site.processing.count == 1)
            #expect(site.archived().count == 10)
        }
    }

    @Test(
        "Where the watch limit is reached, one line says what to raise to which number, and no drop is missed",
        .enabled(if: Surroundings.canUnshare, "needs user namespaces"))
    func watchLimit() async throws {
        try await Site.with(["ROLLCALL_WATCH_RESCAN": "200ms"]) { site in
            let campaigns = (0..<12).map { "c\($0)" }
            for key in campaigns { try site.drop(Exports.rows(1), as: "first.csv", for: key) }
            let few = ["unshare", "-Ur", "sh", "-c", "echo 5 > /proc/sys/user/max_inotify_watches && exec \"$@\"", "sh"]
            try await site.serving(under: few) {
                _ = try await eventually("a line about it") { site.logged.contains("cannot be watched") ? true : nil }
                for key in campaigns { #expect(try await site.answer(to: Exports.rows(2), for: key).status == "accepted") }
                try await site.expectStatus(shows: "looked at from time to time only: ")
            }
            let lines = site.logged.split(separator: "\n").filter { $0.contains("cannot be watched") }
            #expect(lines.count == 1 && lines[0].contains("sysctl -w user.max_inotify_watches=8192"), "\(site.logged)")
        }
    }

    @Test(
        "A memory limit below what the service takes is told at once, in one line that says how much that is; so much is enough",
        arguments: [("as", "RLIMIT_AS", [150, 250]), ("data", "RLIMIT_DATA", [40, 120])])
    func memory(option: String, name: String, tooFew: [Int]) async throws {
        try await Site.with(Deliveries.settings, validating: false) { site in
            let deliveries = Deliveries()
            try deliveries.drop(on: site)
            func run(_ megabytes: Int) async throws -> Programs.Outcome {
                try await Programs.run(
                    "/usr/bin/timeout", ["-k", "1", "60", "prlimit", "--\(option)=\(megabytes << 20)", Programs.rollcall.string, "run", "--once"],
                    environment: site.settings)
            }
            var least = 0
            for megabytes in tooFew {
                let refused = try await run(megabytes)
                let line = try #require(
                    refused.errors.wholeMatch(
                        of: /rollcall: too little memory to start: (\w+) is (\d+) MiB, at least (\d+) MiB are needed: raise it \(.+\)\n/),
                    "\(refused.errors)")
                #expect(refused.exitCode == 71 && line.1 == name && line.2 == "\(megabytes)", "\(refused.status): \(refused.errors)")
                least = try #require(Int(line.3))
            }
            let status = try await site.rollcall("status").output
            #expect(status.contains("service: not running, too little memory to start: \(name) is \(tooFew[1]) MiB"), "\(status)")
            let doctor = try await Programs.run("/usr/bin/prlimit", ["--\(option)=\((least - 10) << 20)", Programs.rollcall.string, "doctor"], environment: site.settings)
            #expect(doctor.exitCode == 1 && doctor.output.contains("error   memory limits: "), "\(doctor.output)\(doctor.errors)")
            let enough = try await run(least)
            #expect(enough.exitCode == 0, "\(enough.errors)")
            try await deliveries.expectEachOnce(on: site, "memory")
            #expect(try await site.rollcall("status").output.contains("service: not running\n"))
        }
    }

    @Test("A memory limit that is used up while the service runs ends it with a line, and the next start goes on")
    func memoryUsedUp() async throws {
        try await Site.with(Deliveries.settings, validating: false) { site in
            let deliveries = Deliveries()
            // Room for what it allocates, and none for a thread's stack of 8 MiB.
            let script = """
                ulimit -s 8192
                prlimit --as=1000000000000 "$0" run & until [ -s "$1/.processing/service.state" ]; do sleep 0.1; done
                size=$(sed -n 's/^VmSize:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$!/status)
                prlimit --pid $! --as=$(((size + 6000) * 1024)) && wait $!
                """
            let ended = try await Programs.run(
                "/usr/bin/timeout", ["-k", "1", "60", "bash", "-c", script, Programs.rollcall.string, site.spool.string],
                environment: site.settings)
            let lines = ended.errors.split(separator: "\n").filter { $0.hasPrefix("rollcall: the memory is used up: ") }
            #expect(ended.exitCode == 71 && lines.count == 1 && lines[0].contains("RLIMIT_AS: raise it"), "\(ended.status): \(ended.errors)")
            try deliveries.drop(on: site)
            let run = try await site.rollcall("run", "--once")
            #expect(run.exitCode == 0, "\(run.errors)")
            try await deliveries.expectEachOnce(on: site, "memory used up")
        }
    }

    @Test("A file at which the service crashes again and again is set aside, and retry takes it up")
    func crashing() async throws {
        try await Site.with(["ROLLCALL_LIMITS_ATTEMPTS": "3"]) { site in
            try site.drop(Exports.rows(50), as: "a.csv")
            for _ in 0..<3 {
                let crashed = try await site.rollcall("run", "--once", environment: ["STOP_ROLLCALL_AT": "before:batch:1"])
                #expect(crashed.status == .signaled(9) && site.processing.count == 1, "\(crashed.errors)")
            }
            let last = try await site.rollcall("run", "--once", environment: ["STOP_ROLLCALL_AT": "before:batch:1"])
            #expect(last.exitCode == 0, "\(last.errors)")
            let failed = try #require(try site.manifest("a.csv"))
            #expect(failed.status == "failed" && failed.detail.contains("crashed 3 times in a row"), "\(failed.detail)")
            #expect(site.archived().count == 1 && site.processing.isEmpty)
            let retried = try await site.rollcall("retry", "a.csv")
            #expect(retried.exitCode == 0 && retried.output.contains("accepted (200)"), "\(retried.output)\(retried.errors)")
            #expect(try await site.count() == 50)
        }
    }

    @Test("A file that fails again and again is set aside, and retry goes on where it had come to", arguments: ["name", "id", "all"])
    func setAside(way: String) async throws {
        try await Site.with(["ROLLCALL_LIMITS_ATTEMPTS": "2", "ROLLCALL_LIMITS_BATCH": "20"]) { site in
            // Without keys: were a batch applied again, its contacts would be there twice.
            let rows = "Name,Mobile\n" + (0..<50).map { "\($0 == 45 ? "Poison" : "Ada"),\(Exports.phone($0))\n" }.joined()
            _ = try await site.sql(
                """
                CREATE TRIGGER poison BEFORE INSERT ON contact WHEN NEW.data LIKE '%Poison%'
                BEGIN SELECT RAISE(ABORT, 'poison'); END
                """)
            let failed = try await site.serving {
                let failed = try await site.answer(to: rows)
                let next = try await site.answer(to: Exports.rows(2), as: "next.csv")
                #expect(next.status == "accepted")
                return failed
            }
            #expect(failed.status == "failed" && failed.detail.contains("rollcall retry \(failed.ingest_id)"), "\(failed.detail)")
            #expect(failed.contacts.inserted == 40, "\(failed.detail)")
            _ = try await site.sql("DROP TRIGGER poison")
            let which = switch way {
            case "name": ["a.csv"]
            case "id": [failed.ingest_id]
            default: [String]()
            }
            let retried = try await Programs.run(Programs.rollcall, ["retry"] + which, environment: site.settings)
            #expect(retried.exitCode == 0 && retried.output.contains("accepted (200)"), "\(retried.output)\(retried.errors)")
            #expect(try await site.count() == 52)
            let manifest = try #require(try site.manifest("a.csv"))
            #expect(manifest.ingest_id == failed.ingest_id && manifest.contacts.inserted == 50, "\(manifest.detail)")
            #expect(site.archived().count == 2)
            let again = try await site.rollcall("retry")
            #expect(again.exitCode == 0 && again.output.contains("No file was set aside"), "\(again.output)")
        }
    }

    @Test("retry of a name that nobody set aside says so")
    func retryNothing() async throws {
        try await Site.with { site in
            let run = try await site.rollcall("retry", "nothing.csv")
            #expect(run.exitCode == 70 && run.errors.contains("nothing.csv"), "\(run.errors)")
        }
    }

    @Test("status tells of files that are not complete, of what is no file, and of the service")
    func status() async throws {
        try await Site.with(["ROLLCALL_WATCH_RESCAN": "1s"]) { site in
            try FileManager.default.createDirectory(atPath: site.folder().string, withIntermediateDirectories: true)
            try await site.serving {
                let writer = try FileDescriptor.open(
                    site.folder().appending("open.csv"), .writeOnly, options: .create, permissions: [.ownerReadWrite])
                defer { try? writer.close() }
                try writer.writeAll(Exports.rows(2).utf8)
                mkfifo(site.folder().appending("pipe.csv").string, 0o600)
                let wanted = ["service: process ", "leads/open.csv: a program has it open for writing", "leads/pipe.csv: named pipe"]
                var shown = ""
                let deadline = ContinuousClock.now + .seconds(60)
                repeat {
                    shown = try await site.rollcall("status").output
                } while !wanted.allSatisfy(shown.contains) && ContinuousClock.now < deadline
                for part in wanted { #expect(shown.contains(part), "\(shown)") }
            }
            let after = try await site.rollcall("status")
            #expect(after.output.contains("service: not running"), "\(after.output)")
        }
    }

    @Test("Without a watcher the folders are looked at from time to time")
    func poll() async throws {
        try await Site.with(["ROLLCALL_WATCH_MODE": "poll", "ROLLCALL_WATCH_RESCAN": "200ms", "ROLLCALL_WATCH_PROGRAM": "/bin/false"]) { site in
            try await site.serving {
                for campaign in ["leads", "new"] {
                    let manifest = try await site.answer(to: Exports.rows(3), for: campaign)
                    #expect(manifest.status == "accepted")
                }
            }
        }
    }

    @Test("A damaged store is waited for, and work goes on with the one that is put in its place", arguments: [false, true])
    func damaged(whileRunning: Bool) async throws {
        try await Site.with { site in
            let copy = site.root.appending("copy.sqlite")
            _ = try await site.sql("VACUUM INTO '\(copy)'")
            let damage = "head -c 200000 /dev/urandom > $DB; rm -f $DB-wal $DB-shm"
            if !whileRunning { try await site.shell(damage) }
            try await site.serving {
                if whileRunning {
                    _ = try await site.answer(to: Exports.rows(1), as: "first.csv")
                    try await site.shell(damage)
                }
                try site.drop(Exports.rows(3, from: 10), as: "a.csv")
                _ = try await eventually("a line about it") { site.logged.contains("waiting to go on") ? true : nil }
                let shown = try await site.rollcall("status")
                #expect(shown.output.contains("store: "), "\(shown.output)")
                #expect(try site.manifest("a.csv") == nil)
                try await site.shell("rm -f $DB-wal $DB-shm; mv $ROOT/copy.sqlite $DB")
                let manifest = try await eventually("the manifest") { try site.manifest("a.csv") }
                #expect(manifest.status == "accepted" && manifest.contacts.inserted == 3, "\(manifest.detail)")
            }
            let lines = site.logged.split(separator: "\n").filter { $0.contains("waiting to go on") }
            #expect(lines.count == 1, "\(lines.joined(separator: "\n"))")
            #expect(site.processing.isEmpty)
        }
    }

    @Test("A results folder that is deleted while the service runs is made again")
    func resultsDeleted() async throws {
        try await Site.with { site in
            try await site.serving {
                _ = try await site.answer(to: Exports.rows(3))
                _ = try await eventually("its archive") { site.archived().isEmpty ? nil : true }
                try await site.shell("rm -r $SPOOL/leads/results $SPOOL/leads/archive")
                let manifest = try await site.answer(to: Exports.rows(3, from: 3), as: "b.csv")
                #expect(manifest.status == "accepted")
            }
            #expect(site.archived().count == 1)
        }
    }
}
