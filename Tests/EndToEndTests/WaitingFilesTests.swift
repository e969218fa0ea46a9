import Foundation
import SystemPackage
import Testing

@Suite("Files that wait at the start", .enabled(if: Soak.isOn, "takes minutes: make soak"))
struct WaitingFilesTests {
    private static let count = Soak.count("WAITING_FILES", 100_000)

    /// What the service's log says of each file, in the order in which they were done with.
    private struct Taken {
        let campaign: Int
        let file: Int

        init?(_ line: Substring) {
            guard let match = line.firstMatch(of: #/campaign=k(\d+) file=(\d+)\.csv/#), let campaign = Int(match.1), let file = Int(match.2)
            else { return nil }
            (self.campaign, self.file) = (campaign, file)
        }
    }

    @Test("Each is taken once, a campaign's oldest first, campaigns in turn, in bounded memory", arguments: [1, 1000])
    func waiting(campaigns: Int) async throws {
        try await Site.with(validating: false) { site in
            for key in 0..<campaigns { try FileManager.default.createDirectory(atPath: site.folder("k\(key)").string, withIntermediateDirectories: true) }
            for file in 0..<Self.count {
                let path = site.folder("k\(file % campaigns)").appending("\(file).csv").string
                try Data("Mobile,External ID\n\(Exports.phone(file)),K\(file)\n".utf8).write(to: URL(filePath: path))
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 + Double(file / campaigns))], ofItemAtPath: path)
            }
            let run = try await Programs.run("/usr/bin/time", ["-f", "%M", Programs.rollcall.string, "run", "--once"], environment: site.settings)
            #expect(run.exitCode == 0, "\(run.errors.suffix(1000))")
            let lines = run.errors.split(separator: "\n")
            let taken = lines.compactMap(Taken.init)
            #expect(taken.count == Self.count)
            Self.expectOrder(taken, campaigns)
            let memory = try #require(lines.last.flatMap { Int($0) })
            #expect(memory < 400_000, "\(memory) kB")
            #expect(try await site.sql("SELECT count(*), count(DISTINCT external_id) FROM contact") == "\(Self.count)|\(Self.count)")
            #expect(try await site.sql("SELECT count(*) FROM ingest WHERE state = 'done'") == "\(Self.count)")
            #expect((0..<campaigns).reduce(0) { $0 + site.archived("k\($1)").count } == Self.count)
        }
    }

    private static func expectOrder(_ taken: [Taken], _ campaigns: Int) {
        var last = [Int](repeating: -1, count: campaigns)
        var served = last.map { _ in 0 }
        var (outOfOrder, lead) = (0, 0)
        for (index, one) in taken.enumerated() {
            if one.file < last[one.campaign] { outOfOrder += 1 }
            last[one.campaign] = one.file
            served[one.campaign] += 1
            if index % 100 == 0, let most = served.max(), let least = served.min() { lead = max(lead, most - least) }
        }
        #expect(outOfOrder == 0)
        // Besides the two in hand, those whose look came first are ahead by what was served before the last look.
        #expect(lead <= max(3, taken.count / campaigns / 10), "one campaign was \(lead) files ahead of another")
    }
}
