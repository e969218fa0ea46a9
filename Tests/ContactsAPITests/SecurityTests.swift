import AsyncHTTPClient
@testable import ContactsAPI
import ContactStore
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import SystemPackage
import Testing

@Suite("Security")
struct SecurityTests {
    @Test("A token is read as it was written, and the store has nothing of its secret")
    func tokens() throws {
        let token = BearerToken.make()
        #expect(BearerToken(token.text)?.id == token.id)
        for text in ["", "rollcall_", "rollcall__", "rollcall_a_b", token.text + "x", String(token.text.dropLast()), "other_" + token.text] {
            #expect(BearerToken(text) == nil, "\(text)")
        }
        let secret = String(token.text.split(separator: "_", maxSplits: 2)[2])
        let stored = token.stored(org: "acme", scopes: [.read], campaigns: nil)
        #expect(stored.hash.count == 32 && stored.salt.count == 16)
        #expect(!Data(stored.hash).base64EncodedString().hasPrefix(secret.prefix(8)))
        #expect(token.stored(org: "acme", scopes: [.read], campaigns: nil).hash != stored.hash, "each has a salt of its own")
    }

    @Test("Every answer forbids scripts of others, frames, guesses and caches; no cookie is set, no other site is let in")
    func headers() async throws {
        try await TestServer.with { server in
            for path in ["/", "/health", "/campaign/campaigns", "/nothing"] {
                let answer = try await server.send("GET", path, headers: ["Origin": "https://evil.example"])
                let policy = answer.headers["Content-Security-Policy"].first ?? ""
                #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "\(path)")
                #expect(answer.headers["X-Content-Type-Options"] == ["nosniff"] && answer.headers["X-Frame-Options"] == ["DENY"])
                #expect(answer.headers["Set-Cookie"].isEmpty && answer.headers["Access-Control-Allow-Origin"].isEmpty)
                #expect(!answer.headers["Cache-Control"].isEmpty, "\(path)")
            }
        }
    }

    @Test("Every file of the page is served with its type and a tag that spares sending it twice")
    func page() async throws {
        let folder = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().appending("Sources/ContactsAPI/Page")
        let types = ["html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "png": "image/png"]
        try await TestServer.with { server in
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.string) {
                let path = name == "index.html" ? "/" : "/\(name)"
                let answer = try await server.send("GET", path, headers: ["Authorization": ""])
                #expect(answer.status == 200, "\(name) has no line in Page.files")
                #expect(answer.body == FileManager.default.contents(atPath: folder.appending(name).string), "\(name)")
                let type = try #require(types[FilePath(name).extension ?? ""], "\(name): say here what its type is")
                #expect(answer.headers["Content-Type"].first?.hasPrefix(type) == true, "\(name)")
                let tag = try #require(answer.headers["ETag"].first)
                #expect(try await server.send("GET", path, headers: ["If-None-Match": tag]).status == 304, "\(name)")
            }
        }
    }

    @Test("Too many requests of a token or an address are told to come later")
    func rates() async throws {
        for byToken in [true, false] {
            try await TestServer.with(setting: { settings, _ in
                if byToken { settings.tokenRate = 1 } else { settings.addressRate = 1 }
            }) { server in
                var statuses: [Int] = []
                var last: TestServer.Answer?
                for _ in 0..<20 where statuses.last != 429 {
                    last = try await server.send("GET", "/campaign/limits")
                    statuses.append(last?.status ?? 0)
                }
                #expect(statuses.first == 200 && statuses.last == 429, "\(statuses)")
                #expect(last?.headers["Retry-After"] == ["1"])
                if byToken {
                    let other = try TestServer.token(in: server.store)
                    #expect(try await server.send("GET", "/campaign/limits", headers: ["Authorization": "Bearer \(other)"]).status == 200)
                }
            }
        }
    }

    @Test("Bodies that are in memory at once are bounded, and what is given back counts no more")
    func budget() {
        let budget = BodyBudget(bytes: 100)
        let first = budget.share()
        #expect(first.take(60) && first.take(40))
        #expect(!budget.share().take(1))
        first.giveBack()
        do { #expect(budget.share().take(100)) }
        #expect(budget.share().take(100), "one that is gone has given back")
    }

    @Test("A body that does not come is given up")
    func slowBody() async throws {
        try await TestServer.with(setting: { settings, _ in settings.bodyTimeout = .milliseconds(200) }) { server in
            let (stalled, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
            continuation.yield(ByteBuffer(string: "{"))
            let answer = try await server.send("POST", "/campaign/campaigns/leads/contacts", .stream(stalled, length: .known(Int64(1000))))
            continuation.finish()
            #expect(answer.status == 408, "\(answer.text)")
        }
    }

    @Test("The metrics are for this machine, and not for who comes through its proxy")
    func metrics() async throws {
        try await TestServer.with { server in
            let local = try await server.send("GET", "/metrics", headers: ["Authorization": ""])
            #expect(local.text == "rollcall_up 1\n")
            let forwarded = try await server.send("GET", "/metrics", headers: ["X-Forwarded-For": "203.0.113.7"])
            #expect(forwarded.status == 403)
        }
    }

    @Test("It speaks TLS by certificate files")
    func tls() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollcall-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        var trust = TLSConfiguration.makeClientConfiguration()
        trust.trustRoots = .file(certificate)
        try await TestServer.with(setting: { settings, _ in
            (settings.certificateFile, settings.keyFile) = (FilePath(certificate), FilePath(key))
        }, trusting: .init(tlsConfiguration: trust)) { server in
            let answer = try await server.send("GET", "/health")
            #expect(answer.status == 200 && !answer.headers["Strict-Transport-Security"].isEmpty)
        }
    }
}
