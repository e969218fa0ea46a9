import Foundation
import SystemPackage
import Testing

/// Four files for one campaign, what must become of each, and the contacts that they leave: a file of several batches,
/// one that updates half of it, one that is refused, and the first one's bytes again.
struct Deliveries {
    /// So that one file is many transactions.
    static let settings = ["ROLLCALL_LIMITS_BATCH": "20", "ROLLCALL_WORKERS": "1", "ROLLCALL_WATCH_SETTLE": "10ms"]

    struct File {
        let name: String
        let text: String
        let status: String
        let inserted: Int
        let updated: Int
    }

    let campaign: String
    let files: [File]
    /// Sorted.
    let contacts: [StoredContact]

    /// - Parameter campaign: one that nobody made: the folder makes it.
    init(for campaign: String = "fresh") {
        self.campaign = campaign
        let first = Exports.rows(100)
        let update = Exports.header + (50..<150).map { Exports.row(key: "K\($0)", phone: Exports.phone($0), city: "Boston") }.joined()
        let refused = Exports.rows(30, from: 200) + Exports.row(key: "W", phone: "555-01")
        files = [
            File(name: "first.csv", text: first, status: "accepted", inserted: 100, updated: 0),
            File(name: "update.csv", text: update, status: "accepted", inserted: 50, updated: 50),
            File(name: "refused.csv", text: refused, status: "rejected", inserted: 0, updated: 0),
            File(name: "again.csv", text: first, status: "duplicate", inserted: 0, updated: 0),
        ]
        contacts = (0..<150).map { index in
            StoredContact(
                external_id: "K\(index)", phone_numbers: ["+1212220" + String(String(10_000 + index).dropFirst())],
                data: ["Name": "Ada", "City": index < 50 ? "New York" : "Boston"], timezone: nil, status: "pending")
        }.sorted()
    }

    /// Each a second younger than the one before.
    func drop(on site: Site) throws {
        for (index, file) in files.enumerated() {
            try site.drop(file.text, as: file.name, for: campaign)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: Double(index - 1000))],
                ofItemAtPath: site.folder(campaign).appending(file.name).string)
        }
    }

    /// One archived original with the bytes that were dropped, one manifest of its own and the newest for its name, the
    /// right answer, contacts as after an undisturbed run, and nothing left in hand.
    func expectEachOnce(on site: Site, _ context: String) async throws {
        let comment = Comment(rawValue: context)
        #expect(site.processing.isEmpty, comment)
        let results = site.names(in: site.folder(campaign).appending("results"))
        let originals = site.archived(campaign)
        #expect(originals.count == files.count, "\(context): \(originals)")
        for file in files {
            let archived = originals.filter { $0.hasSuffix(".\(file.name)") }
            #expect(archived.count == 1, "\(context): \(file.name) \(archived)")
            if let name = archived.first {
                #expect(try site.text(site.folder(campaign).appending("archive").appending(name)) == file.text, comment)
            }
            let own = results.filter { $0.hasPrefix("\(file.name).") && $0.hasSuffix(".result.json") }
            #expect(own.count == 2, "\(context): \(own)")
            try expect(try site.manifest(file.name, of: campaign), of: file, context)
        }
        #expect(results.filter { $0.hasSuffix(".rejected.csv") } == ["refused.csv.rejected.csv"], comment)
        #expect(results.allSatisfy { !$0.hasPrefix(".") }, "\(context): \(results)")
        #expect(try await site.contacts(campaign).sorted() == contacts, comment)
        let open = try await site.sql("SELECT count(*) FROM ingest WHERE state <> 'done'")
        #expect(open == "0", "\(context): \(open) ingests are not done")
    }

    private func expect(_ found: Manifest?, of file: File, _ context: String) throws {
        let manifest = try #require(found, "\(context): no manifest of \(file.name)")
        #expect(manifest.status == file.status, "\(context): \(file.name): \(manifest.detail)")
        #expect(manifest.contacts.inserted == file.inserted, "\(context): \(file.name): \(manifest.detail)")
        #expect(manifest.contacts.updated == file.updated, "\(context): \(file.name): \(manifest.detail)")
        #expect(manifest.rows.read == manifest.rows.valid + manifest.rows.rejected, "\(context): \(file.name)")
    }
}

extension Site {
    /// Asks the store by SQLite's own shell.
    func sql(_ statement: String) async throws -> String {
        let run = try await Programs.run("/usr/bin/sqlite3", ["-cmd", ".timeout 5000", database.string, statement])
        try #require(run.exitCode == 0, "\(run.errors)")
        return run.output.trimmingCharacters(in: .newlines)
    }

    var database: FilePath { FilePath(settings["ROLLCALL_DATABASE"] ?? "") }
}

/// Longer runs, asked for by `make soak`.
enum Soak {
    static let isOn = ProcessInfo.processInfo.environment["SOAK"] != nil

    /// A number that the surroundings may set.
    static func count(_ variable: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? usual
    }
}
