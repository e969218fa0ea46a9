import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import SystemPackage

/// Serves the contacts API and the upload page until it is told to stop; requests in hand are finished.
package struct APIService: Service {
    private let api: API
    private let onRunning: @Sendable (Int) -> Void
    /// How many work on requests, beside one a core that reads and writes them.
    package static let threads = 16
    /// How long requests in hand may go on when the service stops.
    private static let grace = Duration.seconds(5)

    /// - Parameter onRunning: gets the port, once it is open.
    package init(_ api: API, onRunning: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.api = api
        self.onRunning = onRunning
    }

    /// Throws when the port cannot be opened, or a certificate file cannot be read.
    package func run() async throws {
        let threads = NIOThreadPool(numberOfThreads: Self.threads)
        threads.start()
        let result: Result<Void, any Error>
        do { result = .success(try await serve(threads)) } catch { result = .failure(error) }
        try? await threads.shutdownGracefully()
        try result.get()
    }

    private func serve(_ threads: NIOThreadPool) async throws {
        let settings = api.settings
        var quiet = api.logger
        quiet.logLevel = max(.warning, quiet.logLevel)
        let application = Application(
            responder: Responder(api, threads: threads), server: try server(),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(settings.connections)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? settings.port
                api.logger.notice("the API listens", metadata: ["address": "\(settings.host)", "port": "\(port)"])
                onRunning(port)
            },
            logger: quiet)
        do { try await run(application) } catch let error as IOError {
            throw APIStartError(description: "api.listen: \(settings.host), port \(settings.port) cannot be opened: \(error)")
        }
    }

    /// Requests in hand get a while to end; whoever is slower then must not hold up the stop.
    private func run(_ application: some Service) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await application.run()
                return true
            }
            group.addTask {
                try? await gracefulShutdown()
                try? await Task.sleep(for: Self.grace)
                return false
            }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }

    private func server() throws -> HTTPServerBuilder {
        let idle = TimeAmount.nanoseconds(Int64(api.settings.idleTimeout / .nanoseconds(1)))
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                idleTimeout: idle,
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 64 * 1024, maxHeaderListSize: 80 * 1024, maxHeaderFieldCount: 100)))
        guard let certificate = api.settings.certificateFile, let key = api.settings.keyFile else { return http }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate.string).map { NIOSSLCertificateSource.certificate($0) }
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key.string, format: .pem)))
            tls.minimumTLSVersion = .tlsv12
            return try .tls(http, tlsConfiguration: tls)
        } catch {
            throw APIStartError(description: "api.tls: \(certificate) and \(key) are no PEM files that can be read: \(error)")
        }
    }
}

/// Why the API cannot serve: one line that names the setting.
struct APIStartError: Error, CustomStringConvertible {
    let description: String
}
