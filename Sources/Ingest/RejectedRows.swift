import CSV
import Contacts
import Spool
import SystemPackage

/// `<file>.rejected.csv`: the rows that were refused, as delivered, with the reasons; ready to mend and drop again.
///
/// Grows on disk under a temporary name, so that memory stays flat, and takes its own name when it is complete.
struct RejectedRows: ~Copyable {
    private let folders: SpoolFolders
    private let campaign: String
    private let name: FilePath.Component?
    private let header: [String]
    private var file: AtomicFileWriter?
    private let writer = CSVWriter(formulaSafe: true)

    /// Nothing is written until the first row is refused, and nothing at all in a dry run.
    init(of delivery: Delivery, header: [String], in folders: SpoolFolders) {
        self.folders = folders
        campaign = delivery.campaign
        name = delivery.isDryRun ? nil : delivery.resultNames?.rejected
        self.header = header
    }

    mutating func append(_ cells: [String], problems: [Problem]) throws {
        guard let name else { return }
        if file == nil {
            file = try folders.resultWriter(named: name, of: campaign)
            try write(header + Self.added)
        }
        let place = problems.first
        // A row may have more cells than the header; the reasons stay under their own names.
        let kept = cells.prefix(header.count) + Array(repeating: "", count: max(0, header.count - cells.count))
        try write(kept + [
            place?.row.map(String.init) ?? "", place?.line.map(String.init) ?? "",
            problems.map(\.code).joined(separator: " "), problems.map(Self.reason).joined(separator: "; "),
        ])
    }

    /// Puts the file in its place; returns its name, or `nil` when no row was refused.
    consuming func commit() throws -> String? {
        guard let file = file.take() else { return nil }
        try file.commit()
        return name?.string
    }

    private static let added = ["rollcall_row", "rollcall_line", "rollcall_code", "rollcall_reason"]

    private static func reason(_ problem: Problem) -> String {
        [problem.column.map { "\($0): " } ?? "", problem.message, problem.hint.map { " (\($0))" } ?? ""].joined()
    }

    private mutating func write(_ cells: some Sequence<String>) throws {
        var line: [UInt8] = []
        writer.append(row: cells, to: &line)
        try file?.append(line)
    }
}
