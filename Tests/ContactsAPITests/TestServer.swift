import AsyncHTTPClient
import Contacts
import ContactsAPI
import ContactStore
import Foundation
import Ingest
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import PhoneNumbers
import Spool
import Synchronization
import SystemPackage
import Testing

/// The API on a free port of this machine, over a spool and a store of its own. Uploaded files are worked on at once.
struct TestServer: Sendable {
    let root: URL
    let folders: SpoolFolders
    let store: ContactStore
    let client: HTTPClient
    let address: String
    /// Of the organisation acme, for everything.
    let token: String

    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let body: Data

        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:] }
        var detail: String { json["detail"] as? String ?? "" }
        func string(_ name: String) -> String? { json[name] as? String }
        func int(_ name: String) -> Int? { json[name] as? Int }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Runs `body` while the API serves a campaign `leads` of no organisation, in the US.
    static func with(
        setting change: (inout APISettings, inout ImportSettings) -> Void = { _, _ in }, trusting: HTTPClient.Configuration = .init(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "rollcall-\(UUID().uuidString)")
        let folders = SpoolFolders(root: FilePath(root.appending(path: "spool").path))
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        try folders.prepare()
        let store = try ContactStore(at: root.appending(path: "store.sqlite").path)
        var settings = APISettings()
        (settings.tokenRate, settings.addressRate) = (0, 0)
        var imports = ImportSettings()
        imports.newCampaign.defaultRegion = RegionCode("US")
        change(&settings, &imports)
        let importer = FileImporter(store: store, folders: folders, settings: imports)
        let api = API(
            store: { store }, folders: folders, imports: { [imports] in imports },
            takeUp: { id in if let claim = (try? Claim.reopen(id: id, in: folders)) ?? nil { _ = try? importer.run(claim) } },
            metricsText: { "rollcall_up 1\n" }, settings: settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try store.create(Campaign(key: "leads", defaultRegion: RegionCode("US")))
        let ports = AsyncStream.makeStream(of: Int.self)
        let service = Task { try await APIService(api) { ports.continuation.yield($0) }.run() }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: trusting)
        let deadline = Task {
            try await Task.sleep(for: .seconds(60))
            ports.continuation.finish()
        }
        let port = try #require(await ports.stream.first { _ in true })
        deadline.cancel()
        let scheme = settings.certificateFile == nil ? "http" : "https"
        let server = TestServer(
            root: root, folders: folders, store: store, client: client, address: "\(scheme)://127.0.0.1:\(port)",
            token: try Self.token(in: store))
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        service.cancel()
        _ = await service.result
        try await client.shutdown()
        try result.get()
    }

    static func token(
        in store: ContactStore, org: String = "acme", _ scopes: Set<Scope> = [.manage], campaigns: Set<String>? = nil
    ) throws -> String {
        let token = BearerToken.make()
        try store.add(token.stored(org: org, scopes: scopes, campaigns: campaigns))
        return token.text
    }

    /// Sends a request as acme, unless `headers` say otherwise; a header set to nothing is not sent.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(method, path, body.map { .bytes(ByteBuffer(string: $0)) }, headers: headers)
    }

    func send(
        _ method: String, _ path: String, _ body: HTTPClientRequest.Body?, headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        request.method = HTTPMethod(rawValue: method)
        var all = ["Authorization": "Bearer \(token)", "X-Anyreach-Org": "acme"]
        if body != nil { all["Content-Type"] = "application/json" }
        for (name, value) in all.merging(headers, uniquingKeysWith: { $1 }) where !value.isEmpty { request.headers.add(name: name, value: value) }
        request.body = body
        let response = try await client.execute(request, timeout: .seconds(30))
        let buffer = try await response.body.collect(upTo: 1 << 26)
        return Answer(status: Int(response.status.code), headers: response.headers, body: Data(buffer.readableBytesView))
    }

    var processing: [String] { (try? Claim.ids(in: folders)) ?? [] }
}
