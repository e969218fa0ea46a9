import ArgumentParser
import CSV
import Contacts
import PhoneNumbers

/// What the texts mean that say something about a campaign, on the command line or in a document.
/// Each throws `ValidationError` for a text without a meaning.
enum CampaignValues {
    static func numberType(_ name: String) throws -> PhoneNumberType {
        if let type = PhoneNumberType(rawValue: name) { return type }
        let names = PhoneNumberType.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\"\(name)\" is no type of phone number; there are \(names)")
    }

    static func encoding(_ name: String) throws -> String? {
        if name == "auto" { return nil }
        guard let encoding = CSVEncoding(name: name) else {
            let names = CSVEncoding.allCases.map(\.name).joined(separator: ", ")
            throw ValidationError("\"\(name)\" is no encoding that is read here; there are \(names), and auto")
        }
        return encoding.name
    }

    /// One ASCII character, or the word that stands for `meaning`; `auto` gives the choice back to each file.
    static func character(_ text: String, _ word: String, _ meaning: String) throws -> String? {
        if text == "auto" { return nil }
        if text == word { return meaning }
        guard text.utf8.count == 1, text.utf8.first != 0x0A, text.utf8.first != 0x0D else {
            throw ValidationError("\"\(text)\" is neither one ASCII character nor \(word) nor auto")
        }
        return text
    }

    static func timezone(_ text: String) throws -> String {
        var names = TimeZoneNames()
        guard names.zone(text) != nil else {
            throw ValidationError("\"\(text)\" is no IANA time zone; write America/New_York, not EST or Eastern")
        }
        return text
    }

    /// `5` or `5%`, from 0 to 100; `none` takes the share away.
    static func share(_ text: String) throws -> Double? {
        if text == "none" { return nil }
        guard let share = Double(text.hasSuffix("%") ? String(text.dropLast()) : text), (0...100).contains(share) else {
            throw ValidationError("\"\(text)\" is no share from 0% to 100%, nor none")
        }
        return share
    }
}
