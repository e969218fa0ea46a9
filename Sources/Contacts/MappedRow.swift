/// The text of one cell, with the column it stood in.
package struct Cell: Sendable {
    package var column: String
    package var text: String

    package init(column: String, text: String) {
        self.column = column
        self.text = text
    }
}

/// A delivered row, its cells sorted by what they mean, not yet checked.
package struct MappedRow: Sendable {
    package var row: Int
    package var line: Int
    /// In dial order; a cell may hold several numbers, or none.
    package var phones: [Cell] = []
    package var id: Cell?
    package var externalID: Cell?
    package var timezone: Cell?
    package var scheduledAt: Cell?
    /// A JSON object; `nil` when the delivery has no column for it.
    package var data: String?
    /// Only a JSON delivery carries them.
    package var overrides: AgentOverrides?

    package init(row: Int, line: Int) {
        self.row = row
        self.line = line
    }
}
