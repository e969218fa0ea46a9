import Foundation
import Subprocess
import SystemPackage
import Testing

/// What went wrong while the service ran, and what it had to say.
struct Unserved: Error, CustomStringConvertible {
    let cause: any Error
    let log: String

    var description: String { "\(cause)\n\(log)" }
}

/// A spool and a store of a test's own, in a temporary folder, and the program that serves them.
struct Site {
    let root: FilePath
    var settings: [String: String]

    var spool: FilePath { root.appending("spool") }

    init(_ more: [String: String] = [:]) throws {
        self.init(
            at: FilePath(FileManager.default.temporaryDirectory.path).appending("rollcall-\(UUID().uuidString)"), more)
        try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: true)
    }

    /// Over a folder that is there.
    init(at root: FilePath, _ more: [String: String]) {
        self.root = root
        settings = [
            "ROLLCALL_SPOOL": root.appending("spool").string, "ROLLCALL_DATABASE": root.appending("store.sqlite").string,
            "ROLLCALL_WATCH_SETTLE": "50ms", "ROLLCALL_NEW_CAMPAIGN_DEFAULT_COUNTRY_CODE": "US",
        ].merging(more) { _, own in own }
    }

    /// Runs `body` on a new site that has the campaign `leads`, checks every manifest that it left, and removes it.
    ///
    /// - Parameter validating: whether its manifests are checked against the schema, which takes a moment.
    static func with(
        _ more: [String: String] = [:], validating: Bool = true, _ body: (Site) async throws -> Void
    ) async throws {
        let site = try Site(more)
        defer { try? FileManager.default.removeItem(atPath: site.root.string) }
        let created = try await site.rollcall("campaign", "create", "leads")
        try #require(created.exitCode == 0, "\(created.errors)")
        try await body(site)
        if validating { try await site.expectValidManifests() }
    }

    /// Runs `rollcall ARGUMENTS` on this site to its end.
    @discardableResult
    func rollcall(_ arguments: String..., environment: [String: String] = [:]) async throws -> Programs.Outcome {
        try await Programs.run(Programs.rollcall, arguments, environment: settings.merging(environment) { _, own in own })
    }

    /// Runs `body` while `rollcall run` serves the spool; the service must then stop with 0 on SIGTERM.
    ///
    /// - Parameters:
    ///   - user: who the service runs as; needs root.
    ///   - prefix: a command that runs the one after it.
    @discardableResult
    func serving<T: Sendable>(as user: String? = nil, under prefix: [String] = [], _ body: () async throws -> T) async throws -> T {
        let drop = user.map { ["setpriv", "--reuid", $0, "--clear-groups", "--inh-caps=-all"] } ?? []
        let result = try await Subprocess.run(
            .path("/usr/bin/env"), arguments: Arguments(prefix + drop + [Programs.rollcall.string, "run", "--spool", spool.string]),
            environment: Programs.environment(settings), input: .none, output: .discarded,
            error: .fileDescriptor(try log(), closeAfterSpawningProcess: true)
        ) { execution in
            let value: Result<T, any Error>
            do { value = .success(try await body()) } catch { value = .failure(error) }
            try execution.send(signal: .terminate)
            return value
        }
        #expect(result.terminationStatus == .exited(0), "\(logged)")
        do { return try result.closureResult.get() } catch { throw Unserved(cause: error, log: logged) }
    }

    /// Starts the service, kills it at the moment when `wait` returns, and waits for its end.
    func serveAndKill(after wait: () async throws -> Void) async throws {
        let result = try await Subprocess.run(
            .path(Programs.rollcall), arguments: ["run"], environment: Programs.environment(settings), input: .none,
            output: .discarded, error: .fileDescriptor(try log(), closeAfterSpawningProcess: true)
        ) { execution in
            let waited: Result<Void, any Error>
            do { waited = .success(try await wait()) } catch { waited = .failure(error) }
            try execution.send(signal: .kill)
            return waited
        }
        #expect(result.terminationStatus == .signaled(9), "\(logged)")
        try result.closureResult.get()
    }

    /// Sends SIGHUP to the service that serves this site.
    func reload() async throws {
        let found = try await Programs.run("/usr/bin/pgrep", ["-f", "rollcall run --spool \(spool.string)"])
        let process = try #require(found.output.split(separator: "\n").first.flatMap { pid_t($0) })
        guard kill(process, SIGHUP) == 0 else { throw Errno(rawValue: errno) }
    }

    private func log() throws -> FileDescriptor {
        try .open(
            root.appending("service.log"), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    }

    /// What the service wrote to standard error so far.
    var logged: String { (try? text(root.appending("service.log"))) ?? "" }

    // MARK: Files

    func folder(_ campaign: String = "leads") -> FilePath { spool.appending(campaign) }

    /// Writes a file elsewhere on the same file system and renames it into the campaign's folder.
    func drop(_ text: String, as name: String, for campaign: String = "leads") throws {
        let path = try write(text, as: "\(UUID()).outside")
        try FileManager.default.createDirectory(atPath: folder(campaign).string, withIntermediateDirectories: true)
        guard rename(path.string, folder(campaign).appending(name).string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Writes a file into the site's own folder, outside the spool.
    @discardableResult
    func write(_ text: String, as name: String) throws -> FilePath {
        let path = root.appending(name)
        try Data(text.utf8).write(to: URL(filePath: path.string))
        return path
    }

    func text(_ path: FilePath) throws -> String { String(decoding: try Data(contentsOf: URL(filePath: path.string)), as: UTF8.self) }

    func names(in folder: FilePath) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []).sorted()
    }

    func archived(_ campaign: String = "leads") -> [String] { names(in: folder(campaign).appending("archive")) }

    /// Claims that were left behind; the lock file is no claim.
    var processing: [String] {
        names(in: spool.appending(".processing")).filter { $0.utf8.count == 36 && $0.split(separator: "-").count == 5 }
    }

    // MARK: Answers

    func manifest(_ name: String, of campaign: String = "leads") throws -> Manifest? {
        let path = folder(campaign).appending("results").appending("\(name).result.json")
        guard FileManager.default.fileExists(atPath: path.string) else { return nil }
        return try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: URL(filePath: path.string)))
    }

    /// Drops a file and waits for its manifest.
    func answer(to text: String, as name: String = "a.csv", for campaign: String = "leads") async throws -> Manifest {
        try drop(text, as: name, for: campaign)
        return try await eventually("the manifest of \(name)") { try manifest(name, of: campaign) }
    }

    func contacts(_ campaign: String = "leads") async throws -> [StoredContact] {
        let listed = try await rollcall("contacts", "list", "--campaign", campaign, "--limit", "1000000", "--json")
        try #require(listed.exitCode == 0, "\(listed.errors)")
        return try JSONDecoder().decode(ContactPage.self, from: Data(listed.output.utf8)).contacts
    }

    func count(_ campaign: String = "leads") async throws -> Int? {
        Int(try await rollcall("contacts", "count", "--campaign", campaign).output.trimmingCharacters(in: .newlines))
    }

    /// Every manifest of the spool against the published schema, and its sums.
    func expectValidManifests() async throws {
        let folder = FilePath(#filePath).removingLastComponent()
        let schema = Programs.repository.appending("Config/manifest.schema.json")
        let checked = try await Programs.run(
            Programs.python, [folder.appending("validate.py").string, schema.string, spool.string])
        #expect(checked.exitCode == 0, "\(checked.output)\(checked.errors)")
    }
}
