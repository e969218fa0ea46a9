import Contacts
import Spool
import SystemPackage

/// `<file>.rejected.csv` or `.rejected.jsonl`: the rows that were refused, as delivered, with the reasons; ready to mend
/// and drop again.
///
/// Grows on disk under a temporary name, so that memory stays flat, and takes its own name when it is complete.
struct RejectedRows: ~Copyable {
    private let folders: SpoolFolders
    private let campaign: String
    private let name: FilePath.Component?
    private let head: [UInt8]
    private var file: AtomicFileWriter?

    /// Nothing is written until the first row is refused, and nothing at all in a dry run.
    init(of delivery: Delivery, head: [UInt8], in folders: SpoolFolders) {
        self.folders = folders
        self.head = head
        campaign = delivery.campaign
        name = delivery.isDryRun ? nil : delivery.rejectedName
    }

    mutating func append(_ line: [UInt8]) throws {
        guard let name else { return }
        if file == nil {
            file = try folders.resultWriter(named: name, of: campaign)
            try file?.append(head)
        }
        try file?.append(line)
    }

    /// Puts the file in its place; returns its name, or `nil` when no row was refused.
    consuming func commit() throws -> String? {
        guard let file = file.take() else { return nil }
        DurableStep.rejected.begins()
        try file.commit()
        DurableStep.rejected.ended()
        return name?.string
    }
}

/// What a rejected row's line says beside the row itself, under names that a next delivery passes over.
struct Rejection {
    static let names = ["rollcall_row", "rollcall_line", "rollcall_code", "rollcall_reason"]
    /// In the order of `names`.
    let values: [String]

    init(_ problems: [Problem]) {
        let place = problems.first
        values = [
            place?.row.map(String.init) ?? "", place?.line.map(String.init) ?? "",
            problems.map(\.code).joined(separator: " "), problems.map(Self.reason).joined(separator: "; "),
        ]
    }

    private static func reason(_ problem: Problem) -> String {
        [problem.column.map { "\($0): " } ?? "", problem.message, problem.hint.map { " (\($0))" } ?? ""].joined()
    }
}
