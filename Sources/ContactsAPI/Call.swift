import ContactStore
import Contacts
import Foundation
import Ingest

/// One request, read and allowed, as a handler gets it.
struct Call: Sendable {
    /// By the route's names, percent-decoded.
    var path: [String: String] = [:]
    var query: [String: String] = [:]
    /// As it was sent; empty where the route takes none.
    var body: [UInt8] = []
    var idempotencyKey: String?
    /// Who asks; `nil` where no token is needed.
    var caller: Caller?
    /// The client's address, without its port.
    var address: String
    /// Whether it came through a proxy, which has an address of its own.
    var isForwarded = false

    /// Throws a `Failure` for a call that needs no token; no route that asks for the caller is one.
    func access() throws -> CampaignAccess {
        guard let caller else { throw Failure(401, "A bearer token is needed.") }
        return caller.access
    }
}

/// A token that was found to be good.
struct Caller: Sendable {
    var token: String
    var scopes: Set<String>
    var access: CampaignAccess
}

/// An answer.
struct Reply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    init(_ status: Int = 200, type: String, _ body: [UInt8], headers: [(name: String, value: String)] = []) {
        self.status = status
        self.headers = [("Content-Type", type)] + headers
        self.body = body
    }

    /// JSON under the value's own names.
    static func json(_ value: some Encodable, status: Int = 200, headers: [(name: String, value: String)] = []) throws -> Reply {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Reply(status, type: "application/json", Array(try encoder.encode(value)), headers: headers)
    }
}

/// Why a request is not done: the status, and a text for people.
struct Failure: Error {
    var status: Int
    var detail: String
    /// Of a refused delivery: what its manifest lists.
    var invalidNumbers: Manifest.Listing?
    var rejections: Manifest.Rejections?
    var headers: [(name: String, value: String)] = []

    init(_ status: Int, _ detail: String, headers: [(name: String, value: String)] = []) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// A delivery that was not taken.
    init(_ manifest: Manifest) {
        self.init(manifest.code, manifest.detail)
        guard manifest.code == 422 || manifest.code == 409 else { return }
        invalidNumbers = manifest.invalidNumbers
        rejections = manifest.rejections
    }

    static let noCampaign = Failure(404, "There is no such campaign.")
    static let noContact = Failure(404, "There is no such contact in this campaign.")
    static let noIngest = Failure(404, "There is no such ingest.")

    var reply: Reply {
        let document = FailureDocument(
            detail: detail, invalid_numbers: invalidNumbers.map(ListingDocument.init), rejections: rejections.map(RejectionsDocument.init))
        return (try? .json(document, status: status, headers: headers)) ?? Reply(status, type: "application/json", Array("{\"detail\":\"\"}".utf8))
    }
}

private struct FailureDocument: Encodable {
    let detail: String
    let invalid_numbers: ListingDocument?
    let rejections: RejectionsDocument?
}

/// The manifest's listing, under its names.
struct ListingDocument: Encodable {
    let total: Int
    let first: [Problem]

    init(_ listing: Manifest.Listing) { (total, first) = (listing.total, listing.first) }
}

private struct RejectionsDocument: Encodable {
    let total: Int
    let by_code: [String: Int]
    let first: [Problem]

    init(_ rejections: Manifest.Rejections) { (total, by_code, first) = (rejections.total, rejections.byCode, rejections.first) }
}
