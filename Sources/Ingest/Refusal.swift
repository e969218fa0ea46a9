package import Contacts

/// Why a whole file is refused: the second tier of failure, told in its manifest.
package struct Refusal: Error, Sendable {
    /// What the contact API would have answered.
    package var status: Int
    package var problem: Problem

    init(_ status: Int, _ code: String, _ message: String, hint: String, line: Int? = nil) {
        self.status = status
        problem = Problem(code: code, message: message, hint: hint, line: line)
    }

    static func unknownCampaign(_ key: String) -> Refusal {
        Refusal(
            404, "unknown_campaign", "there is no campaign \"\(key)\"",
            hint: "Create it first: rollcall campaign create \(key) --default-country-code REGION")
    }

    static func closed(_ key: String) -> Refusal {
        Refusal(
            400, "campaign_closed", "campaign \"\(key)\" is closed and takes no contacts",
            hint: "Reopen it, then drop the file again: rollcall campaign reopen \(key)")
    }

    static func tooLarge(bytes: Int, limit: Int) -> Refusal {
        Refusal(
            413, "file_too_large", "the file has \(bytes) bytes, more than the \(limit) allowed",
            hint: "Split it into smaller files, each with the header line.")
    }

    static func unsupported(_ name: String) -> Refusal {
        Refusal(
            415, "unsupported_format", "\"\(name)\" is no .csv, .json, .jsonl or .ndjson file",
            hint: "Save it as CSV (in Excel: Save As, CSV UTF-8) with a name that ends in .csv, and drop that.")
    }

    static let notUTF8 = Refusal(
        415, "not_utf8", "the file is not UTF-8, which JSON must be", hint: "Save it as UTF-8, and drop that.", line: 1)

    static func noBody(_ reason: String, line: Int) -> Refusal {
        Refusal(
            422, "invalid_json", "the file is no list of contacts in JSON: \(reason)",
            hint: "Write {\"contacts\": [{\"phone_numbers\": [\"+14155550101\"]}]}, or one contact a line in a .jsonl file.",
            line: line)
    }

    static func unknownMember(_ name: String, line: Int) -> Refusal {
        Refusal(
            422, "unknown_field", "\"\(name)\" is not expected beside \"contacts\"", hint: "Remove it, and drop the file again.",
            line: line)
    }

    static func tooManyContacts(_ count: Int, limit: Int) -> Refusal {
        Refusal(
            413, "too_many_contacts", "the body has \(count) contacts, more than the \(limit) allowed",
            hint: "Split it, or write one contact a line in a .jsonl file.")
    }

    static func changed(_ name: String) -> Refusal {
        Refusal(
            422, "file_changed", "\"\(name)\" was written to while it was read",
            hint: "Drop it again when it is complete.")
    }

    static func noPhoneColumn(_ header: [String], line: Int?) -> Refusal {
        let seen = header.prefix(10).map { "\"\($0)\"" }.joined(separator: ", ")
        return Refusal(
            422, "no_phone_column", "no column is recognised as a phone number; the header has \(seen)",
            hint: "Name one Phone, Mobile or Tel, or map it on the campaign: --map \"HEADER=phone_numbers\".", line: line)
    }
}
