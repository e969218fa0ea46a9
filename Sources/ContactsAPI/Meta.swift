import Contacts
import Foundation
import Ingest

/// What the API says about itself and its surroundings.
enum Meta {
    @Sendable static func health(_ api: API, _ call: Call) throws -> Reply { try .json(["status": "ok"]) }

    @Sendable static func metrics(_ api: API, _ call: Call) throws -> Reply {
        let isLocal = !call.isForwarded && (call.address == "::1" || call.address.hasPrefix("127.") || call.address.hasPrefix("::ffff:127."))
        guard isLocal || api.settings.hasPublicMetrics else {
            throw Failure(403, "The metrics are for this machine alone; api.public_metrics opens them.")
        }
        return Reply(type: "text/plain; version=0.0.4; charset=utf-8", Array(api.metricsText().utf8))
    }

    @Sendable static func openAPI(_ api: API, _ call: Call) throws -> Reply {
        Reply(type: "application/json", PackageResources.openapi_json)
    }

    @Sendable static func timezones(_ api: API, _ call: Call) throws -> Reply {
        try .json(["timezones": TimeZoneNames.all])
    }

    @Sendable static func limits(_ api: API, _ call: Call) throws -> Reply {
        let limits = api.imports().limits
        return try .json(
            LimitsDocument(
                file_bytes: limits.fileBytes, rows: limits.rows, contacts: PublishedLimits.contacts,
                extensions: [".csv", ".json", ".jsonl", ".ndjson"], header_words: HeaderWordsDocument()))
    }
}

private struct LimitsDocument: Encodable {
    let file_bytes, rows, contacts: Int
    let extensions: [String]
    let header_words: HeaderWordsDocument
}

/// What columns are recognised by, so that the page knows no words of its own.
private struct HeaderWordsDocument: Encodable {
    let names = HeaderWords.names.mapValues(\.rawValue)
    let phones = HeaderWords.phones.sorted()
    let qualifiers = HeaderWords.qualifiers.sorted()
}
