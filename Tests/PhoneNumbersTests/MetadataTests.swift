import Foundation
import PhoneNumbers
import Testing

@Suite("Metadata")
struct MetadataTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let reviewed = folder.appending(path: "Metadata/valid-numbers.txt")

    @Test("The tables hold the numbers that were last reviewed, and what changed is printed by region")
    func reviewedNumbers() throws {
        let now = PlanSummary.all().map(\.description)
        if ProcessInfo.processInfo.environment["ROLLCALL_ACCEPT_METADATA"] != nil {
            try (now.joined(separator: "\n") + "\n").write(to: Self.reviewed, atomically: true, encoding: .utf8)
        }
        let before = try String(contentsOf: Self.reviewed, encoding: .utf8).split(separator: "\n").map(String.init)
        let changes = Self.changes(from: before, to: now)
        for change in changes { print("metadata: \(change)") }
        #expect(
            changes.isEmpty,
            "\(changes.count) changes in \(PhoneMetadata.version); accept them with ROLLCALL_ACCEPT_METADATA=1 swift test")
    }

    @Test("A change of the metadata reads as one line of its region")
    func changeLines() {
        let changes = Self.changes(
            from: ["GB +44 mobile 10 100", "NG +234 mobile 10 5", "US +1 pager 10 7"],
            to: ["GB +44 mobile 10 150", "NG +234 mobile 10 5", "ZA +27 voip 9 1"])
        #expect(changes == ["GB +44 mobile 10: 100 → 150", "US +1 pager 10: 7 → none", "ZA +27 voip 9: none → 1"])
    }

    @Test("The tables are made from the pinned version")
    func pinned() throws {
        let pin = Self.folder.appending(path: "../../Sources/PhoneNumbers/Metadata/requirements.txt")
        let text = try String(contentsOf: pin, encoding: .utf8)
        #expect(text == "phonenumbers==\(PhoneMetadata.version)\n")
    }

    private static func changes(from before: [String], to after: [String]) -> [String] {
        let before = counts(before)
        let after = counts(after)
        return Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }
            .map { "\($0): \(before[$0] ?? "none") → \(after[$0] ?? "none")" }
    }

    /// The count is the last word of a line.
    private static func counts(_ lines: [String]) -> [String: String] {
        Dictionary(
            lines.map { line in
                let words = line.split(separator: " ")
                return (words.dropLast().joined(separator: " "), String(words.last ?? ""))
            }, uniquingKeysWith: { first, _ in first })
    }
}
