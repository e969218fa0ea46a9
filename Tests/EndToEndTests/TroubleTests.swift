import Foundation
import Glibc
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
                try await site.shell("rm -r $SPOOL/leads/results $SPOOL/leads/archive")
                let manifest = try await site.answer(to: Exports.rows(3, from: 3), as: "b.csv")
                #expect(manifest.status == "accepted")
            }
            #expect(site.archived().count == 1)
        }
    }
}
