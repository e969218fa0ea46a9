import ArgumentParser
import AsyncHTTPClient
import ContactStore
import CoreMetrics
import Ingest
import Logging
import ServiceLifecycle
import Spool
import SystemPackage
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Serve the spool: import every file that is dropped there.",
        discussion: """
            Watches the campaigns' folders under the spool, those there are and those to come, and takes each file when \
            it is complete: no writer has it open, its name is not a temporary one, and it has been quiet for \
            watch.settle. SIGTERM and SIGINT finish the batch in hand and exit with 0; what is not finished then, or was \
            not when the machine stopped, goes on at the next start. SIGHUP reads the settings again; bad ones are \
            refused and the old ones kept.

            FOLDERS
              SPOOL/<campaign>/           drop files here
              SPOOL/<campaign>/check/     drop here for a dry run: a manifest, nothing stored
              SPOOL/<campaign>/results/   manifests and rejected rows
              SPOOL/<campaign>/archive/   the originals, once done with

            EXAMPLES
              rollcall run
              rollcall run --spool /srv/spool --database /srv/rollcall.sqlite --log-level debug
              rollcall run --once
            """)

    @Flag(help: "Import what lies in the spool, then exit.")
    var once = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    /// Asks, before there is a thread, whether the limits leave the memory that the service takes. Where they do not,
    /// says so in one line, and in what `rollcall status` reads; where they do, has what is left of it watched.
    ///
    /// - Throws: `ExitCode` after saying so; `SettingError`.
    func require(_ limits: MemoryLimits) throws {
        // By the defaults first: to read the settings takes memory, too.
        var shortage = limits.shortage(for: Settings().memoryNeed)
        if let shortage { Output.complain(shortage) }
        do {
            let settings = try options.settings()
            if shortage == nil {
                shortage = limits.shortage(for: settings.memoryNeed)
                if let shortage { Output.complain(shortage) }
            }
            if let shortage { ServiceState.refuse(shortage, in: settings.folders) }
        } catch where shortage != nil {}
        if shortage != nil { throw ExitCode(Status.noMemory) }
        MemoryGuard.start(limits)
    }

    func run() async throws {
        let settings = try options.settings()
        // Its threads are for those alone who want it.
        let client = settings.notify.webhook.map { _ in HTTPClient(configuration: Webhook.client) }
        do { try await serve(settings, client) } catch {
            try? await client?.shutdown()
            throw error
        }
        try await client?.shutdown()
    }

    private func serve(_ settings: Settings, _ client: HTTPClient?) async throws {
        let logger = settings.logger
        let reporter = ServiceReporter(SystemdNotifier())
        let registry = PrometheusRegistry(ServiceMetrics.catalog)
        MetricsSystem.bootstrap(registry)
        let metrics = ServiceMetrics()
        metrics.begin()
        var serviceOptions = try settings.serviceOptions()
        serviceOptions.metrics = metrics
        serviceOptions.report = { reporter.take($0) }
        serviceOptions.reportInterval = reporter.interval
        logger.notice("\(Version.text)", metadata: ["spool": "\(settings.spool)", "database": "\(settings.database)"])
        let store = CurrentStore(once ? try settings.store() : try await settings.awaitedStore(logger))
        let ingest = IngestService(
            store: store.value, folders: settings.folders, settings: try settings.importSettings(),
            options: serviceOptions, logger: logger)
        let reload = ReloadService(ingest: ingest, reporter: reporter, settings: settings, options: options, logger: logger)
        let housekeeping = HousekeepingService(store: store, settings: settings, metrics: metrics, logger: logger)
        let textfile = MetricsService(registry: registry, metrics: metrics, store: store, file: settings.metricsFile, logger: logger)
        let spool = SpoolService(
            ingest: ingest, store: store, once: once, settings: settings, reporter: reporter, logger: logger)
        try? store.value.removeOtherNotices()
        let notices = try NoticeService.all(settings, client, store, metrics, logger)
        // In this order they start; they stop in the other, the metrics after all that is measured.
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: textfile, serviceName: "metrics"),
            .init(service: reload, serviceName: "reload"),
            .init(service: housekeeping, serviceName: "housekeeping"),
        ]
        if !once, let api = try settings.apiService(ingest, store, registry, metrics, logger) {
            services.append(.init(service: api, serviceName: "api"))
        }
        services += notices.map { .init(service: $0, serviceName: $0.channel.rawValue) }
        services.append(.init(service: spool, successTerminationBehavior: .gracefullyShutdownGroup, serviceName: "spool"))
        let group = ServiceGroup(
            configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        logger.notice("stopped")
    }
}
