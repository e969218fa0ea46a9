import Foundation
import Glibc
import SystemPackage
import Testing

@Suite("How files arrive")
struct ArrivalTests {
    /// Shell commands that bring `$1` into the folder `$2` as `a.csv`.
    private static let ways = [
        "cp": #"cp "$1" "$2/a.csv""#,
        "mv": #"mv "$1" "$2/a.csv""#,
        "a writer that is slow": #"exec 3> "$2/a.csv"; while IFS= read -r line; do printf '%s\n' "$line" >&3; sleep 0.05; done < "$1""#,
        "a temporary name, then a rename": #"cp "$1" "$2/a.csv.part"; sleep 0.3; mv "$2/a.csv.part" "$2/a.csv""#,
        "a hidden name, then a rename": #"cp "$1" "$2/.a.csv.Xy12"; sleep 0.3; mv "$2/.a.csv.Xy12" "$2/a.csv""#,
        "link and unlink": #"ln "$1" "$2/a.csv"; sleep 0.3; rm "$1""#,
        "preallocated, then written": #"exec 3> "$2/a.csv"; truncate -s 100 "$2/a.csv"; sleep 0.3; cat "$1" >&3; truncate -s "$(stat -c %s "$1")" "$2/a.csv""#,
    ]

    @Test("A file is read once and whole, whichever way it comes", arguments: ways.keys.sorted())
    func whole(name: String) async throws {
        try await Site.with { site in
            let source = try site.write(Exports.rows(12), as: "source.csv")
            try await site.serving {
                let script = try #require(Self.ways[name])
                let sent = try await Programs.run("/bin/bash", ["-c", script, "bash", source.string, site.folder().string])
                #expect(sent.exitCode == 0, "\(sent.errors)")
                let manifest = try await eventually("the manifest") { try site.manifest("a.csv") }
                #expect(manifest.status == "accepted" && manifest.rows.read == 12, "\(manifest.detail)")
            }
            #expect(site.archived().count == 1)
            #expect(try await site.count() == 12)
        }
    }

    @Test("Files that lie there at the start are read")
    func before() async throws {
        try await Site.with { site in
            try site.drop(Exports.rows(3), as: "a.csv")
            let manifest = try await site.serving { try await eventually("the manifest") { try site.manifest("a.csv") } }
            #expect(manifest.status == "accepted")
        }
    }

    @Test("run --once empties the spool and exits")
    func once() async throws {
        try await Site.with { site in
            for index in 0..<5 { try site.drop(Exports.rows(2, from: index * 2), as: "\(index).csv") }
            let run = try await site.rollcall("run", "--once")
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(try await site.count() == 10)
            #expect(site.archived().count == 5)
        }
    }

    @Test("Two campaigns at once keep their contacts apart")
    func twoCampaigns() async throws {
        try await Site.with { site in
            try await site.serving {
                for index in 0..<10 {
                    try site.drop(Exports.rows(20, from: index * 20), as: "\(index).csv", for: "east")
                    try site.drop(Exports.rows(10, from: index * 10), as: "\(index).csv", for: "west")
                }
                for index in 0..<10 {
                    for campaign in ["east", "west"] {
                        _ = try await eventually("\(campaign) \(index)") { try site.manifest("\(index).csv", of: campaign) }
                    }
                }
            }
            #expect(try await site.count("east") == 200)
            #expect(try await site.count("west") == 100)
        }
    }

    @Test("Of 200 files in one burst none is missed and none is read twice")
    func burst() async throws {
        try await Site.with { site in
            try await site.serving {
                for index in 0..<200 { try site.drop(Exports.rows(20, from: index * 20), as: "\(index).csv") }
                for index in 0..<200 {
                    let manifest = try await eventually("manifest \(index)") { try site.manifest("\(index).csv") }
                    #expect(manifest.status == "accepted" && manifest.contacts.inserted == 20)
                }
            }
            #expect(try await site.count() == 4000)
            #expect(site.archived().count == 200)
            #expect(site.processing.isEmpty)
        }
    }

    @Test("An empty file waits for its content")
    func empty() async throws {
        try await Site.with { site in
            try await site.serving {
                try site.drop("", as: "late.csv")
                _ = try await site.answer(to: Exports.rows(2), as: "other.csv")
                #expect(try site.manifest("late.csv") == nil)
                let filled = try await Programs.run(
                    "/bin/sh", ["-c", #"cat "$1" > "$2""#, "sh", try site.write(Exports.rows(3, from: 9), as: "text").string,
                        site.folder().appending("late.csv").string])
                #expect(filled.exitCode == 0)
                let manifest = try await eventually("the manifest") { try site.manifest("late.csv") }
                #expect(manifest.rows.read == 3)
            }
        }
    }

    @Test("A file that the service may not read waits until it may", .enabled(if: geteuid() == 0, "needs root"))
    func unreadable() async throws {
        try await Site.with { site in
            let owned = try await Programs.run("/bin/chown", ["-R", "nobody", site.root.string])
            #expect(owned.exitCode == 0)
            try await site.serving(as: "nobody") {
                let secret = try site.write(Exports.rows(3), as: "secret")
                chmod(secret.string, 0)
                rename(secret.string, site.folder().appending("secret.csv").string)
                let other = try site.write(Exports.rows(3, from: 9), as: "other")
                rename(other.string, site.folder().appending("other.csv").string)
                _ = try await eventually("the other's manifest") { try site.manifest("other.csv") }
                #expect(try site.manifest("secret.csv") == nil)
                let places = try await Programs.run("/usr/bin/find", [site.spool.string, "-name", "secret.csv"])
                for place in places.output.split(separator: "\n") { chmod(String(place), 0o644) }
                let manifest = try await eventually("the manifest") { try site.manifest("secret.csv") }
                #expect(manifest.status == "accepted" && manifest.rows.read == 3)
            }
        }
    }
}
