/// A campaign's own rule for one column; it wins over what the header means by itself.
package struct ColumnRule: Sendable, Hashable, Codable {
    /// The header, compared without regard to case, spaces, dashes and underscores.
    package var column: String
    package var field: ContactField
    /// From 0: the column's place, where several have the same header; `nil`: all that have it.
    package var index: Int?

    package init(column: String, field: ContactField, index: Int? = nil) {
        self.column = column
        self.field = field
        self.index = index
    }
}

/// One column's place in the mapping, as the manifest shows it.
package struct MappedColumn: Sendable, Hashable, Codable {
    package enum Reason: String, Sendable, Codable {
        /// The header names the field.
        case header
        /// The campaign's own rule says so.
        case campaign
        /// What the column holds, in a file without a header whose campaign allows that.
        case content
        /// Nothing claims the column, so it is kept in `data`.
        case unmapped
    }

    package var column: String
    /// From 0, in the file's order.
    package var index: Int
    package var field: ContactField
    package var because: Reason
}

/// Which column of a file goes to which field of a contact.
package struct ColumnMap: Sendable {
    /// Every column, in the file's order.
    package let columns: [MappedColumn]
    /// Columns of phone numbers, in dial order.
    package let phones: [MappedColumn]
    package let id: MappedColumn?
    package let externalID: MappedColumn?
    package let timezone: MappedColumn?
    package let scheduledAt: MappedColumn?
    package let data: [MappedColumn]
    /// Of an exported file: holds the whole of `data` as JSON.
    package let exportedData: MappedColumn?
    /// Remarks about columns whose header suggests more than what is done with them.
    package let warnings: [Problem]

    /// Maps `header`, the file's unique column names, by the campaign's `rules` first and the headers themselves next.
    /// `contents` tells what columns without a header hold, by their index.
    package init(header: [String], rules: [ColumnRule] = [], contents: [Int: ContactField] = [:]) {
        var columns: [MappedColumn] = []
        var warnings: [Problem] = []
        var taken: [ContactField: String] = [:]
        let ruled = Self.ruled(header, by: rules)
        let claimedByRule = Set(ruled.values).subtracting([.phoneNumbers])
        for (index, name) in header.enumerated() {
            var mapped = Self.mapped(name, at: index, ruled: ruled)
            if mapped.because == .unmapped, let field = contents[index] {
                mapped = MappedColumn(column: name, index: index, field: field, because: .content)
            }
            if mapped.field.isSingle {
                if let first = taken[mapped.field] ?? (mapped.because == .header && claimedByRule.contains(mapped.field)
                    ? "the one that the campaign names" : nil)
                {
                    warnings.append(.repeated(mapped, first: first))
                    mapped.field = .data
                } else {
                    taken[mapped.field] = name
                }
            }
            if mapped.because == .unmapped, HeaderWords.overrides.contains(HeaderWords.compact(name)) {
                warnings.append(.override(name))
            }
            columns.append(mapped)
        }
        self.columns = columns
        self.warnings = warnings
        phones = Self.dialOrder(columns.filter { $0.field == .phoneNumbers }, rules: rules)
        id = columns.first { $0.field == .id }
        externalID = columns.first { $0.field == .externalID }
        timezone = columns.first { $0.field == .timezone }
        scheduledAt = columns.first { $0.field == .scheduledAt }
        exportedData = columns.first { $0.column == HeaderWords.exportedData && $0.field == .data }
        data = columns.filter { $0.field == .data && $0.column != HeaderWords.exportedData }
    }

    /// The columns that rules name, by their place: those of a place of their own first.
    private static func ruled(_ header: [String], by rules: [ColumnRule]) -> [Int: ContactField] {
        let names = header.map(HeaderWords.compact)
        var ruled: [Int: ContactField] = [:]
        let placed = rules.filter { rule in rule.index.map { names.indices.contains($0) && names[$0] == HeaderWords.compact(rule.column) } ?? false }
        for rule in placed { if let index = rule.index, ruled[index] == nil { ruled[index] = rule.field } }
        for rule in rules where !placed.contains(rule) {
            for (index, name) in names.enumerated() where ruled[index] == nil && name == HeaderWords.compact(rule.column) {
                ruled[index] = rule.field
            }
        }
        return ruled
    }

    private static func mapped(_ name: String, at index: Int, ruled: [Int: ContactField]) -> MappedColumn {
        if HeaderWords.rejectedFileColumns.contains(name) {
            return MappedColumn(column: name, index: index, field: .ignored, because: .header)
        }
        if name == HeaderWords.exportedData {
            return MappedColumn(column: name, index: index, field: .data, because: .header)
        }
        if let field = ruled[index] {
            return MappedColumn(column: name, index: index, field: field, because: .campaign)
        }
        if let field = HeaderWords.field(for: name) {
            return MappedColumn(column: name, index: index, field: field, because: .header)
        }
        return MappedColumn(column: name, index: index, field: .data, because: .unmapped)
    }

    /// Columns that the campaign names come first, in its order; the rest follow in the file's.
    private static func dialOrder(_ phones: [MappedColumn], rules: [ColumnRule]) -> [MappedColumn] {
        let order = rules.filter { $0.field == .phoneNumbers }
        let rank = { (phone: MappedColumn) in
            let name = HeaderWords.compact(phone.column)
            let named = { (rule: ColumnRule) in HeaderWords.compact(rule.column) == name }
            return order.firstIndex { named($0) && $0.index == phone.index } ?? order.firstIndex(where: named) ?? order.count
        }
        return phones.sorted { (rank($0), $0.index) < (rank($1), $1.index) }
    }
}

extension ContactField {
    /// Whether a contact has one value of it at most.
    fileprivate var isSingle: Bool {
        switch self {
        case .id, .externalID, .timezone, .scheduledAt: true
        case .phoneNumbers, .data, .ignored: false
        }
    }
}

extension Problem {
    fileprivate static func repeated(_ mapped: MappedColumn, first: String) -> Problem {
        Problem(
            code: "repeated_column", message: "\(mapped.field.rawValue) is already taken from \(first)",
            hint: "This column is kept in data. Remove one, or name the right one in the campaign's column mapping.",
            line: nil, column: mapped.column, field: mapped.field)
    }

    fileprivate static func override(_ name: String) -> Problem {
        Problem(
            code: "override_in_csv", message: "overrides are not set from CSV; the column is kept in data",
            hint: "Set it on the campaign, or send the contacts as JSON.", column: name, field: .data)
    }
}
