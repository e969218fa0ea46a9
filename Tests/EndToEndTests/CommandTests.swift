import Foundation
import Glibc
import SystemPackage
import Testing

@Suite("Commands")
struct CommandTests {
    @Test("ingest stores a file now, leaves it where it is, and exits with 0; with 1 when it is refused")
    func ingest() async throws {
        try await Site.with { site in
            let file = try site.write(Exports.rows(5), as: "leads.csv")
            let taken = try await site.rollcall("ingest", file.string, "--campaign", "leads", "--json")
            #expect(taken.exitCode == 0, "\(taken.errors)")
            let manifest = try JSONDecoder().decode(Manifest.self, from: Data(taken.output.utf8))
            #expect(manifest.contacts.inserted == 5)
            #expect(try site.text(file) == Exports.rows(5))
            let again = try await site.rollcall("ingest", file.string, "--campaign", "leads")
            #expect(again.exitCode == 0 && again.output.contains("duplicate"), "\(again.output)")
            let wrong = try site.write(Exports.header + Exports.row(key: "a", phone: "55"), as: "wrong.csv")
            let refused = try await site.rollcall("ingest", wrong.string, "--campaign", "leads")
            #expect(refused.exitCode == 1 && refused.output.contains("rejected (422)"), "\(refused.output)")
            #expect(try await site.count() == 5)
            #expect(site.processing.isEmpty)
        }
    }

    @Test("ingest goes on after a file that cannot be taken, and exits with 1")
    func ingestSeveral() async throws {
        try await Site.with { site in
            let good = try site.write(Exports.rows(5), as: "good.csv")
            let empty = try site.write("", as: "empty.csv")
            let run = try await site.rollcall(
                "ingest", "/nowhere/x.csv", empty.string, site.root.string, good.string, "--campaign", "leads")
            #expect(run.exitCode == 1)
            #expect(run.errors.contains("/nowhere/x.csv"), "\(run.errors)")
            #expect(run.output.contains("empty.csv: rejected"), "\(run.output)")
            #expect(try await site.count() == 5)
            #expect(site.processing.isEmpty)
        }
    }

    @Test("ingest says which file it may not read", .enabled(if: geteuid() == 0, "needs root"))
    func ingestUnreadable() async throws {
        try await Site.with { site in
            let file = try site.write(Exports.rows(5), as: "secret.csv")
            chmod(file.string, 0)
            _ = try await Programs.run("/bin/chown", ["-R", "nobody", site.root.string])
            chown(file.string, 0, 0)
            let run = try await Programs.run(
                "/usr/bin/setpriv",
                ["--reuid", "nobody", "--clear-groups", "--inh-caps=-all", Programs.rollcall.string, "ingest", file.string,
                    "--campaign", "leads"], environment: site.settings)
            #expect(run.exitCode == 1 && run.errors.contains("secret.csv"), "\(run.errors)")
        }
    }

    @Test("check shows the mapping, the first contacts and all problems, and writes nothing")
    func check() async throws {
        try await Site.with { site in
            let text = Exports.rows(2) + Exports.row(key: "W1", phone: "555-01") + Exports.row(key: "W2", phone: "abc")
            let file = try site.write(text, as: "leads.csv")
            let check = try await site.rollcall("check", file.string, "--campaign", "leads")
            #expect(check.exitCode == 1)
            for part in ["Mobile", "phone_numbers", "+12122200000", "row 3", "row 4", "too_short", "rejected (422)"] {
                #expect(check.output.contains(part), "\(part) is not in \(check.output)")
            }
            let json = try await site.rollcall("check", file.string, "--campaign", "leads", "--json")
            let manifest = try JSONDecoder().decode(Manifest.self, from: Data(json.output.utf8))
            #expect(manifest.dry_run && manifest.rows.rejected == 2)
            #expect(try await site.count() == 0)
            #expect(site.names(in: site.folder().appending("results")).isEmpty)
        }
    }

    @Test("A campaign is created, listed, shown, paused, closed and reopened")
    func campaigns() async throws {
        try await Site.with { site in
            let created = try await site.rollcall(
                "campaign", "create", "spring", "--name", "Spring renewals", "--default-country-code", "+44",
                "--default-timezone", "Europe/London", "--map", "Kontonr=external_id", "--on-invalid", "skip")
            #expect(created.exitCode == 0, "\(created.errors)")
            let shown = try await site.rollcall("campaign", "show", "spring", "--json")
            let fields = try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
            #expect(fields["campaign_id"] as? String == "spring")
            #expect(fields["name"] as? String == "Spring renewals")
            #expect(fields["default_country_code"] as? String == "GB")
            #expect(fields["default_timezone"] as? String == "Europe/London")
            #expect(fields["on_invalid"] as? String == "skip")
            #expect(fields["status"] as? String == "active")
            for (verb, status) in [("pause", "paused"), ("close", "closed"), ("reopen", "active")] {
                let changed = try await site.rollcall("campaign", verb, "spring")
                #expect(changed.exitCode == 0 && changed.output == "Campaign spring is \(status).\n")
            }
            let listed = try await site.rollcall("campaign", "list")
            #expect(listed.output.contains("spring") && listed.output.contains("leads"))
        }
    }

    @Test("A wrong command says what is wrong in one line", arguments: [
        (["campaign", "create", "leads"], 70, "leads"),
        (["campaign", "create", "../x"], 70, "no campaign key"),
        (["campaign", "create", "x", "--default-country-code", "Mars"], 70, "Mars"),
        (["campaign", "create", "x", "--default-timezone", "EST5"], 64, "IANA"),
        (["campaign", "create", "x", "--map", "Mobile"], 64, "Mobile"),
        (["campaign", "show", "nobody"], 70, "there is no campaign \"nobody\""),
        (["contacts", "list", "--campaign", "nobody"], 70, "there is no campaign \"nobody\""),
        (["contacts", "list", "--campaign", "leads", "--limit", "0"], 64, "--limit"),
        (["contacts", "show", "not-a-uuid"], 64, "no UUID"),
        (["contacts", "show", "00000000-0000-7000-8000-000000000000"], 70, "no contact"),
        (["run", "--set", "limits.row=5"], 78, "did you mean limits.rows?"),
        (["run", "--set", "limits.rows=few"], 78, "limits.rows (on the command line) takes a whole number"),
        (["run", "--config", "/nowhere.yaml"], 78, "/nowhere.yaml cannot be read"),
        (["run", "--set", "watch.program=/nowhere"], 78, "watch.program"),
        (["campaign", "list", "--database", "/nowhere/store.sqlite"], 70, "/nowhere/store.sqlite"),
    ])
    func wrong(arguments: [String], code: Int32, part: String) async throws {
        try await Site.with { site in
            let run = try await Programs.run(Programs.rollcall, arguments, environment: site.settings)
            #expect(run.exitCode == code && run.errors.contains(part), "\(run.errors)")
            #expect(code == 64 || run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
    }

    @Test("Phone numbers and names never reach the log")
    func privacy() async throws {
        try await Site.with(["ROLLCALL_LOG_LEVEL": "trace"]) { site in
            let text = Exports.rows(3) + Exports.row(key: "W", phone: "555-0199-77")
            try await site.serving {
                _ = try await site.answer(to: text, as: "refused.csv")
                _ = try await site.answer(to: Exports.rows(3), as: "accepted.csv")
            }
            #expect(site.logged.contains("accepted.csv") && site.logged.contains("refused.csv"), "\(site.logged)")
            for secret in ["555-0199", "220-0001", "+1212", "Ada"] { #expect(!site.logged.contains(secret)) }
        }
    }

    @Test("The README names every command")
    func documented() async throws {
        let readme = try String(decoding: Data(contentsOf: URL(filePath: Programs.repository.appending("README.md").string)), as: UTF8.self)
        for command in [[], ["campaign"], ["contacts"]] {
            let help = try await Programs.run(Programs.rollcall, command + ["--help"])
            let names = help.output.split(separator: "SUBCOMMANDS:").last?.split(separator: "\n")
                .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See") }
                .compactMap { $0.split(separator: " ").first } ?? []
            #expect(names.count >= 2)
            for name in names {
                let spelled = (["rollcall"] + command + [String(name)]).joined(separator: " ")
                #expect(readme.contains(spelled), "\(spelled)")
            }
        }
    }
}
