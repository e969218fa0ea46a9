import Foundation
import SystemPackage
import Testing

@Suite("Kills")
struct KillTests {
    /// Small batches, so that a file is many transactions and a kill falls between two of them.
    private static let settings = ["ROLLCALL_LIMITS_BATCH": "20"]
    private static let rounds = Soak.count("KILLS", 60)
    private static let filesPerRound = 2
    private static let rowsPerFile = 100

    @Test("Killed at any moment and started again, the store is that of an undisturbed run, with one manifest a file")
    func kills() async throws {
        var undisturbed: [StoredContact] = []
        try await Site.with(Self.settings) { site in
            for index in 0..<Self.rounds * Self.filesPerRound { try Self.drop(index, on: site) }
            let run = try await site.rollcall("run", "--once")
            #expect(run.exitCode == 0, "\(run.errors)")
            undisturbed = try await site.contacts().sorted()
        }
        #expect(undisturbed.count == Self.rounds * Self.filesPerRound * Self.rowsPerFile)

        try await Site.with(Self.settings) { site in
            var interrupted = 0
            for round in 0..<Self.rounds {
                for file in 0..<Self.filesPerRound { try Self.drop(round * Self.filesPerRound + file, on: site) }
                try await Self.kill(in: round, on: site)
                if !site.processing.isEmpty { interrupted += 1 }
            }
            let last = try await site.rollcall("run", "--once")
            #expect(last.exitCode == 0, "\(last.errors)")
            #expect(interrupted >= Self.rounds / 4, "only \(interrupted) kills fell into a file: the test shows little")
            #expect(try await site.contacts().sorted() == undisturbed)
            #expect(site.processing.isEmpty)
            // `<ingest id>.<name>`, and the newest manifest and each ingest's own: `<name>[.<ingest id>].result.json`.
            let originals = Self.tally(site.archived().map { String($0.dropFirst(37)) })
            let manifests = Self.tally(
                site.names(in: site.folder().appending("results")).map { $0.split(separator: ".").prefix(2).joined(separator: ".") })
            for index in 0..<Self.rounds * Self.filesPerRound {
                let name = "\(index).csv"
                #expect(originals[name] == 1 && manifests[name] == 2, "\(name): \(originals[name] ?? 0), \(manifests[name] ?? 0)")
                let manifest = try #require(try site.manifest(name))
                #expect(manifest.status == "accepted" && manifest.contacts.inserted == Self.rowsPerFile, "\(name): \(manifest.detail)")
            }
        }
    }

    /// Every third kill falls anywhere from the start of the process on, the others after the first claim.
    private static func kill(in round: Int, on site: Site) async throws {
        let archived = site.archived().count
        let before = Set(site.processing)
        try await site.serveAndKill {
            if round % 3 != 0 {
                _ = try await eventually("a claim") {
                    !Set(site.processing).subtracting(before).isEmpty || site.archived().count > archived ? true : nil
                }
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...(round % 3 == 0 ? 400 : 25))))
        }
    }

    private static func drop(_ index: Int, on site: Site) throws {
        try site.drop(Exports.rows(rowsPerFile, from: index * rowsPerFile), as: "\(index).csv")
    }

    private static func tally(_ names: [String]) -> [String: Int] { names.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
}
