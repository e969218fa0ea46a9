import Contacts
import SystemPackage

/// Contacts in JSON, under the contact API's names: one body (`.json`), or a contact a line (`.jsonl`).
struct JSONRecordReader: RecordReader {
    private let format: FileFormat
    private var input: JSONInput
    private var body: JSONBody
    private var record: [UInt8] = []
    private var count = 0
    private var readOnlyNames: Set<String> = []
    private(set) var remarks: [Problem] = []

    /// Opens the file. Throws a `Refusal` when it is no such JSON or, for a body, holds more than `limit` contacts.
    ///
    /// - Parameter limit: `nil` where the caller counts them before anything is stored.
    init(_ descriptor: FileDescriptor, _ format: FileFormat, limit: Int?) throws {
        self.format = format
        input = try JSONInput(descriptor)
        body = JSONBody(isLines: format == .jsonLines)
        if let limit, format == .json { try Self.count(descriptor, limit: limit) }
        try body.begin(&input)
    }

    /// A body is one request: what follows its last contact must be sound too before any is stored.
    private static func count(_ descriptor: FileDescriptor, limit: Int) throws {
        var input = try JSONInput(descriptor)
        var body = JSONBody(isLines: false)
        try body.begin(&input)
        var count = 0
        var text: [UInt8] = []
        while try body.next(&input, into: &text) != nil { count += 1 }
        if count > limit { throw Refusal.tooManyContacts(count, limit: limit) }
    }

    var reading: Manifest.Reading { .init(format: format.rawValue, encoding: "utf-8") }
    var mapping: [MappedColumn] { [] }
    var rejectedHead: [UInt8] { [] }

    mutating func next(into row: inout MappedRow) throws -> DeliveredRow? {
        guard let piece = try body.next(&input, into: &record) else { return nil }
        if record.isEmpty { return .empty }
        count += 1
        do {
            let contact = JSONContact(piece.isSound ? JSONObject(sound: record) : try JSONObject(record), row: count, line: piece.line, path: path)
            if !contact.readOnly.isEmpty { note(contact) }
            row = contact.row
            return contact.problems.isEmpty ? .row : .refused(contact.problems)
        } catch {
            return .defect(fault(error, line: piece.line))
        }
    }

    /// The place of the contact in the body; a line is a place of its own.
    private var path: String {
        switch body.shape {
        case .lines: ""
        case .array: "[" + String(count - 1) + "]."
        case .object: "contacts[" + String(count - 1) + "]."
        }
    }

    private func fault(_ fault: JSONFault, line: Int) -> Problem {
        Problem(
            code: "invalid_json", message: "this is no contact in JSON: \(fault.reason)",
            hint: "A contact is an object such as {\"phone_numbers\": [\"+14155550101\"]}.", row: count, line: line,
            column: path.isEmpty ? nil : String(path.dropLast()))
    }

    private mutating func note(_ contact: JSONContact) {
        for name in contact.readOnly where readOnlyNames.insert(name).inserted {
            remarks.append(
                Problem(
                    code: "read_only_field", message: "\(name) is not set by a delivery and was passed over",
                    row: contact.row.row, line: contact.row.line, column: name))
        }
    }

    /// Nothing is saved: an object is read whole.
    mutating func leaveOutData() {}

    mutating func countRemaining() throws -> Int {
        var count = 0
        var text: [UInt8] = []
        while try body.next(&input, into: &text) != nil { count += text.isEmpty ? 0 : 1 }
        return count
    }

    /// On one line, its own members first, so that it can be mended and dropped again.
    func rejected(for problems: [Problem]) -> [UInt8] {
        let text = Array(JSONFragment(record[...]).compact.utf8)
        // What is no object cannot take a member: it goes out as it came.
        guard (try? JSONObject(text)) != nil, text.last == UInt8(ascii: "}") else { return Self.oneLine(record) }
        var line = Array(text.dropLast())
        for (name, value) in zip(Rejection.names, Rejection(problems).values) {
            if line.count > 1 { line.append(UInt8(ascii: ",")) }
            JSONText.append(name.utf8, to: &line)
            line.append(UInt8(ascii: ":"))
            JSONText.append(value.utf8, to: &line)
        }
        return line + Array("}\n".utf8)
    }

    private static func oneLine(_ text: [UInt8]) -> [UInt8] {
        text.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + [0x0A]
    }
}
