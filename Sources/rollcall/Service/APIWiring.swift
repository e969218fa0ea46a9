import ContactsAPI
import ContactStore
import Foundation
import Ingest
import Logging
import SystemPackage

extension Settings {
    /// The API over a serving spool; `nil` when it is not to listen. Throws `SettingError`.
    func apiService(
        _ ingest: IngestService, _ store: CurrentStore, _ registry: PrometheusRegistry, _ metrics: ServiceMetrics, _ logger: Logger
    ) throws -> APIService? {
        guard let listen = api.listen else { return nil }
        if (api.certificateFile == nil) != (api.keyFile == nil) {
            throw SettingError("api.tls.certificate_file and api.tls.key_file are set together or not at all")
        }
        if api.certificateFile == nil, !listen.isLoopback {
            logger.warning("the API listens without TLS on an address that others reach: put a proxy with TLS before it, or set api.tls")
        }
        var settings = APISettings()
        (settings.host, settings.port) = (listen.host, listen.port)
        (settings.certificateFile, settings.keyFile) = (api.certificateFile, api.keyFile)
        (settings.tokenRate, settings.addressRate) = (api.rateLimit, api.addressRateLimit)
        settings.hasPublicMetrics = api.hasPublicMetrics
        return APIService(
            API(
                store: { store.value }, folders: folders, imports: { ingest.settings }, takeUp: { ingest.takeUp(claim: $0) },
                metricsText: { registry.prometheusText() }, metrics: metrics, settings: settings, logger: logger))
    }
}
