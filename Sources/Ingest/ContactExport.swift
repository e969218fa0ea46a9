import CSV
package import ContactStore
import Contacts
import Foundation

/// Writes a campaign's contacts so that the file, dropped again, changes none of them.
package struct ContactExport: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        /// A line each, with `data` as JSON in the column `rollcall_data`; without the overrides, which CSV does not set.
        case csv
        /// An object a line, under the contact API's names.
        case jsonl
    }

    private let store: ContactStore
    private let campaign: String

    package init(_ store: ContactStore, campaign: String) {
        self.store = store
        self.campaign = campaign
    }

    /// Hands the file over piece by piece; one contact is in memory at a time.
    package func write(as format: Format, _ write: ([UInt8]) throws -> Void) throws {
        switch format {
        case .csv: try writeCSV(write)
        case .jsonl: try store.forEachContact(campaign: campaign) { try write(Self.jsonLine($0)) }
        }
    }

    private func writeCSV(_ write: ([UInt8]) throws -> Void) throws {
        let phones = max(1, try store.mostPhoneNumbers(campaign: campaign))
        let phoneHeaders = (1...phones).map { $0 == 1 ? "Phone" : "Phone \($0)" }
        try write(Self.line(["ID", "External ID"] + phoneHeaders + ["Timezone", "Scheduled At", HeaderWords.exportedData]))
        try store.forEachContact(campaign: campaign) { contact in
            // A contact that came while the first line was written may have more; the rest then share the last cell.
            let cells = (0..<phones).map { index in
                index < phones - 1
                    ? contact.phoneNumbers.dropFirst(index).first ?? "" : contact.phoneNumbers.dropFirst(index).joined(separator: ";")
            }
            try write(Self.line(
                [contact.id.text, contact.externalID ?? ""] + cells
                    + [contact.timezone ?? "", contact.scheduledAt?.iso8601 ?? "", contact.data ?? ""]))
        }
    }

    private static func line(_ cells: [String]) -> [UInt8] {
        var line: [UInt8] = []
        CSVWriter.append(row: cells.map(ExportedCells.guarded), to: &line)
        return line
    }

    private static func jsonLine(_ contact: StoredContact) -> [UInt8] {
        var line: [UInt8] = []
        func add(_ name: String, _ append: (inout [UInt8]) -> Void) {
            line.append(UInt8(ascii: line.isEmpty ? "{" : ","))
            JSONText.append(name.utf8, to: &line)
            line.append(UInt8(ascii: ":"))
            append(&line)
        }
        func addText(_ name: String, _ text: String?) {
            if let text { add(name) { JSONText.append(text.utf8, to: &$0) } }
        }
        func addJSON(_ name: String, _ json: String?) {
            if let json { add(name) { $0 += Array(json.utf8) } }
        }
        addText("id", contact.id.text)
        addText("external_id", contact.externalID)
        // E.164 needs no escapes.
        addJSON("phone_numbers", "[" + contact.phoneNumbers.map { "\"\($0)\"" }.joined(separator: ",") + "]")
        addText("timezone", contact.timezone)
        addText("scheduled_at", contact.scheduledAt?.iso8601)
        addJSON("data", contact.data)
        addText("agent_id", contact.agentID)
        addJSON("agent_config", contact.agentConfig)
        addText("agent_number", contact.agentNumber)
        addText("agent_version", contact.agentVersion)
        addJSON("initial_context", contact.initialContext)
        addText("status", contact.status.rawValue)
        return line + Array("}\n".utf8)
    }
}

/// How cells of an exported CSV file differ from others: a column holds `data` whole, and what a spreadsheet would run as a
/// formula has an apostrophe in front, which is taken away again when the file is read.
enum ExportedCells {
    static func guarded(_ text: String) -> String { isFormula(text.drop { $0 == "'" }) ? "'" + text : text }

    static func bare(_ text: String) -> String {
        text.hasPrefix("'") && isFormula(text.drop { $0 == "'" }) ? String(text.dropFirst()) : text
    }

    private static func isFormula(_ text: Substring) -> Bool { CSVWriter.startsFormula(text) }
}
