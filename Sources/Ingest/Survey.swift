import Contacts

/// Reads a file through once: Record → MappedRow → Contact | Rejection, in batches, one of them in memory at a time.
struct Survey<Reader: RecordReader & ~Copyable>: ~Copyable {
    var reader: Reader
    private var validator: RowValidator
    private let limits: Limits
    private var rowsSeen = 0
    private var mapped = MappedRow(row: 0, line: 0)
    /// Tells which of some numbers must not be dialled; `nil` when none is.
    private let suppressed: (@Sendable ([String]) throws -> Set<String>)?

    init(
        _ reader: consuming Reader, campaign: Campaign, limits: Limits,
        suppressed: (@Sendable ([String]) throws -> Set<String>)? = nil
    ) {
        self.reader = reader
        self.limits = limits
        self.suppressed = suppressed
        validator = RowValidator(campaign: campaign)
    }

    /// The next contacts, at most a batch of them; `nil` when the rows or the limit are used up.
    ///
    /// `refused` is called for each row that is no contact, with its line of the rejected rows' file.
    mutating func nextBatch(
        _ report: inout Report, refused: ([UInt8]) throws -> Void
    ) throws -> [PlacedContact]? {
        var batch: [PlacedContact] = []
        while batch.count < limits.batch, rowsSeen < limits.rows, let row = try reader.next(into: &mapped) {
            rowsSeen += 1
            switch row {
            case .empty:
                report.manifest.rows.empty += 1
            case .defect(let problem):
                report.manifest.rows.read += 1
                report.reject(row: [problem])
                try refused(reader.rejected(for: [problem]))
            case .refused(let problems):
                report.manifest.rows.read += 1
                _ = validator.contact(from: mapped)
                validator.warnings.removeAll(keepingCapacity: true)
                let all = problems + validator.rejections
                report.reject(row: all)
                try refused(reader.rejected(for: all))
            case .row:
                report.manifest.rows.read += 1
                if let contact = try check(&report, refused) {
                    report.manifest.rows.valid += 1
                    batch.append(PlacedContact(contact: contact, row: mapped.row, line: mapped.line))
                }
            }
        }
        return batch.isEmpty ? nil : batch
    }

    /// The row's contact, with the numbers that may be dialled.
    private mutating func check(_ report: inout Report, _ refused: ([UInt8]) throws -> Void) throws -> Contact? {
        defer {
            for warning in validator.warnings { report.warn(warning) }
            validator.warnings.removeAll(keepingCapacity: true)
        }
        guard var contact = validator.contact(from: mapped) else {
            report.reject(row: validator.rejections)
            try refused(reader.rejected(for: validator.rejections))
            return nil
        }
        guard let suppressed, try removeSuppressed(suppressed(contact.phoneNumbers), &contact, &report) else { return contact }
        report.suppress(row: .suppressed(mapped))
        try refused(reader.rejected(for: [.suppressed(mapped)]))
        return nil
    }

    /// Whether no number is left.
    private func removeSuppressed(_ out: Set<String>, _ contact: inout Contact, _ report: inout Report) -> Bool {
        if out.isEmpty { return false }
        contact.phoneNumbers.removeAll { out.contains($0) }
        if contact.phoneNumbers.isEmpty { return true }
        for number in out.sorted() { report.warn(.suppressed(number, mapped)) }
        return false
    }

    /// Counts what the limit leaves out, and hands over what the reader has to say about the file.
    mutating func conclude(_ report: inout Report) throws {
        report.manifest.rows.notRead = try reader.countRemaining()
        if report.manifest.rows.notRead > 0 {
            report.warn(
                Problem(
                    code: "rows_not_read", message: "\(report.manifest.rows.notRead) rows after the first \(limits.rows) were not read",
                    hint: "Drop the rest as a file of its own, with the header line."))
        }
        if report.manifest.rows.read == 0 {
            report.warn(Problem(code: "no_rows", message: "the file has no rows", hint: "Check the export."))
        }
        reader.remarks.forEach { report.warn($0) }
    }
}

extension Problem {
    fileprivate static func suppressed(_ mapped: MappedRow) -> Problem {
        Problem(
            code: "suppressed", message: "every number of the row is suppressed",
            hint: "The row is left out. rollcall suppress list shows why; rollcall suppress remove allows a number again.",
            row: mapped.row, line: mapped.line, field: .phoneNumbers)
    }

    fileprivate static func suppressed(_ number: String, _ mapped: MappedRow) -> Problem {
        Problem(
            code: "suppressed_number", message: "\(number) is suppressed and was left out", row: mapped.row, line: mapped.line,
            field: .phoneNumbers, value: number)
    }
}
