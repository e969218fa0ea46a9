import Foundation
import Subprocess
import SystemPackage
import Testing

@Suite("The API of the running service", .serialized)
struct APITests {
    static let settings = ["ROLLCALL_API_LISTEN": "127.0.0.1:0", "ROLLCALL_API_RATE_LIMIT": "0", "ROLLCALL_API_ADDRESS_RATE_LIMIT": "0"]

    /// Where it listens: the port is in the log.
    static func address(_ site: Site) async throws -> String {
        try await eventually("the API's port") {
            site.logged.split(separator: "\n").last { $0.contains("the API listens") }
                .flatMap { $0.split(separator: "port=").last }.map { "http://127.0.0.1:\($0.prefix { $0.isNumber })" }
        }
    }

    static func token(_ site: Site) async throws -> String {
        let made = try await site.rollcall("token", "create", "--org", "acme", "--scope", "campaigns:manage")
        try #require(made.exitCode == 0, "\(made.errors)")
        return made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func curl(_ arguments: [String]) async throws -> String {
        try await Programs.run("/usr/bin/curl", ["--silent", "--show-error", "--max-time", "30"] + arguments).output
    }

    @Test("The published curl example works as it stands, and its contacts are those of a file")
    func published() async throws {
        try await Site.with(Self.settings) { site in
            let token = try await Self.token(site)
            try await site.serving {
                let host = try await Self.address(site)
                let example = #"""
                    curl --silent --max-time 30 -X POST "$HOST/campaign/campaigns/$ID/contacts" -H "Authorization: Bearer $TOKEN" -H "X-Anyreach-Org: $ORG" \
                      -H "Content-Type: application/json" \
                      -d '{"contacts": [{"phone_numbers": ["(415) 555-0132"], "external_id": "crm-1", "data": {"first_name": "Ada"}}]}'
                    """#
                let answer = try await Programs.run(
                    "/bin/sh", ["-c", example], environment: ["HOST": host, "ID": "leads", "TOKEN": token, "ORG": "acme"])
                #expect(answer.output.contains(#""inserted":1"#), "\(answer.output)\(answer.errors)")
            }
            let stored = try await site.contacts()
            #expect(stored.map(\.phone_numbers) == [["+14155550132"]] && stored[0].data == ["first_name": "Ada"])
            let history = try await site.rollcall("history", "--json")
            #expect(history.output.contains("POST contacts.json"), "\(history.output)")
        }
    }

    @Test("Without api.listen no port is opened")
    func off() async throws {
        try await Site.with { site in
            try await site.serving {
                _ = try await site.answer(to: "Phone\n4155550132\n")
                let sockets = try await Programs.run("/bin/sh", ["-c", "ls -l /proc/$(pgrep -f 'rollcall run --spool \(site.spool.string)' | head -1)/fd | grep -c socket || true"])
                #expect(sockets.output.trimmingCharacters(in: .whitespacesAndNewlines) == "0", "\(sockets.output)")
            }
        }
    }

    @Test("An uploaded file survives a kill before and after it becomes a claim: taken whole, once, or not at all", arguments: ["before:claim", "after:claim"])
    func killed(at step: String) async throws {
        try await Site.with(Self.settings) { site in
            let token = try await Self.token(site)
            let file = try site.write("Phone,Ref\n4155550132,a\n", as: "upload.csv")
            let mapping = #"[{"column":"Ref","index":1,"field":"external_id"}]"#.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            var killed = site
            killed.settings["STOP_ROLLCALL_AT"] = step
            let ended = try await Subprocess.run(
                .path(Programs.rollcall), arguments: ["run"], environment: Programs.environment(killed.settings), input: .none, output: .discarded,
                error: .fileDescriptor(
                    try .open(site.root.appending("service.log"), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite),
                    closeAfterSpawningProcess: true)
            ) { execution in
                let host = try await Self.address(site)
                // The service dies before it answers.
                _ = try? await Self.curl([
                    "-X", "POST", "\(host)/campaign/campaigns/leads/files?name=leads.csv&mapping=\(mapping)", "-H", "Authorization: Bearer \(token)",
                    "-H", "X-Anyreach-Org: acme", "-H", "Content-Type: application/octet-stream", "--data-binary", "@\(file.string)",
                ])
            }
            #expect(ended.terminationStatus != .exited(0))
            let next = try await site.rollcall("run", "--once")
            #expect(next.exitCode == 0, "\(next.errors)")
            #expect(site.processing.isEmpty)
            let stored = try await site.contacts()
            // Its rules survived with it.
            #expect(stored.map(\.external_id) == (step == "after:claim" ? ["a"] : []), "\(stored)")
            #expect(site.archived().count == stored.count)
        }
    }

    @Test("A client that stalls does not hold up the stop, and a port that is taken is named")
    func stops() async throws {
        try await Site.with(Self.settings) { site in
            let token = try await Self.token(site)
            let stalling = Process()
            defer { stalling.terminate() }
            try await site.serving {
                let host = try await Self.address(site)
                let port = String(host.split(separator: ":")[2])
                // Half a request, for longer than the service has time to stop.
                let half = "POST /campaign/campaigns/leads/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nX-Anyreach-Org: acme\r\nContent-Length: 100\r\n\r\n{"
                stalling.executableURL = URL(filePath: "/bin/bash")
                stalling.arguments = ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(port); printf '%s' \"$HALF\" >&3; sleep 120"]
                stalling.environment = ["HALF": half, "PATH": "/usr/bin:/bin"]
                try stalling.run()
                try await Task.sleep(for: .milliseconds(300))
                let other = try await site.rollcall("run", environment: ["ROLLCALL_SPOOL": site.root.appending("other").string, "ROLLCALL_API_LISTEN": "127.0.0.1:\(port)"])
                #expect(other.exitCode == 70 && other.errors.contains("api.listen: 127.0.0.1, port \(port) cannot be opened"), "\(other.errors)")
            }
        }
    }

    @Test("Whatever the OpenAPI document allows or forbids, the answers are those that it promises")
    func schemathesis() async throws {
        try await Site.with(Self.settings.merging(["ROLLCALL_WATCH_MODE": "poll"]) { $1 }, validating: false) { site in
            let token = try await Self.token(site)
            try await site.serving {
                let host = try await Self.address(site)
                let configuration = FilePath(#filePath).removingLastComponent().appending("schemathesis.toml").string
                let run = try await Programs.run(
                    "/usr/bin/timeout",
                    [
                        "120", Programs.python.string, "-m", "schemathesis.cli", "--config-file", configuration, "run", "\(host)/openapi.json",
                        "-H", "Authorization: Bearer \(token)", "-H", "X-Anyreach-Org: acme", "--max-examples", "10", "--seed", "1",
                        "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--warnings", "off", "--no-color",
                    ], environment: ["HOME": site.root.string, "COLUMNS": "120"], in: site.root)
                let lines = run.output.split(separator: "\n").map { String($0.prefix(500)) }
                #expect(run.exitCode == 0, "\(lines.suffix(120).joined(separator: "\n"))\(run.errors.suffix(2000))")
                // All but the document itself.
                #expect(run.output.contains("Tested: 22"), "every operation: \(lines.suffix(30).joined(separator: "\n"))")
            }
        }
    }
}
