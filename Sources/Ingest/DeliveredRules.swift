package import Contacts
import Crypto
import Foundation

/// Column rules that come along with one file.
extension ColumnRule {
    /// As they lie beside an uploaded file: JSON, the same bytes for the same rules.
    package static func encode(_ rules: [ColumnRule]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(rules))
    }

    /// What `encode` wrote; none of anything else.
    static func decode(_ json: [UInt8]) -> [ColumnRule] {
        (try? JSONDecoder().decode([ColumnRule].self, from: Data(json))) ?? []
    }
}

extension Campaign {
    /// Itself, with the rules that came along with the delivery before its own.
    func ruled(by delivery: Delivery) -> Campaign {
        var campaign = self
        campaign.columnRules = delivery.rules + columnRules
        return campaign
    }
}

extension [UInt8] {
    /// The digest of a file together with how its columns are read.
    func combined(with rules: [ColumnRule]) throws -> [UInt8] {
        var digest = SHA256()
        digest.update(data: self)
        digest.update(data: try ColumnRule.encode(rules))
        return Array(digest.finalize())
    }
}
