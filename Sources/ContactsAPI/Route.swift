import Foundation

/// One path and method: who may call it, what it takes, and who answers.
struct Route: Sendable {
    enum Body: Sendable { case none, json }

    let method: String
    /// `{name}` stands for one segment.
    let path: [String]
    /// `nil`: nobody has to say who they are.
    let scope: Scope?
    let body: Body
    /// Runs off the event loops, and may block; `nil` where a file's body goes to the disk as it comes.
    let handle: (@Sendable (API, Call) throws -> Reply)?

    init(
        _ method: String, _ path: String, _ scope: Scope?, body: Body = .none,
        _ handle: (@Sendable (API, Call) throws -> Reply)?
    ) {
        self.method = method
        self.path = path.split(separator: "/").map(String.init)
        self.scope = scope
        self.body = body
        self.handle = handle
    }

    /// The path's parameters; `nil` when it is another path.
    func parameters(of segments: [String]) -> [String: String]? {
        guard segments.count == path.count else { return nil }
        var parameters: [String: String] = [:]
        for (own, given) in zip(path, segments) {
            if own.hasPrefix("{") { parameters[String(own.dropFirst().dropLast())] = given } else if own != given { return nil }
        }
        return parameters
    }

    static let all: [Route] = [
        Route("GET", "/health", nil, Meta.health),
        Route("GET", "/metrics", nil, Meta.metrics),
        Route("GET", "/openapi.json", nil, Meta.openAPI),
        Route("GET", "/campaign/timezones", .read, Meta.timezones),
        Route("GET", "/campaign/limits", .read, Meta.limits),
        Route("GET", "/campaign/campaigns", .read, Campaigns.list),
        Route("POST", "/campaign/campaigns", .manage, body: .json, Campaigns.create),
        Route("GET", "/campaign/campaigns/{campaign_id}", .read, Campaigns.show),
        Route("PATCH", "/campaign/campaigns/{campaign_id}", .manage, body: .json, Campaigns.change),
        Route("POST", "/campaign/campaigns/{campaign_id}/start", .manage, Campaigns.start),
        Route("POST", "/campaign/campaigns/{campaign_id}/pause", .manage, Campaigns.pause),
        Route("POST", "/campaign/campaigns/{campaign_id}/close", .manage, Campaigns.close),
        Route("POST", "/campaign/campaigns/{campaign_id}/reopen", .manage, Campaigns.reopen),
        Route("GET", "/campaign/campaigns/{campaign_id}/stats", .read, Campaigns.stats),
        Route("POST", "/campaign/campaigns/{campaign_id}/contacts", .manage, body: .json, CampaignContacts.add),
        Route("GET", "/campaign/campaigns/{campaign_id}/contacts", .read, CampaignContacts.list),
        Route("GET", "/campaign/campaigns/{campaign_id}/contacts/{contact_id}", .read, CampaignContacts.show),
        Route("PATCH", "/campaign/campaigns/{campaign_id}/contacts/{contact_id}", .manage, body: .json, CampaignContacts.change),
        Route("DELETE", "/campaign/campaigns/{campaign_id}/contacts/{contact_id}", .manage, CampaignContacts.delete),
        Route("POST", "/campaign/campaigns/{campaign_id}/files", .manage, nil),
        Route("GET", "/campaign/ingests", .read, Ingests.list),
        Route("GET", "/campaign/ingests/{ingest_id}", .read, Ingests.show),
        Route("GET", "/campaign/ingests/{ingest_id}/rejected", .read, Ingests.rejected),
    ] + Page.files.map { file in Route("GET", file.path, nil) { _, _ in file.reply } }

    enum Match {
        case found(Route, [String: String])
        /// The path is known, and takes these methods.
        case otherMethods([String])
        case none
    }

    static func find(_ method: String, _ segments: [String]) -> Match {
        var methods: [String] = []
        for route in all {
            guard let parameters = route.parameters(of: segments) else { continue }
            if route.method == method || (method == "HEAD" && route.method == "GET") { return .found(route, parameters) }
            methods.append(route.method)
        }
        if methods.contains("GET") { methods.append("HEAD") }
        return methods.isEmpty ? .none : .otherMethods(methods)
    }
}

/// The path and query of a request's target.
struct Target {
    var segments: [String] = []
    var query: [String: String] = [:]

    /// Throws a `Failure` for what is not percent-encoded UTF-8, or gives a parameter twice.
    init(_ text: String) throws {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        segments = try (parts.first ?? "").split(separator: "/").map { try Self.decoded($0) }
        guard parts.count > 1 else { return }
        for pair in parts[1].split(separator: "&") {
            let sides: [Substring] = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(sides[0], isForm: true)
            guard query[name] == nil else { throw Failure(422, "The query parameter \"\(name)\" stands twice.") }
            query[name] = try sides.count > 1 ? Self.decoded(sides[1], isForm: true) : ""
        }
    }

    private static func decoded(_ text: Substring, isForm: Bool = false) throws -> String {
        let spaced = isForm ? String(text).replacing("+", with: " ") : String(text)
        guard let decoded = spaced.removingPercentEncoding else { throw Failure(400, "The request's target is not percent-encoded UTF-8.") }
        return decoded
    }
}
