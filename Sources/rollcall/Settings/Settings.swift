import Contacts
import Ingest
import Logging
import SystemPackage

/// Everything that can be set, with its default.
///
/// `Setting.all` names each of them once more, with its key: a value that is not there cannot be set.
struct Settings: Sendable {
    var spool = FilePath("/var/lib/rollcall/spool")
    var database = FilePath("/var/lib/rollcall/rollcall.sqlite")
    var logLevel = Logger.Level.info
    /// How long a file must lie untouched before it is taken.
    var settle = Duration.milliseconds(500)
    /// How often the folders are read without any event.
    var rescan = Duration.seconds(60)
    var watchMode = WatchMode.events
    /// `nil`: beside the running program, else in its `../libexec/rollcall`.
    var watchProgram: FilePath?
    /// Files in hand at the same time; 0 stands for six a processor core, since most of them wait for the disk.
    var workers = 0
    /// How often a file is tried, when something of Rollcall's own goes wrong with it, before it is set aside.
    var attempts = 10
    var limits = Limits()
    /// How long an ingest can be undone; zero keeps nothing.
    var undoKeep = Duration.seconds(7 * 86_400)
    var unknownCampaign = ImportSettings.UnknownCampaign.create
    var newCampaign = NewCampaign()
    /// Whether manifests show phone numbers in part only.
    var redactsNumbers = false
    /// Where Prometheus' node exporter finds the figures; `nil`: nowhere.
    var metricsFile: FilePath?
    var retention = Retention()
    var notify = Notify()
    var api = APIListener()

    /// The contacts API and the upload page.
    struct APIListener: Sendable {
        /// `nil`: no port is opened.
        var listen: ListenAddress?
        var certificateFile: FilePath?
        var keyFile: FilePath?
        /// Requests a second, for each token and from each address; 0: any number.
        var rateLimit = 50
        var addressRateLimit = 200
        /// Whether `/metrics` answers others than this machine.
        var hasPublicMetrics = false
    }

    /// How many days files are kept; 0: for ever, or never compressed.
    struct Retention: Sendable {
        var archiveDays = 0
        var resultsDays = 0
        var compressAfterDays = 0
    }

    /// Who is told of each finished ingest.
    struct Notify: Sendable {
        var webhook: String?
        var secretFile: FilePath?
        /// A program and its arguments; empty: none.
        var command: [String] = []
        /// How long an answer, or the program, may take.
        var timeout = Duration.seconds(30)
    }

    /// How files are noticed.
    enum WatchMode: String, CaseIterable, Sendable {
        /// By the kernel's events, and a look at the folders from time to time.
        case events
        /// By the look alone: for file systems that give no events.
        case poll
    }

    /// What a campaign starts with when nobody says otherwise.
    struct NewCampaign: Sendable {
        /// As it is written: an ISO region or a calling code.
        var defaultCountryCode: String?
        var defaultTimezone: String?
        var onInvalid = InvalidRowPolicy.refuse
    }
}

/// One key of the configuration: its name, what it takes, and where in `Settings` it goes.
struct Setting: Sendable {
    /// Dotted, as the file nests it: `limits.rows`.
    let key: String
    /// Completes "takes …" in an error message.
    let takes: String
    /// Stores the text's meaning; `false` when it has none.
    let read: @Sendable (String, inout Settings) -> Bool
    let write: @Sendable (Settings) -> String
    let isList: Bool

    init<Value>(
        _ key: String, _ form: SettingForm<Value>, _ path: any WritableKeyPath<Settings, Value> & Sendable
    ) {
        self.key = key
        takes = form.takes
        isList = form.isList
        read = { text, settings in
            guard let value = form.parse(text) else { return false }
            settings[keyPath: path] = value
            return true
        }
        write = { form.print($0[keyPath: path]) }
    }

    /// Every key, in the order of `Config/rollcall.yaml`.
    static let all = [
        Setting("spool", .path, \.spool),
        Setting("database", .path, \.database),
        Setting("log.level", .choice, \.logLevel),
        Setting("watch.settle", .duration(upTo: .seconds(3600)), \.settle),
        Setting("watch.rescan", .duration(upTo: .seconds(86_400)), \.rescan),
        Setting("watch.mode", .choice, \.watchMode),
        Setting("watch.program", .optionalPath, \.watchProgram),
        Setting("workers", .count(0...256), \.workers),
        Setting("limits.file_bytes", .count(1...1_000_000_000_000), \.limits.fileBytes),
        Setting("limits.rows", .count(1...1_000_000_000), \.limits.rows),
        Setting("limits.batch", .count(1...1000), \.limits.batch),
        Setting("limits.listed", .count(0...10_000), \.limits.listed),
        Setting("limits.attempts", .count(1...1_000_000), \.attempts),
        Setting("undo.keep", .duration(upTo: .seconds(366 * 86_400)), \.undoKeep),
        Setting("unknown_campaign", .choice, \.unknownCampaign),
        Setting("new_campaign.default_country_code", .countryCode, \.newCampaign.defaultCountryCode),
        Setting("new_campaign.default_timezone", .timezone, \.newCampaign.defaultTimezone),
        Setting("new_campaign.on_invalid", .choice, \.newCampaign.onInvalid),
        Setting("redact_numbers", .flag, \.redactsNumbers),
        Setting("metrics.textfile", .textfile, \.metricsFile),
        Setting("retention.archive_days", .count(0...36_500), \.retention.archiveDays),
        Setting("retention.results_days", .count(0...36_500), \.retention.resultsDays),
        Setting("retention.compress_after_days", .count(0...36_500), \.retention.compressAfterDays),
        Setting("notify.webhook.url", .webURL, \.notify.webhook),
        Setting("notify.webhook.secret_file", .optionalPath, \.notify.secretFile),
        Setting("notify.command", .command, \.notify.command),
        Setting("notify.timeout", .duration(upTo: .seconds(3600)), \.notify.timeout),
        Setting("api.listen", .listenAddress, \.api.listen),
        Setting("api.tls.certificate_file", .optionalPath, \.api.certificateFile),
        Setting("api.tls.key_file", .optionalPath, \.api.keyFile),
        Setting("api.rate_limit", .count(0...1_000_000), \.api.rateLimit),
        Setting("api.address_rate_limit", .count(0...1_000_000), \.api.addressRateLimit),
        Setting("api.public_metrics", .flag, \.api.hasPublicMetrics),
    ]

    static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The variable that sets it: `ROLLCALL_LIMITS_ROWS`.
    var variable: String { "ROLLCALL_" + key.uppercased().replacing(".", with: "_") }
}
