import Foundation
import Glibc
import SystemPackage
import Testing

@Suite("What an administrator sees", .serialized)
struct OperationsTests {
    @Test("The figures are in the textfile, and the dashboard shows each of them and no other")
    func metrics() async throws {
        try await Site.with(["ROLLCALL_NEW_CAMPAIGN_ON_INVALID": "skip"]) { site in
            var site = site
            let file = site.root.appending("rollcall.prom")
            site.settings["ROLLCALL_METRICS_TEXTFILE"] = file.string
            try await site.serving {
                _ = try await site.answer(to: "Mobile\n(415) 555-0101\n(415) 555-0102\n555-01\n", for: "skipping")
                _ = try await site.answer(to: "Email\na@example.com\n", as: "b.csv")
            }
            let text = try site.text(file)
            for line in [
                #"rollcall_files_total{code="200",status="accepted"} 1"#, #"rollcall_files_total{code="422",status="rejected"} 1"#,
                #"rollcall_contacts_total{change="inserted"} 2"#, #"rollcall_rejections_total{code="too_short"} 1"#, #"rollcall_rejections_total{code="no_phone_column"} 1"#,
                "rollcall_batch_seconds_count 1", "rollcall_file_seconds_count 2", "# TYPE rollcall_file_seconds histogram",
                "rollcall_backlog_files 0",
            ] {
                #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)\n\(text)")
            }
            let measured = Set(text.matches(of: #/(?m)^# TYPE (\w+) /#).map { String($0.output.1) })
            let dashboard = try site.text(Programs.repository.appending("Config/grafana-dashboard.json"))
            let shown = Set(dashboard.matches(of: /\b(rollcall_\w+?|process_\w+?)(_bucket)?\b/).map { String($0.output.1) })
            // Counted from the first time on.
            let later: Set = ["rollcall_notices_total", "rollcall_retention_files_total"]
            #expect(measured.subtracting(shown) == [], "not in the dashboard")
            #expect(shown.subtracting(measured).subtracting(later) == [], "in the dashboard alone")
        }
    }

    @Test("Numbers are hidden in manifests where that is set, and nowhere else")
    func redaction() async throws {
        try await Site.with { site in
            var site = site
            let plain = try await site.serving { try await site.answer(to: "Mobile\n555-0173\n") }
            #expect(plain.rejections.first.first?.value == "555-0173")
            site.settings["ROLLCALL_REDACT_NUMBERS"] = "true"
            try await site.serving { _ = try await site.answer(to: "Name,Mobile\nA,555-0173\n", as: "b.csv") }
            let text = try site.text(site.folder().appending("results/b.csv.result.json"))
            #expect(!text.contains("0173") && text.contains("***-**73"), "\(text)")
            #expect(try site.text(site.folder().appending("results/b.csv.rejected.csv")).contains("555-0173"))
        }
    }

    @Test("status tells since when the service runs, and each campaign's files")
    func status() async throws {
        try await Site.with { site in
            try await site.serving {
                _ = try await site.answer(to: Exports.rows(3))
                _ = try await site.answer(to: Exports.rows(3), as: "again.csv")
                var shown = ""
                // The service tells of itself from time to time, not with each file.
                for _ in 0..<100 where !shown.contains("running since: ") {
                    try await Task.sleep(for: .milliseconds(100))
                    shown = try await site.rollcall("status").output
                }
                #expect(shown.contains("running since: "), "\(shown)")
                #expect(shown.contains(/leads +1 +0 +1 +0/), "\(shown)")
            }
        }
    }

    @Test("doctor finds nothing wrong with a service that runs")
    func soundness() async throws {
        try await Site.with { site in
            try await site.serving {
                _ = try await site.answer(to: Exports.rows(3))
                let found = try await site.rollcall("doctor")
                #expect(found.exitCode == 0 && !found.output.contains("error"), "\(found.output)\(found.errors)")
                #expect(found.output.contains("serves the spool") && found.output.contains("is sound"), "\(found.output)")
            }
        }
    }

    @Test("doctor names what is wrong and what to do", arguments: ["no spool", "damaged store", "few watches", "no watcher"])
    func faults(what: String) async throws {
        try await Site.with(validating: false) { site in
            var site = site
            var (level, part, remedy) = ("error", "", "")
            var prefix: [String] = []
            switch what {
            case "no spool":
                site.settings["ROLLCALL_SPOOL"] = site.root.appending("elsewhere").string
                (part, remedy) = ("spool: ", "or set spool")
            case "damaged store":
                try await site.serving { _ = try await site.answer(to: Exports.rows(500)) }
                let store = try FileDescriptor.open(site.root.appending("store.sqlite"), .writeOnly)
                for page in 2..<12 { _ = try store.writeAll(toAbsoluteOffset: Int64(page * 4096), [UInt8](repeating: 0xA5, count: 4096)) }
                try store.close()
                (part, remedy) = ("database: ", "backup")
            case "few watches":
                guard Surroundings.canUnshare else { return }
                prefix = ["unshare", "-Ur", "sh", "-c", "echo 1 > /proc/sys/user/max_inotify_watches && exec \"$@\"", "sh"]
                (level, part, remedy) = ("warning", "inotify: ", "sysctl -w user.max_inotify_watches=8192")
            default:
                site.settings["ROLLCALL_WATCH_PROGRAM"] = "/nowhere/rollcall-watch"
                (part, remedy) = ("watcher: ", "watch.program")
            }
            let found = try await Programs.run("/usr/bin/env", prefix + [Programs.rollcall.string, "doctor"], environment: site.settings)
            #expect(found.exitCode == (level == "error" ? 1 : 0), "\(found.output)\(found.errors)")
            let lines = found.output.split(separator: "\n")
            let place = lines.firstIndex { $0.hasPrefix(level) && $0.contains(part) }
            #expect(place.map { lines.indices.contains($0 + 1) && lines[$0 + 1].contains(remedy) } == true, "\(found.output)")
        }
    }

    @Test("What has been kept long enough is compressed or removed, and nothing else")
    func retention() async throws {
        try await Site.with(["ROLLCALL_UNDO_KEEP": "0s"], validating: false) { site in
            var site = site
            try await site.serving { for name in ["a.csv", "b.csv"] { _ = try await site.answer(to: Exports.rows(name == "a.csv" ? 3 : 4), as: name) } }
            let archive = site.folder().appending("archive")
            #expect(try await site.rollcall("clean").output.contains("no retention setting is on"))
            site.settings["ROLLCALL_RETENTION_COMPRESS_AFTER_DAYS"] = "1"
            #expect(try await site.rollcall("clean").output.contains("0 removed, 0 compressed"))
            // It came ten days ago: the time is in its id (RFC 9562, version 7).
            let name = try #require(site.archived().first { $0.hasSuffix("a.csv") })
            let id = String(name.prefix(36))
            let time = try #require(Int64(id.prefix(13).replacing("-", with: ""), radix: 16)) - 10 * 86_400_000
            let digits = String(time, radix: 16)
            let earlier = String(repeating: "0", count: 12 - digits.count) + digits
            let old = "\(earlier.prefix(8))-\(earlier.suffix(4))\(id.dropFirst(13))"
            _ = try await site.sql(
                """
                UPDATE ingest SET id = x'\(old.replacing("-", with: ""))', received_at = \(time)
                WHERE id = x'\(id.replacing("-", with: ""))'
                """)
            rename(archive.appending(name).string, archive.appending(old + name.dropFirst(36)).string)
            let rehearsed = try await site.rollcall("clean", "--dry-run")
            #expect(rehearsed.exitCode == 0 && rehearsed.output.contains("1 compressed (dry run)"), "\(rehearsed.output)\(rehearsed.errors)")
            #expect(site.archived().allSatisfy { $0.hasSuffix(".csv") })
            let cleaned = try await site.rollcall("clean")
            #expect(cleaned.exitCode == 0 && cleaned.output.contains("1 compressed"), "\(cleaned.output)\(cleaned.errors)")
            #expect(site.archived().filter { $0.hasSuffix("a.csv.zst") }.count == 1 && site.archived().count == 2)
            site.settings["ROLLCALL_RETENTION_ARCHIVE_DAYS"] = "5"
            let removed = try await site.rollcall("clean")
            #expect(removed.output.contains("1 removed"), "\(removed.output)\(removed.errors)")
            #expect(site.archived().count == 1 && site.archived()[0].hasSuffix("b.csv"))
        }
    }

    @Test("A webhook gets each manifest with a signature, after it failed as well; a command gets it without a shell")
    func notices() async throws {
        try await Site.with { site in
            var site = site
            let server = try site.write(
                """
                import http.server, json, sys
                folder, failures = sys.argv[1], [503, 503]
                class Handler(http.server.BaseHTTPRequestHandler):
                    def do_POST(self):
                        body = self.rfile.read(int(self.headers["Content-Length"]))
                        status = failures.pop() if failures else 204
                        if status == 204:
                            with open(f"{folder}/got.{self.headers['X-Rollcall-Ingest']}", "wb") as file:
                                file.write(self.headers["X-Rollcall-Signature"].encode() + b"\\n" + body)
                        self.send_response(status); self.send_header("Content-Length", "0"); self.end_headers()
                    def log_message(self, *rest): pass
                server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
                open(f"{folder}/port", "w").write(str(server.server_port))
                server.serve_forever()
                """, as: "server.py")
            let hook = try site.write("#!/bin/sh\ncat > \"$(dirname \"$0\")/hooked\"\nprintf '%s' \"$1\" > \"$(dirname \"$0\")/argument\"\n", as: "hook")
            chmod(hook.string, 0o755)
            let secret = try site.write("0123456789abcdef0123456789abcdef\n", as: "secret")
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/python3")
            process.arguments = [server.string, site.root.string]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // Not SIGTERM, which the test's threads have blocked, and what they start.
            defer { kill(process.processIdentifier, SIGKILL) }
            let port = try await eventually("the server") { (try? site.text(site.root.appending("port"))).flatMap { $0.isEmpty ? nil : $0 } }
            site.settings["ROLLCALL_NOTIFY_WEBHOOK_URL"] = "http://127.0.0.1:\(port)/hook"
            site.settings["ROLLCALL_NOTIFY_WEBHOOK_SECRET_FILE"] = secret.string
            site.settings["ROLLCALL_NOTIFY_COMMAND"] = "[\"\(hook.string)\"]"
            let manifest = try await site.serving {
                let manifest = try await site.answer(to: Exports.rows(3), as: "$(touch pwned) ;a.csv")
                _ = try await eventually("both notices") {
                    site.names(in: site.root).contains("got.\(manifest.ingest_id)") && site.names(in: site.root).contains("argument") ? true : nil
                }
                return manifest
            }
            let checked = try await Programs.run(
                "/usr/bin/python3",
                ["-c", """
                    import hashlib, hmac, json, sys
                    head, body = open(sys.argv[1], "rb").read().split(b"\\n", 1)
                    time, given = [part.split(b"=")[1] for part in head.split(b",")]
                    assert hmac.new(sys.argv[2].encode(), time + b"." + body, hashlib.sha256).hexdigest().encode() == given
                    print(json.loads(body)["ingest_id"])
                    """, site.root.appending("got.\(manifest.ingest_id)").string, "0123456789abcdef0123456789abcdef"])
            #expect(checked.output == manifest.ingest_id + "\n", "\(checked.errors)")
            #expect(try site.text(site.root.appending("hooked")).contains(manifest.ingest_id))
            #expect(try site.text(site.root.appending("argument")).hasSuffix("$(touch pwned) ;a.csv.\(manifest.ingest_id).result.json"))
            #expect(!site.names(in: site.root).contains("pwned"))
        }
    }
}
