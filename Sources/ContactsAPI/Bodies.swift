import Contacts
import Foundation
import HTTPTypes
import Hummingbird
import Ingest
import NIOCore

/// How bodies come in and go out.
extension Responder {
    /// The whole body of a JSON request. Throws 408, 413, 415 and 503.
    func json(_ request: Request, _ share: BodyBudget.Share) async throws -> [UInt8] {
        if let type = request.headers[.contentType], !Self.isJSON(type) {
            throw Failure(415, "The body must be JSON: Content-Type: application/json.").endingConnection
        }
        let limit = max(api.imports().limits.fileBytes, 10_485_760)
        try expect(request, atMost: limit)
        return try await within(api.settings.bodyTimeout) {
            var body: [UInt8] = []
            for try await piece in request.body {
                guard body.count + piece.readableBytes <= limit else { throw Self.tooLarge(limit) }
                guard share.take(piece.readableBytes) else { throw Self.tooMany }
                body += piece.readableBytesView
            }
            return body
        }
    }

    private static func isJSON(_ type: String) -> Bool {
        let media = type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        return media == "application/json" || media.hasSuffix("+json")
    }

    /// A file's body, straight to the disk.
    func upload(_ request: Request, _ call: Call) async throws -> Reply {
        let upload: FileUpload
        do { upload = try await blocking { [api] in try FileUpload(api, call) } } catch let failure as Failure {
            throw failure.endingConnection
        }
        do {
            try expect(request, atMost: upload.limit)
            try await within(api.settings.bodyTimeout * 10) {
                var count = 0
                for try await piece in request.body {
                    count += piece.readableBytes
                    guard count <= upload.limit else { throw Self.tooLarge(upload.limit) }
                    try await blocking { try piece.withUnsafeReadableBytes { try upload.append($0) } }
                }
                guard count > 0 else { throw Failure(422, "The file is empty.") }
            }
            return try await blocking { try upload.finish() }
        } catch {
            upload.cancel()
            throw error
        }
    }

    private func expect(_ request: Request, atMost limit: Int) throws {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw Self.tooLarge(limit) }
    }

    private static func tooLarge(_ limit: Int) -> Failure {
        Failure(413, "The body is larger than the \(limit) bytes allowed.").endingConnection
    }

    private static let tooMany = Failure(
        503, "Too many large requests are in hand; try again later.", headers: [("Retry-After", "1")]).endingConnection

    /// Throws 408 when it takes longer.
    private func within<T: Sendable>(_ time: Duration, _ body: @escaping @Sendable () async throws -> T) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: time)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                throw Failure(408, "The body did not come in time.").endingConnection
            }
            return value
        }
    }
}

extension Failure {
    /// The rest of the body is not read: after the answer the connection is closed.
    var endingConnection: Failure {
        var failure = self
        failure.headers.append(("Connection", "close"))
        return failure
    }

    var endsConnection: Bool { headers.contains { $0.name == "Connection" } }
}

extension Responder {
    private struct ConnectionEnded: Error {}

    func response(_ reply: Reply, isHead: Bool, ends: Bool = false) -> Response {
        var headers = HTTPFields()
        for (name, value) in Self.always + reply.headers where !value.isEmpty {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        if api.settings.certificateFile != nil { headers[.strictTransportSecurity] = "max-age=31536000" }
        let status = HTTPResponse.Status(code: reply.status)
        if reply.status == 204 || reply.status == 304 {
            headers[.contentType] = nil
            return Response(status: status, headers: headers)
        }
        headers[.contentLength] = "\(reply.body.count)"
        if isHead { return Response(status: status, headers: headers) }
        let bytes = ByteBuffer(bytes: reply.body)
        guard ends else { return Response(status: status, headers: headers, body: .init(byteBuffer: bytes)) }
        // A moment for the client to read the answer: closing on unread bytes would reset the connection.
        return Response(
            status: status, headers: headers,
            body: .init(contentLength: reply.body.count) { writer in
                try await writer.write(bytes)
                try await writer.finish(nil)
                try? await Task.sleep(for: .seconds(1))
                throw ConnectionEnded()
            })
    }

    private static let always: [(name: String, value: String)] = [
        ("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ]
}
