/// The parts of a manifest that tests look at.
struct Manifest: Decodable {
    struct Rows: Decodable { let read, valid, rejected, empty, not_read: Int }
    struct Contacts: Decodable { let inserted, updated, unchanged, superseded: Int }
    struct Listing: Decodable { let total: Int, first: [Problem] }
    struct Rejections: Decodable { let total: Int, by_code: [String: Int], first: [Problem], file: String? }
    struct Problem: Decodable {
        let row, line: Int?
        let column, field, value: String?
        let code, message: String
        let hint: String?
    }
    struct File: Decodable { let name: String, bytes: Int, sha256, archived_as: String? }
    struct Column: Decodable { let column, field: String }

    let ingest_id, campaign_id, status, detail: String
    let dry_run: Bool
    let code: Int
    let file: File
    let mapping: [Column]
    let rows: Rows
    let contacts: Contacts
    let invalid_numbers, warnings: Listing
    let rejections: Rejections
    let duplicate_of: String?
}

struct ContactPage: Decodable {
    let contacts: [StoredContact]
    let total, limit, offset: Int
}

/// What of a contact must be the same whichever way it came into the store.
struct StoredContact: Decodable, Hashable, Comparable {
    let external_id: String?
    let phone_numbers: [String]
    let data: [String: String]?
    let timezone: String?
    let status: String

    static func < (left: Self, right: Self) -> Bool { left.sortKey < right.sortKey }

    private var sortKey: String { (external_id ?? "") + " " + phone_numbers.joined(separator: " ") }
}
