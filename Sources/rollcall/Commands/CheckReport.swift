import Contacts
import ContactStore
import Foundation
import Ingest

/// A check as people read it: what the columns mean, what would be stored, what is wrong.
struct CheckReport {
    private let manifest: Manifest
    private let preview: ArraySlice<Contact>

    init(_ check: Check) {
        manifest = check.manifest
        preview = check.preview.prefix(5)
    }

    func print() throws {
        try printReading()
        try printPreview()
        try print(manifest.rejections.first, of: manifest.rejections.total, as: "PROBLEMS")
        try print(manifest.warnings.first, of: manifest.warnings.total, as: "WARNINGS")
        try Output.line("\(manifest.status.rawValue) (\(manifest.code)): \(manifest.detail.printable)")
    }

    private func printReading() throws {
        if let reading = manifest.reading {
            let facts = [
                reading.encoding, reading.delimiter.map { "\($0.named) between cells" },
                reading.lineEnd.map { "\($0) line ends" }, reading.headerLine.map { "header in line \($0)" },
            ]
            try Output.line("\(manifest.file.name.printable): \(facts.compactMap(\.self).joined(separator: ", "))\n")
        }
        guard !manifest.mapping.isEmpty else { return }
        try Output.table(
            ["COLUMN", "FIELD", "BECAUSE"],
            manifest.mapping.map { [$0.column, $0.field.rawValue, $0.because.rawValue] })
        try Output.line("")
    }

    private func printPreview() throws {
        guard !preview.isEmpty else { return }
        try Output.table(
            ["PHONE NUMBERS", "EXTERNAL ID", "TIME ZONE", "SCHEDULED AT", "DATA"],
            preview.map { contact in
                let time = contact.scheduledAt.map { Date(timeIntervalSince1970: Double($0) / 1000).formatted(.iso8601) }
                return [
                    contact.phoneNumbers.joined(separator: " "), contact.externalID ?? "-", contact.timezone ?? "-",
                    time ?? "-", contact.data ?? "-",
                ]
            })
        try Output.line("")
    }

    private func print(_ problems: [Problem], of total: Int, as title: String) throws {
        guard total > 0 else { return }
        try Output.line("\(title): \(total)" + (problems.count < total ? ", the first \(problems.count):" : ""))
        for problem in problems {
            try Output.line("  \(problem.placed.printable) [\(problem.code)]")
            if let hint = problem.hint { try Output.line("      \(hint.printable)") }
        }
        try Output.line("")
    }
}

extension String {
    fileprivate var named: String {
        switch self {
        case ",": "comma"
        case ";": "semicolon"
        case "\t": "tab"
        case "|": "pipe"
        default: "\"\(self)\""
        }
    }
}
