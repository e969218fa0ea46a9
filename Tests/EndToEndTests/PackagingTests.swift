import Foundation
import Glibc
import SystemPackage
import Testing

@Suite("Packaging")
struct PackagingTests {
    private static let packaging = Programs.repository.appending("packaging")
    private static let hasSystemd = FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")

    private func withFolder(_ body: (FilePath) async throws -> Void) async throws {
        let folder = FilePath(FileManager.default.temporaryDirectory.path).appending("rollcall-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        try await body(folder)
    }

    @Test("systemd has nothing to say against the unit, its user and its folders; exposure is 1.5 or less", .enabled(if: hasSystemd))
    func unit() async throws {
        let checked = try await Programs.run(Self.packaging.appending("test-unit"), ["1.5"])
        #expect(checked.exitCode == 0, "\(checked.errors)")
        // Exposure is never so low: the check must be able to fail.
        let strict = try await Programs.run(Self.packaging.appending("test-unit"), ["0.1"])
        #expect(strict.exitCode == 1 && strict.errors.contains("more than 0.1"))
    }

    @Test("Every command has a manual page, which its text makes without a complaint")
    func manual() async throws {
        try await withFolder { folder in
            let made = try await Programs.run(
                "/bin/bash",
                ["-c", "set -o pipefail; \"$0\" --experimental-dump-help | /usr/bin/python3 \"$1\" . 1.2.3 2026-01-01",
                    Programs.rollcall.string, Self.packaging.appending("manual.py").string],
                in: folder)
            #expect(made.exitCode == 0, "\(made.errors)")
            let pages = try FileManager.default.contentsOfDirectory(atPath: folder.string)
            #expect(Set(["rollcall.1", "rollcall-run.1", "rollcall-campaign-create.1"]).isSubset(of: pages))
            let run = try String(contentsOfFile: folder.appending("rollcall-run.1").string, encoding: .utf8)
            #expect(run.contains("rollcall\\-run \\- serve the spool") && run.contains("\\fB\\-\\-once\\fR"))
            #expect(run.contains(".SH \"EXAMPLES\"") && run.contains("rollcall 1.2.3"))
        }
    }

    @Test("An installation has everything in its place, and leaves settings that are there alone")
    func install() async throws {
        try await withFolder { folder in
            let install = { try await Programs.run(
                "/usr/bin/make",
                ["-s", "install", "DESTDIR=\(folder)", "PREFIX=/opt/rollcall", "SYSCONFDIR=/opt/rollcall/etc", "STATIC=\(Programs.folder)"],
                in: Programs.repository) }
            let first = try await install()
            #expect(first.exitCode == 0, "\(first.errors)")
            let root = folder.appending("opt/rollcall")
            for name in [
                "bin/rollcall", "libexec/rollcall/rollcall-watch", "sbin/rollcall-dropbox", "lib/sysusers.d/rollcall.conf",
                "lib/tmpfiles.d/rollcall.conf", "share/man/man1/rollcall.1.gz", "share/man/man8/rollcall-dropbox.8.gz",
                "share/bash-completion/completions/rollcall", "share/zsh/vendor-completions/_rollcall",
                "share/fish/vendor_completions.d/rollcall.fish", "share/rollcall/manifest.schema.json",
            ] {
                #expect(FileManager.default.fileExists(atPath: root.appending(name).string), "\(name)")
            }
            let unit = try String(contentsOfFile: root.appending("lib/systemd/system/rollcall.service").string, encoding: .utf8)
            #expect(unit.contains("\nExecStart=/opt/rollcall/bin/rollcall run\n"))

            let settings = root.appending("etc/rollcall/rollcall.yaml")
            try Data("workers: 2\n".utf8).write(to: URL(filePath: settings.string))
            #expect(try await install().exitCode == 0)
            #expect(try String(contentsOfFile: settings.string, encoding: .utf8) == "workers: 2\n")
        }
    }

    @Test("The commands of every operators' page are run in the container")
    func pages() throws {
        let folder = Programs.repository.appending("Sources/rollcall/rollcall.docc")
        let script = try String(contentsOfFile: Self.packaging.appending("test-systemd").string, encoding: .utf8)
        let run = try #require(script.firstMatch(of: /for page in (.+); do/)).output.1.split(separator: " ").map(String.init)
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { $0 != "rollcall.md" }
        #expect(Set(pages) == Set(run.map { "\($0).md" }))
    }

    @Test("Opening a campaign to a group takes root and a campaign's key", arguments: [
        (["--help"], 0), ([], 64), (["../etc"], 64), (["--unknown", "x", "spring"], 64),
    ])
    func dropbox(arguments: [String], status: Int) async throws {
        let ended = try await Programs.run(Self.packaging.appending("rollcall-dropbox"), arguments)
        #expect(ended.exitCode.map(Int.init) == status)
        #expect((ended.output + ended.errors).contains("usage: rollcall-dropbox"))
    }
}
