import Foundation
import PhoneNumbers

/// Turns mapped rows into contacts, or into all the reasons why not.
///
/// Holds no more than the campaign's defaults and the time zones seen so far.
package struct RowValidator {
    private let region: RegionCode?
    private let campaignTimezone: String?
    private let refusedTypes: Set<PhoneNumberType>
    private var zones = TimeZoneNames()
    /// Remarks about rows that are stored all the same, such as a repaired number. The caller takes them away.
    package var warnings: [Problem] = []
    /// Why the last row was refused; empty after a row that became a contact.
    package private(set) var rejections: [Problem] = []
    private var row = 0
    private var line = 0

    package init(campaign: Campaign) {
        region = campaign.defaultRegion
        campaignTimezone = campaign.defaultTimezone
        refusedTypes = campaign.refusedTypes
    }

    /// The row's contact, or `nil` with every reason in `rejections`.
    package mutating func contact(from mapped: borrowing MappedRow) -> Contact? {
        rejections.removeAll(keepingCapacity: true)
        (row, line) = (mapped.row, mapped.line)
        var contact = Contact(phoneNumbers: numbers(in: mapped.phones))
        contact.id = mapped.id.flatMap { uuid(in: $0) }
        contact.externalID = mapped.externalID.flatMap { Self.carried($0) }
        let zone = mapped.timezone.flatMap { self.zone(in: $0) }
        contact.timezone = zone?.identifier
        contact.scheduledAt = mapped.scheduledAt.flatMap { time(in: $0, zone: zone, zoneWasGiven: mapped.timezone) }
        contact.data = mapped.data
        contact.overrides = mapped.overrides
        guard rejections.isEmpty else { return nil }
        return contact
    }

    // MARK: Phone numbers

    private mutating func numbers(in cells: [Cell]) -> [String] {
        var numbers: [String] = []
        for cell in cells {
            if Self.mayHoldSeveral(cell.text) {
                for text in Self.split(cell.text) { read(text, in: cell, into: &numbers) }
            } else if !cell.text.isBlank {
                read(cell.text, in: cell, into: &numbers)
            }
        }
        if numbers.isEmpty, rejections.isEmpty {
            reject(
                cells.count == 1 ? cells[0] : nil, .phoneNumbers, code: "no_number", message: "the row has no phone number",
                hint: "Fill in a number, or remove the row.")
        }
        return numbers
    }

    private mutating func read(_ text: String, in cell: Cell, into numbers: inout [String]) {
        do {
            let reading = try PhoneNumber.read(text, region: region)
            let e164 = reading.number.e164
            if !refusedTypes.isEmpty, refusedTypes.contains(reading.number.type) {
                return reject(
                    cell, .phoneNumbers, code: "refused_type",
                    message: "\(text.trimmed) is a \(reading.number.type.rawValue) number, which this campaign refuses",
                    hint: "Remove the number, or change the campaign's refused types.", value: text)
            }
            if !numbers.contains(e164) { numbers.append(e164) }
            for notice in reading.notices {
                warnings.append(
                    problem(cell, .phoneNumbers, code: notice.code, message: notice.message, hint: nil, value: notice.before))
            }
        } catch {
            reject(
                cell, .phoneNumbers, code: error.code, message: error.message(value: text, region: region),
                hint: hint(for: error, text), value: text)
        }
    }

    private func hint(for error: PhoneNumberError, _ text: String) -> String {
        guard region == nil, error == .invalidCountryCode else { return error.hint(value: text, region: region) }
        return "Write it with + and its calling code, or give the campaign a default country code: "
            + "rollcall campaign set KEY --default-country-code US"
    }

    private static func mayHoldSeveral(_ text: String) -> Bool {
        text.utf8.contains { $0 == 0x3B || $0 == 0x7C || $0 == 0x0A || $0 == 0x0D || $0 == 0x3A }
    }

    /// The numbers of one cell: `;`, `|`, a line break or Google's ` ::: ` stand between them.
    private static func split(_ text: String) -> [String] {
        text.split(separator: ":::").flatMap { $0.split { $0 == ";" || $0 == "|" || $0.isNewline } }
            .reduce(into: [String]()) { numbers, part in
                // RFC 3966 parameters belong to the number before them: `+1 415 555 0101;ext=12`.
                if !numbers.isEmpty, parameters.contains(where: part.lowercased().hasPrefix) {
                    numbers[numbers.count - 1] += ";" + part
                } else if !String(part).isBlank {
                    numbers.append(String(part))
                }
            }
    }

    private static let parameters = ["ext=", "isub=", "phone-context="]

    // MARK: The other fields

    private mutating func uuid(in cell: Cell) -> UUID? {
        guard let text = Self.carried(cell) else { return nil }
        if let id = UUID(uuidString: text) { return id }
        reject(
            cell, .id, code: "invalid_uuid", message: "\"\(text)\" is not a UUID",
            hint: "This column must hold Rollcall's own contact ids; your own keys belong in a column named External ID.")
        return nil
    }

    private mutating func zone(in cell: Cell) -> (identifier: String, zone: TimeZone)? {
        guard let text = Self.carried(cell) else { return nil }
        if let zone = zones.zone(text) { return (text, zone) }
        reject(
            cell, .timezone, code: "invalid_timezone", message: "\"\(text)\" is not an IANA time zone name",
            hint: "Write it as Area/City, exactly: America/New_York, Europe/Berlin. Abbreviations such as EST are ambiguous.")
        return nil
    }

    private mutating func time(in cell: Cell, zone: (identifier: String, zone: TimeZone)?, zoneWasGiven: Cell?) -> Int64? {
        guard let text = Self.carried(cell) else { return nil }
        guard let time = ISO8601Time(text) else {
            reject(
                cell, .scheduledAt, code: "invalid_time", message: "\"\(text)\" is not an ISO 8601 time",
                hint: "Write it as 2026-03-01T09:30:00+01:00, or without the offset where the time zone is known.")
            return nil
        }
        if let instant = time.milliseconds(in: zone?.zone ?? campaignTimezone.flatMap { zones.zone($0) }) { return instant }
        // A time zone that was given and is wrong has its own rejection already.
        if let zoneWasGiven, Self.carried(zoneWasGiven) != nil { return nil }
        reject(
            cell, .scheduledAt, code: "time_without_zone", message: "\"\(text)\" has no offset, and no time zone is known",
            hint: "Add an offset such as Z or +01:00, a Timezone column, or a default time zone on the campaign.")
        return nil
    }

    // MARK: Problems

    private mutating func reject(
        _ cell: Cell?, _ field: ContactField, code: String, message: String, hint: String, value: String? = nil
    ) {
        rejections.append(problem(cell, field, code: code, message: message, hint: hint, value: value ?? cell?.text))
    }

    private func problem(
        _ cell: Cell?, _ field: ContactField, code: String, message: String, hint: String?, value: String?
    ) -> Problem {
        Problem(
            code: code, message: message, hint: hint, row: row, line: line, column: cell?.column, field: field, value: value)
    }

    /// The cell's text, or `nil` when it is blank: a blank cell leaves the stored value as it is.
    private static func carried(_ cell: Cell) -> String? {
        let text = cell.text.trimmed
        return text.isEmpty ? nil : text
    }
}

extension String {
    var isBlank: Bool {
        // Nearly always enough; to ask Unicode about each character costs more than reading the number.
        if let first = utf8.first, first > 0x20, first < 0x80 { return false }
        return allSatisfy(\.isWhitespace)
    }

    /// Without white space, no-break spaces included, at either end.
    var trimmed: String {
        guard let first = utf8.first, let last = utf8.last else { return self }
        if first > 0x20, first < 0x80, last > 0x20, last < 0x80 { return self }
        return trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
