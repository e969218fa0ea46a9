import ContactStore
import Foundation
import HTTPTypes
import Hummingbird
import Ingest
import Logging
import NIOCore
import NIOPosix
import Spool

/// The path of a request: rate → route → who asks → body → handler → answer.
struct Responder: HTTPResponder {
    let api: API
    /// Handlers block on disk and database; a few threads of their own, so that files are never kept waiting for threads.
    let threads: NIOThreadPool
    let addresses: RateLimiter
    let tokens: RateLimiter
    let bodies = BodyBudget(bytes: 64 << 20)

    init(_ api: API, threads: NIOThreadPool) {
        self.api = api
        self.threads = threads
        addresses = RateLimiter(rate: api.settings.addressRate)
        tokens = RateLimiter(rate: api.settings.tokenRate)
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let isHead = request.method == .head
        do {
            return response(try await reply(to: request, context), isHead: isHead)
        } catch let failure as Failure {
            return response(failure.reply, isHead: isHead, ends: failure.endsConnection)
        } catch let error as StoreError {
            return response(unavailable("\(error)", mayPass: error.mayPass), isHead: isHead)
        } catch let error as SpoolError {
            return response(unavailable("\(error)", mayPass: error.isTransient), isHead: isHead)
        } catch {
            return response(unavailable("\(error)", mayPass: false), isHead: isHead)
        }
    }

    /// What hinders the service is for its log; the client learns whether to come again.
    private func unavailable(_ reason: String, mayPass: Bool) -> Reply {
        api.logger.error("api: a request failed: \(reason)")
        if mayPass {
            return Failure(503, "The service cannot store anything at the moment. Nothing was changed; try again later.", headers: [("Retry-After", "5")]).reply
        }
        return Failure(500, "Something went wrong in the service; its log says what.").reply
    }

    private func reply(to request: Request, _ context: Context) async throws -> Reply {
        var call = Call(address: context.address)
        try spend(addresses, call.address, "from this address")
        let target = try Target(request.head.path ?? "/")
        let route: Route
        switch Route.find(request.method.rawValue, target.segments) {
        case .none: throw Failure(404, "There is nothing at this path.")
        case .otherMethods(let methods):
            throw Failure(405, "This path takes \(methods.joined(separator: ", ")).", headers: [("Allow", methods.joined(separator: ", "))])
        case .found(let found, let parameters): (route, call.path) = (found, parameters)
        }
        call.query = target.query
        call.isForwarded = request.headers[Header.forwarded] != nil || request.headers[Header.forwardedFor] != nil
        call.idempotencyKey = request.headers[Header.idempotencyKey]
        if let scope = route.scope { call.caller = try await caller(request, scope) }
        if route.path.isEmpty || route.scope == nil, let page = notModified(request, route, call) { return page }
        guard let handle = route.handle else { return try await upload(request, call) }
        guard route.body == .json else { return try await blocking { [call] in try handle(api, call) } }
        let share = bodies.share()
        call.body = try await json(request, share)
        return try await blocking { [call] in
            defer { share.giveBack() }
            return try handle(api, call)
        }
    }

    private func notModified(_ request: Request, _ route: Route, _ call: Call) -> Reply? {
        guard let known = request.headers[.ifNoneMatch], let reply = try? route.handle?(api, call),
            let tag = reply.headers.first(where: { $0.name == "ETag" }), known.contains(tag.value)
        else { return nil }
        var none = Reply(304, type: "", [])
        none.headers = [tag]
        return none
    }

    private func spend(_ limiter: RateLimiter, _ key: String, _ whose: String) throws {
        guard let seconds = limiter.take(key) else { return }
        throw Failure(429, "Too many requests \(whose).", headers: [("Retry-After", "\(seconds)")])
    }

    func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await threads.runIfActive(body)
    }

    // MARK: Who asks

    private func caller(_ request: Request, _ scope: Scope) async throws -> Caller {
        let challenge = [(name: "WWW-Authenticate", value: "Bearer")]
        let header = request.headers[.authorization] ?? ""
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let token = BearerToken(parts[1].trimmingCharacters(in: .whitespaces)) else {
            throw Failure(401, "A bearer token is needed: Authorization: Bearer TOKEN.", headers: challenge)
        }
        let stored = try await blocking { [store = api.store] in try store().token(token.id) }
        guard let stored, token.matches(stored), stored.revokedAt == nil else {
            throw Failure(401, "The token is not valid.", headers: challenge)
        }
        // Not before: whoever knows but its id must not use up what its owner may do.
        try spend(tokens, stored.id, "with this token")
        guard let org = request.headers[Header.org] else { throw Failure(403, "The header X-Anyreach-Org is missing.") }
        guard org == stored.org else { throw Failure(403, "The token is not for this organisation.") }
        let allowed = stored.scopes.contains(Scope.manage.rawValue) || stored.scopes.contains(scope.rawValue)
        guard allowed else { throw Failure(403, "The token does not have the scope \(scope.rawValue).") }
        return Caller(
            token: stored.id, scopes: stored.scopes, access: CampaignAccess(org: stored.org, campaigns: stored.campaigns))
    }
}

extension Responder {
    struct Context: RequestContext, InitializableFromSource {
        var coreContext: CoreRequestContextStorage
        let address: String

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            address = source.channel.remoteAddress?.ipAddress ?? "unknown"
        }
    }

    fileprivate enum Header {
        static let org = HTTPField.Name("X-Anyreach-Org")!
        static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
        static let forwarded = HTTPField.Name("Forwarded")!
        static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    }
}
