package import Contacts
package import ContactStore
import Foundation

/// What happened to one delivered file, row by row: the JSON beside it (`Config/manifest.schema.json`).
package struct Manifest: Sendable, Codable {
    package var manifestVersion = 1
    package var ingestID: String
    package var campaignID: String
    package var dryRun: Bool
    package var status = IngestStatus.accepted
    /// What the contact API would have answered: 200 400 404 409 413 415 422.
    package var code = 200
    package var detail = ""
    package var file: File
    package var reading: Reading?
    package var mapping: [MappedColumn] = []
    package var rows = Rows()
    package var contacts = Contacts()
    package var batches: [BatchOutcome] = []
    package var invalidNumbers = Listing()
    package var rejections = Rejections()
    package var warnings = Listing()
    package var duplicateOf: String?
    /// The ingest that this one took back.
    package var undoOf: String?
    package var versions: Versions
    package var timing = Timing()

    private enum CodingKeys: String, CodingKey {
        case manifestVersion = "manifest_version"
        case ingestID = "ingest_id"
        case campaignID = "campaign_id"
        case dryRun = "dry_run"
        case invalidNumbers = "invalid_numbers"
        case duplicateOf = "duplicate_of"
        case undoOf = "undo_of"
        case status, code, detail, file, reading, mapping, rows, contacts, batches, rejections, warnings, versions, timing
    }

    package struct File: Sendable, Codable {
        package var name: String
        package var bytes: Int
        /// Lower-case hexadecimal; `nil` when the file was too large to be read.
        package var sha256: String?
        package var receivedAt: String
        /// Relative to the campaign's folder; `nil` in a check that moves nothing.
        package var archivedAs: String?

        private enum CodingKeys: String, CodingKey {
            case receivedAt = "received_at"
            case archivedAs = "archived_as"
            case name, bytes, sha256
        }
    }

    package struct Reading: Sendable, Codable {
        package var format: String
        package var encoding: String
        /// This and what follows: of CSV alone.
        package var delimiter: String?
        package var quote: String?
        package var lineEnd: String?
        /// `nil` when the file has no header and the columns were told by their content.
        package var headerLine: Int?
        package var reasons: Reasons?

        private enum CodingKeys: String, CodingKey {
            case lineEnd = "line_end"
            case headerLine = "header_line"
            case format, encoding, delimiter, quote, reasons
        }

        /// Why the file was read so, for people.
        package struct Reasons: Sendable, Codable {
            package var encoding: String
            package var delimiter: String
            package var quote: String
            package var lineEnd: String
            package var header: String

            private enum CodingKeys: String, CodingKey {
                case lineEnd = "line_end"
                case encoding, delimiter, quote, header
            }
        }
    }

    /// read = valid + rejected + empty.
    package struct Rows: Sendable, Codable {
        package var read = 0
        package var valid = 0
        package var rejected = 0
        package var empty = 0
        package var notRead = 0

        private enum CodingKeys: String, CodingKey {
            case notRead = "not_read"
            case read, valid, rejected, empty
        }
    }

    package struct Contacts: Sendable, Codable {
        package var inserted = 0
        package var updated = 0
        package var unchanged = 0
        package var superseded = 0
        /// Only of an undo: contacts that are gone.
        package var removed: Int?
    }

    /// The first problems one by one, all of them counted.
    package struct Listing: Sendable, Codable {
        package var total = 0
        package var first: [Problem] = []
    }

    package struct Rejections: Sendable, Codable {
        package var total = 0
        package var byCode: [String: Int] = [:]
        package var first: [Problem] = []
        /// The rejected rows' file, beside the manifest.
        package var file: String?

        private enum CodingKeys: String, CodingKey {
            case byCode = "by_code"
            case total, first, file
        }
    }

    package struct Versions: Sendable, Codable {
        package var rollcall: String
        package var phoneMetadata: String
        /// Day of the metadata's release, ISO 8601.
        package var phoneMetadataDate: String

        private enum CodingKeys: String, CodingKey {
            case phoneMetadata = "phone_metadata"
            case phoneMetadataDate = "phone_metadata_date"
            case rollcall
        }
    }

    package struct Timing: Sendable, Codable {
        package var waitedMs = 0
        package var readMs = 0
        package var storeMs = 0
        package var totalMs = 0

        private enum CodingKeys: String, CodingKey {
            case waitedMs = "waited_ms"
            case readMs = "read_ms"
            case storeMs = "store_ms"
            case totalMs = "total_ms"
        }
    }

}

extension Manifest {
    /// Whether the file's contacts are in the store, now or since an earlier time.
    package var isTaken: Bool { status == .accepted || status == .duplicate }

    /// UTF-8 JSON, indented, keys sorted, with a line end.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// Reads what `json` wrote. Throws `DecodingError`.
    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Manifest.self, from: Data(json))
    }
}
