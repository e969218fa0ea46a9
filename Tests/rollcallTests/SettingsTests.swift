import Contacts
import Foundation
import Logging
import SystemPackage
import Testing

@testable import rollcall

@Suite("Settings")
struct SettingsTests {
    private static let shipped = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("Config/rollcall.yaml")

    /// Settings from the three places; `file` is the text of a configuration file.
    private func settings(
        flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        guard let file else { return try SettingSources(flags: flags, environment: environment, file: nil).settings() }
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
        try Data(file.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let configuration = try ConfigurationFile(FilePath(path.path))
        return try SettingSources(flags: flags, environment: environment, file: configuration).settings()
    }

    private func complaint(
        flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> String {
        let error = try #require(throws: SettingError.self) {
            try settings(flags: flags, environment: environment, file: file)
        }
        return error.description
    }

    @Test("The shipped file names every key and equals the defaults")
    func shippedFile() throws {
        let file = try ConfigurationFile(Self.shipped)
        #expect(Set(Setting.all.filter { file.place(of: $0.key).contains("line") }.map(\.key)) == Set(Setting.all.map(\.key)))
        let read = try SettingSources(flags: [:], environment: [:], file: file).settings()
        for setting in Setting.all {
            #expect(setting.write(read) == setting.write(Settings()), "\(setting.key)")
        }
    }

    /// A value for every key, none of them the default.
    private static let samples = [
        "spool": "/srv/spool", "database": "/srv/rollcall.sqlite", "log.level": "debug", "watch.settle": "20ms",
        "watch.rescan": "5s", "watch.mode": "poll", "watch.program": "/usr/libexec/rollcall/rollcall-watch", "workers": "3",
        "limits.file_bytes": "20971520", "limits.rows": "5000", "limits.batch": "500", "limits.listed": "100", "limits.attempts": "3",
        "undo.keep": "86400s", "unknown_campaign": "refuse", "new_campaign.default_country_code": "+44",
        "new_campaign.default_timezone": "America/New_York", "new_campaign.on_invalid": "skip",
        "redact_numbers": "true", "metrics.textfile": "/var/lib/rollcall/metrics/rollcall.prom", "retention.archive_days": "90",
        "retention.results_days": "30", "retention.compress_after_days": "7", "notify.webhook.url": "https://example.org/hook",
        "notify.webhook.secret_file": "/etc/rollcall/secret", "notify.command": #"["/usr/bin/logger","a b"]"#, "notify.timeout": "5s",
        "api.listen": "[::1]:8080", "api.tls.certificate_file": "/etc/rollcall/c.pem", "api.tls.key_file": "/etc/rollcall/k.pem",
        "api.rate_limit": "5", "api.address_rate_limit": "0", "api.public_metrics": "true",
    ]

    @Test("An address to listen on is numeric, and this machine's where only the port is given", arguments: [
        ("8080", "127.0.0.1:8080"), ("127.0.0.1:8080", "127.0.0.1:8080"), ("[::1]:80", "[::1]:80"), ("0.0.0.0:0", "0.0.0.0:0"),
        ("localhost:8080", "127.0.0.1:8080"), ("::1:80", nil), ("example.com:80", nil), ("127.0.0.1", nil), ("127.0.0.1:65536", nil),
        ("[127.0.0.1]:80", nil), (":80", nil), ("127.0.0.1:-1", nil),
    ])
    func listenAddress(text: String, meaning: String?) {
        #expect(ListenAddress(text)?.text == meaning)
    }

    @Test("Every key can be set by its variable and by a flag", arguments: Setting.all.map(\.key))
    func everyKey(key: String) throws {
        let setting = try #require(Setting.byKey[key])
        let sample = try #require(Self.samples[key])
        #expect(setting.write(Settings()) != sample)
        #expect(setting.write(try settings(environment: [setting.variable: sample])) == sample)
        #expect(setting.write(try settings(flags: [key: sample])) == sample)
    }

    @Test("A flag wins over the environment, which wins over the file, which wins over the default")
    func precedence() throws {
        let file = "limits:\n  rows: 2\n"
        let environment = ["ROLLCALL_LIMITS_ROWS": "3"]
        #expect(try settings().limits.rows == 1000)
        #expect(try settings(file: file).limits.rows == 2)
        #expect(try settings(environment: environment, file: file).limits.rows == 3)
        #expect(try settings(flags: ["limits.rows": "4"], environment: environment, file: file).limits.rows == 4)
    }

    @Test("A file of comments alone leaves the defaults")
    func emptyFile() throws {
        #expect(try settings(file: "# nothing\n").limits.rows == 1000)
    }

    @Test("A wrong file stops the start with a line that names the key, the place and what is right", arguments: [
        ("limits:\n  row: 5\n", ["limits.row ", "line 2", "did you mean limits.rows?"]),
        ("spol: /x\n", ["spol ", "line 1", "did you mean spool?"]),
        ("zebra: 1\n", ["zebra ", "line 1", "is no setting"]),
        ("limits:\n  rows: many\n", ["limits.rows ", "line 2", "takes a whole number from 1 to", "\"many\""]),
        ("limits:\n  rows: 0\n", ["limits.rows ", "\"0\""]),
        ("limits:\n  rows: [1, 2]\n", ["limits.rows ", "not a list"]),
        ("limits:\n  rows:\n    deep: 1\n", ["limits.rows ", "line 2", "one value"]),
        ("watch:\n  settle: 500\n", ["watch.settle ", "500ms", "\"500\""]),
        ("watch:\n  settle: 99999999999999999999h\n", ["watch.settle "]),
        ("unknown_campaign: ignore\n", ["unknown_campaign ", "create or refuse", "\"ignore\""]),
        ("new_campaign:\n  default_timezone: EST5\n", ["new_campaign.default_timezone ", "IANA"]),
        ("new_campaign:\n  default_country_code: Germany\n", ["new_campaign.default_country_code ", "ISO region"]),
        ("spool: ''\n", ["spool ", "a path"]),
        ("spool: /x\nspool: /y\n", ["no YAML"]),
        ("spool: [\n", ["no YAML"]),
        ("- spool\n", ["holds no keys"]),
    ])
    func wrongFile(text: String, parts: [String]) throws {
        let complaint = try complaint(file: text)
        #expect(!complaint.contains("\n"))
        for part in parts { #expect(complaint.contains(part), "\(complaint)") }
    }

    @Test("A wrong variable stops the start and is named")
    func wrongVariable() throws {
        #expect(try complaint(environment: ["ROLLCALL_WORKERS": "all"]).contains("ROLLCALL_WORKERS"))
        #expect(try complaint(environment: ["ROLLCALL_SPOOLS": "/x"]).contains("did you mean ROLLCALL_SPOOL?"))
        #expect(throws: Never.self) { try settings(environment: ["PATH": "/bin", "ROLLCALL_CONFIG": "/x"]) }
    }

    @Test("A file that is not there is named")
    func missingFile() throws {
        let error = try #require(throws: SettingError.self) { try ConfigurationFile("/nowhere/rollcall.yaml") }
        #expect(error.description.contains("/nowhere/rollcall.yaml cannot be read"))
    }
}
