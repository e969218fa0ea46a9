import Foundation
import Glibc
import SystemPackage
import Testing

@Suite("Hostile drops", .serialized)
struct HostileTests {
    /// Bytes of names that a file may have.
    private static let names: [[UInt8]] = [
        Array("-rf.csv".utf8), Array("--help.csv".utf8), Array("two\nlines.csv".utf8), Array("\u{1B}[31mred\u{7}.csv".utf8),
        [0xFF, 0xFE] + Array(".csv".utf8), Array("$(touch x);`id` 'a' \"b\".csv".utf8), Array("results.csv".utf8),
        [UInt8](repeating: 0x61, count: 251) + Array(".csv".utf8),
        [0xC3] + [UInt8](repeating: 0xA4, count: 250) + Array(".csv".utf8), Array("\u{202E}vsc.a.csv".utf8),
        Array("%s%n%x.csv".utf8), Array("a\\..\\..\\b.csv".utf8), Array(" .csv".utf8),
    ]

    @Test("Files of any name are taken once, with results that fit a file name")
    func names() async throws {
        try await Site.with { site in
            try await site.serving {
                for (index, name) in Self.names.enumerated() { try Self.drop(name, Exports.rows(1, from: index), on: site) }
                _ = try await eventually("every original in the archive") {
                    Self.count(in: site.folder().appending("archive")) == Self.names.count ? true : nil
                }
            }
            #expect(try await site.count() == Self.names.count)
            #expect(Self.count(in: site.folder().appending("results")) == 2 * Self.names.count)
            #expect(site.processing.isEmpty)
            let lines = site.logged.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.isEmpty }
            #expect(lines.allSatisfy { $0.hasPrefix("20") }, "a name broke a line of the log: \(site.logged)")
        }
    }

    @Test("What is no plain file of its own is left where it is, and nothing outside the spool is touched")
    func leftAlone() async throws {
        try await Site.with { site in
            let outside = try site.write(Exports.rows(3), as: "secret.csv")
            try FileManager.default.createDirectory(atPath: site.folder().string, withIntermediateDirectories: true)
            let before = try await Self.listing(site.root, but: "spool|store|service.log")
            try await site.shell(
                """
                cd $SPOOL/leads
                ln -s $ROOT/secret.csv link.csv; ln -s ../../secret.csv relative.csv; ln -s . loop.csv; ln -s nowhere.csv dangling.csv
                mkfifo pipe.csv; mkdir folder.csv; echo x > folder.csv/inside.csv
                mknod null.csv c 1 3 2>/dev/null || mkfifo null.csv
                cp $ROOT/secret.csv hard.csv; ln hard.csv $SPOOL/.other-name
                python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket.csv")'
                ln -s /etc $SPOOL/outside; ln -s $ROOT $SPOOL/leads/check
                """)
            try await site.serving {
                _ = try await site.answer(to: Exports.rows(3), as: "good.csv")
                _ = try await eventually("a line about the pipe") { site.logged.contains("pipe.csv") ? true : nil }
            }
            let left = Set(site.names(in: site.folder()))
            let planted: Set = [
                "link.csv", "relative.csv", "loop.csv", "dangling.csv", "pipe.csv", "folder.csv", "null.csv", "hard.csv", "socket.csv",
            ]
            #expect(planted.isSubset(of: left), "\(planted.subtracting(left))")
            #expect(try await site.count() == 3)
            #expect(try site.text(outside) == Exports.rows(3))
            #expect(try await Self.listing(site.root, but: "spool|store|service.log") == before)
        }
    }

    @Test("Files made to use up memory are answered, and the next file is read", arguments: [
        ("a sparse file of 10 GB", "truncate -s 10G", ["413"]),
        ("half a million commas", "head -c 500000 /dev/zero | tr '\\0' , >", ["422", "415"]),
        ("nine million quotes", "head -c 9000000 /dev/zero | tr '\\0' '\"' >", ["422", "415"]),
        ("one row of nine million bytes", "(printf 'Mobile,Name\\n+12125550100,'; head -c 9000000 /dev/zero | tr '\\0' x) >", ["200", "422"]),
        ("nine million line ends", "head -c 9000000 /dev/zero | tr '\\0' '\\n' >", ["422", "415", "200"]),
        ("nine million zero bytes", "head -c 9000000 /dev/zero >", ["422", "415"]),
        ("nine million nested arrays.json", "head -c 9000000 /dev/zero | tr '\\0' '[' >", ["422"]),
        (
            "half a million arrays nested in a contact.json",
            "(printf '{\"contacts\":[{\"phone_numbers\":[\"+12125550100\"],\"data\":{\"a\":'; head -c 500000 /dev/zero | tr '\\0' '['; "
                + "head -c 500000 /dev/zero | tr '\\0' ']'; printf '}}]}') >", ["422"]
        ),
    ])
    func large(name: String, command: String, codes: [String]) async throws {
        let file = name.hasSuffix(".json") ? "large.json" : "large.csv"
        try await Site.with { site in
            try FileManager.default.createDirectory(atPath: site.folder().string, withIntermediateDirectories: true)
            try await site.serving {
                try await site.shell("\(command) $SPOOL/.large; mv $SPOOL/.large $SPOOL/leads/\(file)")
                let manifest = try await eventually("the manifest") { try site.manifest(file) }
                #expect(codes.contains("\(manifest.code)"), "\(name): \(manifest.code) \(manifest.detail.prefix(300))")
                let next = try await site.answer(to: Exports.rows(2, key: "N"), as: "next.csv")
                #expect(next.status == "accepted")
                let memory = try site.peakMemory()
                #expect(memory < 400_000, "\(name): \(memory) kB")
            }
        }
    }

    @Test("A clock that was set back, or is ahead in the file's times, keeps no file waiting", arguments: ["2001-01-01", "2099-01-01"])
    func clock(date: String) async throws {
        try await Site.with { site in
            try await site.serving {
                let file = try site.write(Exports.rows(3), as: "outside")
                try await site.shell("touch -d \(date) \(file.string); mkdir -p $SPOOL/leads; mv \(file.string) $SPOOL/leads/a.csv")
                let manifest = try await eventually("the manifest") { try site.manifest("a.csv") }
                #expect(manifest.status == "accepted")
            }
        }
    }

    @Test("A clock that is set back and forth while the service runs keeps no file waiting and mixes up nothing")
    func clockSet() async throws {
        try await Site.with { site in
            let source = FilePath(#filePath).removingLastComponent().appending("clock.c")
            let shim = site.root.appending("clock.so")
            let built = try await Programs.run("/usr/bin/env", ["cc", "-shared", "-fPIC", "-o", shim.string, source.string, "-ldl"])
            try #require(built.exitCode == 0, "\(built.errors)")
            let ahead = try site.write("0", as: "ahead")
            try await site.serving(under: ["env", "LD_PRELOAD=\(shim)", "CLOCK_AHEAD=\(ahead)"]) {
                for (index, seconds) in [0, -10_800, 7200, -86_400_000, 0].enumerated() {
                    try site.write("\(seconds)", as: "ahead")
                    for part in [2 * index, 2 * index + 1] {
                        let manifest = try await site.answer(to: Exports.rows(3, from: 3 * part), as: "\(part).csv")
                        #expect(manifest.status == "accepted" && manifest.contacts.inserted == 3, "\(seconds) s: \(manifest.detail)")
                    }
                }
            }
            let days = Set(site.logged.split(separator: "\n").map { $0.prefix(4) })
            #expect(days.count > 1, "the clock was not set back: \(site.logged)")
            #expect(try await site.count() == 30)
            #expect(site.archived().count == 10 && site.processing.isEmpty)
        }
    }

    // MARK: Names of any bytes

    private static func drop(_ name: [UInt8], _ text: String, on site: Site) throws {
        try FileManager.default.createDirectory(atPath: site.folder().string, withIntermediateDirectories: true)
        let source = try site.write(text, as: "outside")
        let target = Array("\(site.folder())/".utf8) + name
        let result = (target + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { rename(source.string, $0.baseAddress) }
        }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }

    /// Without making text of the names.
    private static func count(in folder: FilePath) -> Int {
        guard let stream = opendir(folder.string) else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while let entry = readdir(stream) { if entry.pointee.d_name.0 != 0x2E { count += 1 } }
        return count
    }

    private static func listing(_ folder: FilePath, but pattern: String) async throws -> String {
        try await Programs.run("/bin/bash", ["-c", "ls -l --time-style=full-iso | grep -vE '\(pattern)|total'; true"], in: folder).output
    }
}

extension Site {
    /// Of the running service, in kB.
    func peakMemory() throws -> Int {
        let process = try text(spool.appending(".processing/service.lock")).trimmingCharacters(in: .newlines)
        let lines = try text(FilePath("/proc/\(process)/status")).split(separator: "\n")
        return lines.first { $0.hasPrefix("VmHWM") }?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
