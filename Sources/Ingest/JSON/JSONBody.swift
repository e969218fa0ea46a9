/// What stands around the contacts of a JSON file.
struct JSONBody {
    enum Shape { case lines, array, object }

    /// Of one contact's text.
    struct Piece {
        /// The physical line on which it begins.
        var line: Int
        /// It is known to be a well-formed object.
        var isSound: Bool
    }

    private(set) var shape: Shape
    private var isFirst = true
    private var isDone = false
    /// Of members beside the contacts.
    private var scratch: [UInt8] = []

    /// Beside the contacts in a page as `contacts list --json` shows it.
    private static let pageMembers: Set<String> = ["total", "limit", "offset"]

    init(isLines: Bool) { shape = isLines ? .lines : .array }

    /// Goes up to the first contact. Throws a `Refusal` when the file has none.
    mutating func begin(_ input: inout JSONInput) throws {
        if shape == .lines { return }
        if try input.take("[") { return }
        guard try input.take("{") else {
            throw Refusal.noBody("the file does not start with { or [", line: input.line)
        }
        shape = .object
        guard try seekContacts(&input), try input.take("[") else {
            throw Refusal.noBody("there is no array \"contacts\"", line: input.line)
        }
    }

    /// Puts the next contact into `text`; `nil` after the last, when the file ends as it should.
    mutating func next(_ input: inout JSONInput, into text: inout [UInt8]) throws -> Piece? {
        if shape == .lines {
            let line = input.line
            return try input.textLine(into: &text) ? Piece(line: line, isSound: false) : nil
        }
        if isDone { return nil }
        if try input.take("]") {
            guard isFirst || !endsWithComma else { throw Refusal.noBody("a comma stands before ]", line: input.line) }
            try finish(&input)
            return nil
        }
        if !isFirst, !endsWithComma { throw Refusal.noBody("a comma or ] is missing after a contact", line: input.line) }
        isFirst = false
        _ = try input.peekToken()
        let line = input.line
        let isSound = try input.value(into: &text)
        if text.isEmpty { throw Refusal.noBody("the array of contacts does not end", line: input.line) }
        endsWithComma = try input.take(",")
        return Piece(line: line, isSound: isSound)
    }

    private var endsWithComma = false

    private mutating func finish(_ input: inout JSONInput) throws {
        isDone = true
        if shape == .object, try input.take(","), try seekContacts(&input) {
            throw Refusal.noBody("\"contacts\" stands twice", line: input.line)
        } else if shape == .object, !hasClosed, try !input.take("}") {
            throw Refusal.noBody("a } is missing at the end", line: input.line)
        }
        if try input.peekToken() != nil { throw Refusal.noBody("something follows the end", line: input.line) }
    }

    private var hasClosed = false

    /// Passes over other members up to the value of `contacts`; `false` when the object has ended before.
    private mutating func seekContacts(_ input: inout JSONInput) throws -> Bool {
        while true {
            if try input.take("}") {
                hasClosed = true
                return false
            }
            try input.value(into: &scratch)
            guard let name = JSONFragment(scratch[...]).string, try input.take(":") else {
                throw Refusal.noBody("a member is not \"name\": value", line: input.line)
            }
            if name == "contacts" { return true }
            guard Self.pageMembers.contains(name) else { throw Refusal.unknownMember(name, line: input.line) }
            try input.value(into: &scratch)
            _ = try input.take(",")
        }
    }
}
