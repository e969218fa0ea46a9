import Foundation
import SystemPackage
import Testing

@Suite("Power cuts", .serialized, .enabled(if: Surroundings.canTrace, "strace is not installed, or may not trace here"))
struct PowerCutTests {
    private static let calls = """
        openat,open,write,writev,pwrite64,pwritev,ftruncate,truncate,fallocate,copy_file_range,fsync,fdatasync,rename,\
        renameat,renameat2,mkdir,mkdirat,rmdir,unlink,unlinkat,link,linkat,symlink,mknod,mknodat
        """

    /// Runs `rollcall run --once` over the four files and records its system calls; `before` is what lay there before.
    private static func record(
        on site: Site, _ deliveries: Deliveries, workers: Int = 2, tampering: [String] = []
    ) async throws -> (trace: FilePath, before: FilePath) {
        let places = (trace: site.root.removingLastComponent().appending("\(UUID()).trace"), before: site.root.removingLastComponent().appending("\(UUID()).before"))
        try deliveries.drop(on: site)
        try FileManager.default.copyItem(atPath: site.root.string, toPath: places.before.string)
        let run = try await Programs.run(
            "/usr/bin/strace",
            [
                "-f", "-y", "-xx", "-s", "4000000", "-e", "trace=\(calls)", "-o", places.trace.string,
            ] + tampering + [Programs.rollcall.string, "run", "--once", "--set", "workers=\(workers)"],
            environment: site.settings)
        try #require(run.exitCode == 0, "\(run.errors)")
        return places
    }

    private static func replay(_ arguments: String...) async throws -> Programs.Outcome {
        let script = FilePath(#filePath).removingLastComponent().appending("powercut.py")
        return try await Programs.run("/usr/bin/python3", [script.string] + arguments)
    }

    @Test("Commit, manifest, archive and ledger reach the disk in this order, with their folders")
    func order() async throws {
        try await Site.with(Deliveries.settings) { site in
            // One at a time: a commit of another file may rightly wait for its own flush.
            // A slow disk: whoever does not wait for a flush is ahead of it.
            let (trace, before) = try await Self.record(
                on: site, Deliveries(), workers: 1, tampering: ["-e", "inject=fsync,fdatasync:delay_enter=30000"])
            defer { for path in [trace, before] { try? FileManager.default.removeItem(atPath: path.string) } }
            let checked = try await Self.replay("order", trace.string, before.string, site.root.string)
            #expect(checked.exitCode == 0, "\(checked.output)\(checked.errors)")
            #expect(checked.output == "manifest=8 archive=4 claim=4\n", "\(checked.output)")
        }
    }

    @Test("A flush that fails is told, and is not taken for one: the next try does it all", arguments: 2...8)
    func failing(which: Int) async throws {
        try await Site.with(Deliveries.settings) { site in
            // Its own first flushes are SQLite's alone.
            _ = try await site.rollcall("campaign", "create", "other")
            let deliveries = Deliveries()
            let (trace, before) = try await Self.record(
                on: site, deliveries, workers: 1, tampering: ["-e", "inject=fdatasync:error=EIO:when=\(which)"])
            defer { for path in [trace, before] { try? FileManager.default.removeItem(atPath: path.string) } }
            let checked = try await Self.replay("order", trace.string, before.string, site.root.string)
            #expect(checked.exitCode == 0, "\(checked.output)\(checked.errors)")
            try await deliveries.expectEachOnce(on: site, "flush \(which)")
        }
    }

    @Test("Whatever was not flushed when the power went, the next start ends as an undisturbed run does", .timeLimit(.minutes(30)))
    func cuts() async throws {
        try await Site.with(Deliveries.settings) { site in
            let deliveries = Deliveries()
            let (trace, before) = try await Self.record(on: site, deliveries)
            let cuts = site.root.removingLastComponent().appending("\(UUID()).cuts")
            defer { for path in [trace, before, cuts] { try? FileManager.default.removeItem(atPath: path.string) } }
            let laidOut = try await Self.replay("states", trace.string, before.string, site.root.string, cuts.string)
            try #require(laidOut.exitCode == 0, "\(laidOut.errors)")
            let all = site.names(in: cuts)
            #expect(all.count > 60, "only \(all.count) states: the test shows little")
            let tried = Soak.isOn ? all : Self.spread(all, over: 40)
            for name in tried { try await Self.start(after: name, of: cuts, deliveries) }
        }
    }

    /// Some of them, the first and the last among them.
    private static func spread(_ all: [String], over count: Int) -> [String] {
        guard all.count > count else { return all }
        return (0..<count).map { all[$0 * (all.count - 1) / (count - 1)] }
    }

    private static func start(after name: String, of cuts: FilePath, _ deliveries: Deliveries) async throws {
        let site = Site(at: cuts.appending(name), settings)
        let run = try await site.rollcall("run", "--once")
        #expect(run.exitCode == 0, "\(name): \(run.errors)")
        try await deliveries.expectEachOnce(on: site, name)
    }

    private static let settings = Deliveries.settings
}
