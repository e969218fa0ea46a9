import Foundation
import Glibc
import SystemPackage
import Testing

/// What goes wrong around the service, and how it ends: shell commands that know the spool as `$SPOOL`, the store as
/// `$DB`, the site as `$ROOT` and the service as `$PID`. `b.csv` lies ready as `.b.csv` in the campaign's folder.
struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    /// Before the service starts.
    var before = "true"
    /// Drops `b.csv` too.
    var begin: String
    var end: String
    /// In the one line that the service writes.
    var said: String
    /// In what `rollcall status` prints.
    var shown: String
    var user: String?

    var testDescription: String { name }

    private static let drop = "mv $SPOOL/leads/.b.csv $SPOOL/leads/b.csv"
    private static let fill = "dd if=/dev/zero bs=4k status=none 2>/dev/null"

    static let all = [
        Fault(
            name: "no space for the spool", before: "mount -t tmpfs -o size=1m none $SPOOL",
            begin: "\(fill) of=$SPOOL/fill; \(drop)", end: "rm $SPOOL/fill", said: "No space left on device",
            shown: "everything waits"),
        Fault(
            name: "no inode for the spool", before: "mount -t tmpfs -o nr_inodes=60 none $SPOOL",
            begin: "for i in $(seq 100); do : > $SPOOL/fill$i || break; done 2>/dev/null; \(drop)", end: "rm $SPOOL/fill*",
            said: "No space left on device", shown: "everything waits"),
        Fault(
            name: "no space for the store", before: "mkdir $ROOT/db; mount -t tmpfs -o size=4m none $ROOT/db",
            begin: "\(fill) of=$ROOT/db/fill; \(drop)", end: "rm $ROOT/db/fill", said: "no space is left for the database",
            shown: "everything waits"),
        Fault(
            name: "a read-only spool", before: "mount -t tmpfs none $SPOOL",
            begin: "kill -STOP $PID; \(drop); mount -o remount,ro $SPOOL; kill -CONT $PID",
            end: "mount -o remount,rw $SPOOL", said: "Read-only file system", shown: "spool: cannot write"),
        Fault(
            name: "a spool that is unmounted",
            before: "mkdir $ROOT/backing; mount --bind $ROOT/backing $SPOOL",
            begin: "umount -l $SPOOL; mv $ROOT/backing/leads/.b.csv $ROOT/backing/leads/b.csv",
            end: "mount --bind $ROOT/backing $SPOOL", said: "unmounted, moved or deleted", shown: "spool: cannot write"),
        Fault(
            name: "results that may not be written", begin: "chown root $SPOOL/leads/results; chmod 755 $SPOOL/leads/results; \(drop)",
            end: "chmod 777 $SPOOL/leads/results", said: "Permission denied", shown: "campaign leads waits", user: "nobody"),
        Fault(
            name: "a drop folder that may not be changed", begin: "\(drop).new; mv $SPOOL/leads/b.csv.new $ROOT; "
                + "kill -STOP $PID; mv $ROOT/b.csv.new $SPOOL/leads/b.csv; chown root $SPOOL/leads; chmod 755 $SPOOL/leads; kill -CONT $PID",
            end: "chmod 777 $SPOOL/leads", said: "Permission denied", shown: "campaign leads waits", user: "nobody"),
        Fault(
            name: "a drop folder that may not be read",
            begin: "kill -STOP $PID; \(drop); chown root $SPOOL/leads; chmod 700 $SPOOL/leads; kill -CONT $PID",
            end: "chmod 777 $SPOOL/leads", said: "Permission denied", shown: "campaign leads waits", user: "nobody"),
        Fault(
            name: "a store that another process locks",
            begin: """
                mkfifo $ROOT/go
                sqlite3 -cmd '.timeout 9000' $DB 'BEGIN IMMEDIATE' ".shell touch $ROOT/locked; cat $ROOT/go" >/dev/null 2>&1 &
                until [ -e $ROOT/locked ]; do sleep 0.05; done
                \(drop)
                """,
            end: "echo > $ROOT/go", said: "another process keeps the database locked", shown: "everything waits"),
        Fault(
            name: "no file handle left",
            begin: "prlimit --pid $PID --nofile=$(($(ls /proc/$PID/fd | sort -n | tail -1) + 1)):; \(drop)",
            end: "prlimit --pid $PID --nofile=1024:", said: "Too many open files", shown: "everything waits"),
    ]
}

@Suite("Faults", .serialized, .enabled(if: Surroundings.canMount, "needs root, and the right to mount"))
struct FaultTests {
    @Test("Nothing is lost, one line says what is wrong, status shows it, and work goes on by itself", arguments: Fault.all)
    func passes(fault: Fault) async throws {
        try await Self.with(fault) { site in
            try await site.serving(as: fault.user) {
                try site.drop(beside: "a.csv", Exports.rows(5))
                _ = try await eventually("the first manifest") { try site.manifest("a.csv") }
                try site.write(Exports.rows(5, from: 5), as: "spool/leads/.b.csv")
                if fault.user != nil { chmod(site.folder().appending(".b.csv").string, 0o666) }
                try await site.shell(fault.begin)
                _ = try await eventually("a line about it") { site.logged.contains(fault.said) ? true : nil }
                try await site.expectStatus(shows: fault.shown)
                #expect(try site.manifest("b.csv") == nil)
                try await site.shell(fault.end)
                let manifest = try await eventually("the second manifest") { try site.manifest("b.csv") }
                #expect(manifest.status == "accepted" && manifest.contacts.inserted == 5, "\(manifest.detail)")
                // A claim's folder that could not be removed on a read-only file system goes with the next look.
                _ = try await eventually("an empty .processing") { site.processing.isEmpty ? true : nil }
            }
            let lines = site.logged.split(separator: "\n")
            // Without handles, it is chance whether the look into the folders or the claim meets it first.
            let began = lines.count { $0.contains("waiting to go on") || $0.contains("drop folder cannot be read") }
            let unread = lines.count { $0.contains("the spool cannot be read") }
            #expect(began <= 1 && unread <= 1 && began + unread >= 1, "\(site.logged)")
            #expect(lines.count { $0.contains("this is over") || $0.contains("drop folder can be read again") } == began, "\(site.logged)")
            #expect(try await site.count() == 10)
            #expect(site.archived().count == 2)
            #expect(site.processing.isEmpty)
        }
    }

    @Test("A campaign's folder that is a mount of its own is left alone, told of once, and taken up when it is none any more")
    func mountPoint() async throws {
        try await Site.with(["ROLLCALL_WATCH_RESCAN": "200ms"]) { site in
            try await site.shell("mkdir -p $SPOOL/own; mount -t tmpfs none $SPOOL/own")
            let result: Result<Void, any Error>
            do {
                try await site.serving {
                    try site.drop(beside: "a.csv", Exports.rows(3), for: "own")
                    _ = try await eventually("a line about it") { site.logged.contains("another file system") ? true : nil }
                    for index in 0..<5 { _ = try await site.answer(to: Exports.rows(3, from: index), as: "\(index).csv") }
                    try await site.expectStatus(shows: "own: on another file system")
                    #expect(site.names(in: site.folder("own")) == ["a.csv"])
                    try await site.shell("umount $SPOOL/own")
                    let manifest = try await site.answer(to: Exports.rows(3), as: "b.csv", for: "own")
                    #expect(manifest.status == "accepted")
                }
                result = .success(())
            } catch { result = .failure(error) }
            try await site.shell("umount $SPOOL/own 2>/dev/null; true")
            try result.get()
            #expect(site.logged.split(separator: "\n").count { $0.contains("another file system") } == 1, "\(site.logged)")
        }
    }

    /// A site with what the fault needs mounted, and everything unmounted in the end.
    private static func with(_ fault: Fault, _ body: (Site) async throws -> Void) async throws {
        var site = try Site(["ROLLCALL_WATCH_RESCAN": "1s"])
        if fault.before.contains("/db") { site.settings["ROLLCALL_DATABASE"] = site.root.appending("db/store.sqlite").string }
        try FileManager.default.createDirectory(atPath: site.spool.string, withIntermediateDirectories: true)
        try await site.shell(fault.before)
        let result: Result<Void, any Error>
        do {
            try await site.rollcall("campaign", "create", "leads")
            try FileManager.default.createDirectory(atPath: site.folder().string, withIntermediateDirectories: true)
            if fault.user != nil { try await site.shell("chown -R nobody $ROOT; chmod 777 $SPOOL/leads") }
            try await body(site)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await site.shell("umount -l $SPOOL $ROOT/db 2>/dev/null; true")
        try? FileManager.default.removeItem(atPath: site.root.string)
        try result.get()
    }
}

extension Site {
    /// Asks `rollcall status` until it says so: the service tells of itself once a second.
    func expectStatus(shows text: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var shown = ""
        repeat {
            shown = try await rollcall("status").output
            if shown.contains(text) { return }
            try await Task.sleep(for: .milliseconds(100))
        } while ContinuousClock.now < deadline
        Issue.record("status says nothing of \"\(text)\": \(shown)")
    }

    /// Runs a shell command about this site; see `Fault`.
    func shell(_ command: String) async throws {
        let process = (try? text(spool.appending(".processing/service.lock")))?.trimmingCharacters(in: .newlines) ?? ""
        let run = try await Programs.run(
            "/bin/bash", ["-c", command],
            environment: ["SPOOL": spool.string, "ROOT": root.string, "DB": database.string, "PID": process])
        try #require(run.exitCode == 0, "\(command): \(run.errors)")
    }

    /// Writes a file inside the campaign's folder under a hidden name and renames it.
    func drop(beside name: String, _ text: String, for campaign: String = "leads") throws {
        let folder = folder(campaign)
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        try write(text, as: "spool/\(campaign)/.\(name)")
        guard rename(folder.appending(".\(name)").string, folder.appending(name).string) == 0 else {
            throw Errno(rawValue: errno)
        }
    }
}
