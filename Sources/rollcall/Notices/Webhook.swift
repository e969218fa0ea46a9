import AsyncHTTPClient
import ContactStore
import Contacts
import Foundation
import Ingest
import NIOCore
import NIOHTTP1
import SystemPackage

/// Posts manifests to a URL.
struct Webhook: Sendable {
    /// The other side did not take it.
    struct Refused: Error, CustomStringConvertible {
        let status: UInt
        var description: String { "it answered \(status)" }
    }

    let url: String
    /// `nil`: nothing is signed.
    let secret: [UInt8]?
    let timeout: Duration
    let client: HTTPClient

    /// Throws when the answer is no success (2xx), or there is none. A redirection is none: it would lead the contacts'
    /// numbers to another place than the one that was set.
    func deliver(_ notice: Notice, at now: Date = Date()) async throws {
        let body = Array(notice.manifest.utf8)
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = [
            "Content-Type": "application/json", "User-Agent": "rollcall/\(RollcallVersion.current)",
            "X-Rollcall-Ingest": notice.ingest.text,
        ]
        if let secret {
            let time = Int64(now.timeIntervalSince1970)
            request.headers.add(name: WebhookSignature.header, value: WebhookSignature(of: body, secret: secret, time: time).text)
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
        guard (200..<300).contains(response.status.code) else { throw Refused(status: response.status.code) }
        // The connection is used again only when the answer was read.
        _ = try? await response.body.collect(upTo: 1 << 16)
    }
}

extension Webhook {
    static let client = HTTPClient.Configuration(redirectConfiguration: .disallow)

    /// - Throws: `SettingError` when the secret cannot be read.
    init?(_ settings: Settings, _ client: HTTPClient?) throws {
        guard let url = settings.notify.webhook, let client else { return nil }
        self.init(
            url: url, secret: try settings.webhookSecret(), timeout: settings.notify.timeout, client: client)
    }
}

extension Settings {
    /// What is in `notify.webhook.secret_file`, else in systemd's credential "webhook-secret", without line ends around it;
    /// `nil` when neither is there.
    ///
    /// - Throws: `SettingError`.
    func webhookSecret(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> [UInt8]? {
        let credential = environment["CREDENTIALS_DIRECTORY"].map { FilePath($0).appending("webhook-secret") }
            .flatMap { FileManager.default.fileExists(atPath: $0.string) ? $0 : nil }
        guard let path = notify.secretFile ?? credential else { return nil }
        guard let text = try? String(contentsOfFile: path.string, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        else { throw SettingError("notify.webhook.secret_file: \(path) cannot be read as text") }
        guard text.utf8.count >= 16 else {
            throw SettingError("notify.webhook.secret_file: the secret in \(path) has less than 16 bytes; make one: openssl rand -hex 32")
        }
        return Array(text.utf8)
    }
}
