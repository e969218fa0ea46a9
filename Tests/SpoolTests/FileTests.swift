import Foundation
import SystemPackage
import Testing

@testable import Spool

@Suite struct FileTests {
    @Test(
        "A campaign key is letters, digits, dots, underscores and dashes, and begins with a letter or digit",
        arguments: [
            ("spring-renewals", true), ("A.b_c-9", true), (String(repeating: "k", count: 128), true),
            (String(repeating: "k", count: 129), false), ("", false), (".hidden", false), ("..", false),
            ("-x", false), ("a/b", false), ("a b", false), ("ä", false), ("a\n", false), ("a\u{0}", false),
        ])
    func keys(key: String, isKey: Bool) { #expect(SpoolFolders.isCampaignKey(key) == isKey) }

    @Test(
        "Temporary names are known by their beginning or end, in any case",
        arguments: [
            ("a.csv", false), ("a.csv.part", true), ("a.FILEPART", true), ("a.csv.tmp", true), ("a.crdownload", true),
            ("a.csv~", true), (".a.csv", true), ("a.csv.swp", true), ("part", false), ("partial.csv", false),
        ])
    func temporary(name: String, isTemporary: Bool) throws {
        #expect(FileNames.isTemporary(try #require(FilePath.Component(name))) == isTemporary)
    }

    @Test("Result names begin with the file's name and fit, whatever its length and bytes")
    func resultNames() throws {
        let short = try #require(ResultNames(file: "leads.csv", id: ids[0]))
        #expect(short.newest.string == "leads.csv.result.json")
        #expect(short.own.string == "leads.csv.\(ids[0]).result.json")
        #expect(short.rejected.string == "leads.csv.rejected.csv")
        for length in [200, 206, 207, 240, 255] {
            for byte in [UInt8(0x61), 0xC3, 0x80, 0x0A] {
                let bytes = [UInt8](repeating: byte, count: length - 4) + Array(".csv".utf8)
                let name = try #require(FileNames.component(bytes))
                let names = try #require(ResultNames(file: name, id: ids[0]))
                for name in [names.newest, names.own, names.rejected] {
                    #expect(FileNames.bytes(of: name).count <= 255)
                }
            }
        }
        let one = try #require(FilePath.Component(String(repeating: "a", count: 250) + "1"))
        let two = try #require(FilePath.Component(String(repeating: "a", count: 250) + "2"))
        #expect(ResultNames(file: one, id: ids[0])?.newest != ResultNames(file: two, id: ids[0])?.newest)
    }

    @Test("An atomic write replaces the file, and leaves nothing else when it cannot")
    func atomicWrite() throws {
        let spool = try TestSpool("c")
        try spool.folders.writeResult(Array("one".utf8), named: "r.json", of: "c")
        try AtomicFile.write(Array("two".utf8), to: FilePath(spool.path("c/results/r.json")))
        #expect(spool.content("c/results/r.json") == "two")
        try shell("mkdir c/results/d.json", in: spool.path(""))
        #expect(throws: SpoolError.self) {
            try AtomicFile.write(Array("x".utf8), to: FilePath(spool.path("c/results/d.json")))
        }
        #expect(spool.names("c/results") == ["d.json", "r.json"])
    }

    @Test("Results are not written through a link")
    func plantedResults() throws {
        let spool = try TestSpool("c")
        try shell("mkdir \(spool.outside("else")); ln -s \(spool.outside("else")) results", in: spool.path("c"))
        #expect(throws: SpoolError.self) {
            try spool.folders.writeResult([1], named: "r.json", of: "c")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool.outside("else")).isEmpty)
    }

    @Test("A spool is served once, and the second service is told by whom")
    func lock() throws {
        let spool = try TestSpool()
        do {
            let lock = try SpoolLock(spool.folders)
            let error = #expect(throws: SpoolError.self) { _ = try SpoolLock(spool.folders) }
            #expect(error?.description.contains("process \(getpid())") == true)
            _ = consume lock
        }
        _ = try SpoolLock(spool.folders)
    }

    @Test("An error names what was tried, where, why, and what to do, in one line")
    func errors() {
        let error = SpoolError(.rename, "/spool/a\nb.csv", .noSpace)
        #expect(error.isTransient)
        #expect(error.description.hasPrefix("cannot rename /spool/a\\u{a}b.csv: No space left on device (free"))
        #expect(!SpoolError(.rename, "/x", .improperLink).isTransient)
    }

    @Test("Records come out of the pipe whole, in whatever pieces they went in")
    func records() {
        let stream = Array("written\0/s/c\0a\nb.csv\0bogus\0x\0y\0overflow\0\0\0".utf8)
        for size in 1...stream.count {
            var reader = WatchRecordReader()
            var found: [WatchRecord] = []
            var rest = stream[...]
            while !rest.isEmpty {
                reader.read(rest.prefix(size)) { found.append($0) }
                rest = rest.dropFirst(size)
            }
            #expect(found.map(\.kind) == [.written, .overflow])
            #expect(found.first?.name == Array("a\nb.csv".utf8))
        }
    }
}
