/// What a column or JSON member of a contact means.
package enum ContactField: String, Sendable, Codable, CaseIterable {
    case phoneNumbers = "phone_numbers"
    case id
    case externalID = "external_id"
    case timezone
    case scheduledAt = "scheduled_at"
    /// Kept in `data` under its header.
    case data
    /// Passed over: a column that Rollcall itself added to a rejected-rows file, or one that a rule leaves out.
    case ignored
}

/// Something wrong with, or worth saying about, one place in a delivered file.
///
/// As a *rejection* it refuses its row; as a *warning* it goes along with a row that is stored.
package struct Problem: Sendable, Hashable, Codable {
    /// Data row, from 1; `nil` when it concerns the whole file.
    package var row: Int?
    /// Physical line of the file, from 1.
    package var line: Int?
    package var column: String?
    package var field: ContactField?
    /// The text as it stood.
    package var value: String?
    /// Stable, for programs: `too_short`, `invalid_uuid`, …
    package var code: String
    /// For people, one clause.
    package var message: String
    /// The remedy.
    package var hint: String?

    package init(
        code: String, message: String, hint: String? = nil, row: Int? = nil, line: Int? = nil,
        column: String? = nil, field: ContactField? = nil, value: String? = nil
    ) {
        self.row = row
        self.line = line
        self.column = column
        self.field = field
        self.value = value
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// "row 17, column Mobile: "555-01" is too short for US"
    package var placed: String {
        let place = [row.map { "row \($0)" }, column.map { "column \($0)" }].compactMap(\.self).joined(separator: ", ")
        return place.isEmpty ? message : "\(place): \(message)"
    }
}

extension Problem {
    /// The same with all but the last two digits of a phone number hidden, in its value and wherever the message repeats it.
    package var redacted: Problem {
        guard field == .phoneNumbers, let value, !value.isEmpty else { return self }
        var problem = self
        problem.value = value.withHiddenDigits
        for shown in [value, value.trimmed] where !shown.isEmpty {
            problem.message = problem.message.replacing(shown, with: shown.withHiddenDigits)
            problem.hint = problem.hint?.replacing(shown, with: shown.withHiddenDigits)
        }
        return problem
    }
}

extension String {
    /// With an asterisk for each digit but the last two.
    fileprivate var withHiddenDigits: String {
        var left = count(where: \.isNumber) - 2
        return String(map { character in
            guard character.isNumber, left > 0 else { return character }
            left -= 1
            return "*"
        })
    }
}
