import Foundation
import SystemPackage
import Testing

@testable import Spool

@Suite struct ClaimTests {
    @Test("A claim leaves the drop folder and reads the file's bytes", arguments: [false, true])
    func take(isCheck: Bool) throws {
        let spool = try TestSpool("c")
        let place = isCheck ? "c/check" : "c"
        try spool.drop("\(place)/a.csv", "hello")
        let claim = try spool.take("a.csv", isCheck: isCheck, id: ids[0])
        #expect(spool.files() == [".processing/\(ids[0])/\(place)/a.csv"])
        var bytes = [UInt8](repeating: 0, count: 10)
        let count = try bytes.withUnsafeMutableBytes { try claim.fileDescriptor.read(into: $0) }
        #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "hello")
        #expect(claim.size == 5)
        #expect(claim.name == "a.csv")
        #expect(claim.archivePath == "archive/\(ids[0]).a.csv")
        try claim.archive()
        #expect(spool.files() == ["c/archive/\(ids[0]).a.csv"])
        #expect(spool.names(".processing").isEmpty)
    }

    @Test("A file that vanished is no claim, and leaves no folder")
    func vanished() throws {
        let spool = try TestSpool("c")
        #expect(throws: NoClaim.self) { _ = try spool.take("a.csv", id: ids[0]) }
        #expect(spool.names(".processing").isEmpty)
    }

    @Test(
        "What is not complete or no regular file is put back untouched",
        arguments: [
            "ln a.csv b.csv", "rm a.csv; ln -s /etc/passwd a.csv", "rm a.csv; mkfifo a.csv", ": > a.csv",
            "rm a.csv; mkdir a.csv", "rm a.csv; mknod a.csv c 1 3",
        ])
    func incomplete(command: String) throws {
        let spool = try TestSpool("c")
        try spool.drop("c/a.csv")
        try shell(command, in: spool.path("c"))
        #expect(throws: NoClaim.self) { _ = try spool.take("a.csv", id: ids[0]) }
        #expect(spool.names("c").contains("a.csv"))
        #expect(spool.names(".processing").isEmpty)
    }

    @Test("A file that somebody has open for writing is put back")
    func writer() throws {
        let spool = try TestSpool("c")
        try spool.drop("c/a.csv")
        let writer = try FileDescriptor.open(FilePath(spool.path("c/a.csv")), .writeOnly)
        #expect(throws: NoClaim.self) { _ = try spool.take("a.csv", id: ids[0]) }
        #expect(spool.files() == ["c/a.csv"])
        try writer.close()
        _ = try spool.take("a.csv", id: ids[0])
    }

    @Test("A release gives the file back under its own name, or beside a newer one of that name")
    func release() throws {
        let spool = try TestSpool("c")
        try spool.drop("c/a.csv", "one")
        try spool.take("a.csv", id: ids[0]).release()
        #expect(spool.files() == ["c/a.csv"])
        let second = try spool.take("a.csv", id: ids[1])
        try spool.drop("c/a.csv", "two")
        try second.release()
        #expect(spool.files() == ["c/a-1.csv", "c/a.csv"])
        #expect(spool.content("c/a.csv") == "two")
        #expect(spool.content("c/a-1.csv") == "one")
    }

    @Test("A release and an archive make the folders anew that somebody deleted", arguments: [true, false])
    func deletedFolders(release: Bool) throws {
        let spool = try TestSpool("c")
        try spool.drop("c/a.csv")
        let claim = try spool.take("a.csv", id: ids[0])
        try FileManager.default.removeItem(atPath: spool.path("c"))
        if release { try claim.release() } else { try claim.archive() }
        #expect(spool.files() == [release ? "c/a.csv" : "c/archive/\(ids[0]).a.csv"])
    }

    @Test("A dropped claim is found again after its process, and not while it lives")
    func recover() throws {
        let spool = try TestSpool("c")
        try spool.drop("c/check/a.csv", "kept")
        do {
            let claim = try spool.take("a.csv", isCheck: true, id: ids[0])
            #expect(try Claim.recover(in: spool.folders) == [])
            #expect(throws: NoClaim.self) { _ = try spool.reopen(ids[0]) }
            _ = claim.size
        }
        #expect(try Claim.recover(in: spool.folders) == [ids[0]])
        let claim = try spool.reopen(ids[0])
        #expect(claim.folder == DropFolder(campaign: "c", isCheck: true))
        #expect(claim.name == "a.csv")
        try claim.release()
        #expect(spool.content("c/check/a.csv") == "kept")
    }

    @Test("Recovery removes empty folders, half copies and left-over temporary files, and nothing else")
    func tidy() throws {
        let spool = try TestSpool("c")
        for path in ["\(ids[0])", "\(ids[1])/c", "\(ids[2])/c/check", "\(ids[3])/c"] {
            try shell("mkdir -p .processing/\(path)", in: spool.path(""))
        }
        try spool.drop(".processing/\(ids[1])/copy", "half")
        try spool.drop(".processing/\(ids[3])/c/a.csv", "kept")
        try spool.drop(".processing/not-ours", "kept")
        try spool.drop("c/results/.rollcall-abc.tmp")
        try spool.drop("c/results/a.csv.result.json")
        #expect(try Claim.recover(in: spool.folders) == [ids[3]])
        #expect(
            spool.files() == [
                ".processing/\(ids[3])/c/a.csv", ".processing/not-ours", "c/results/a.csv.result.json",
            ])
        #expect(spool.names(".processing") == [ids[3], "not-ours"])
    }

    @Test("A copy claims the bytes of a file from anywhere and leaves the original")
    func copy() throws {
        let spool = try TestSpool("c")
        let text = String(repeating: "x", count: 300_000)
        try Data(text.utf8).write(to: URL(fileURLWithPath: spool.outside("b.csv")))
        let claim = try Claim.copy(
            of: FilePath(spool.outside("b.csv")), campaign: "new", isCheck: false, in: spool.folders, id: ids[0])
        #expect(claim.size == 300_000)
        try claim.archive()
        #expect(spool.content("new/archive/\(ids[0]).b.csv") == text)
        #expect(FileManager.default.fileExists(atPath: spool.outside("b.csv")))
    }

    @Test("What is no regular file or no campaign key is not copied", arguments: [("/dev/null", "c"), ("/etc/passwd", "../x")])
    func noCopy(path: String, campaign: String) throws {
        let spool = try TestSpool("c")
        #expect(throws: SpoolError.self) {
            _ = try Claim.copy(
                of: FilePath(path), campaign: campaign, isCheck: false, in: spool.folders, id: ids[0])
        }
        #expect(spool.names(".processing").isEmpty)
    }

    @Test("An archive that is a link to elsewhere is refused, and the file stays claimed")
    func plantedArchive() throws {
        let spool = try TestSpool("c")
        try spool.drop("c/a.csv")
        try shell("mkdir \(spool.outside("else")); ln -s \(spool.outside("else")) archive", in: spool.path("c"))
        #expect(throws: SpoolError.self) { try spool.take("a.csv", id: ids[0]).archive() }
        #expect(try Claim.recover(in: spool.folders) == [ids[0]])
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool.outside("else")).isEmpty)
    }

    @Test("A claim sees that its file was written to")
    func unchanged() throws {
        let spool = try TestSpool("c")
        try spool.drop("c/a.csv")
        let claim = try spool.take("a.csv", id: ids[0])
        try shell("chmod 600 .processing/\(ids[0])/c/a.csv", in: spool.path(""))
        let before = try FileStamp(claim.fileDescriptor) == claim.stamp
        try shell("echo more >> .processing/\(ids[0])/c/a.csv", in: spool.path(""))
        let after = try FileStamp(claim.fileDescriptor) == claim.stamp
        #expect(before && !after)
    }
}
