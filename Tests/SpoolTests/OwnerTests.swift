import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Spool

@Suite("Whose folders are whose")
struct OwnerTests {
    private func facts(_ path: String) throws -> stat {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { throw Errno(rawValue: errno) }
        return facts
    }

    @Test("The archive is its owner's alone")
    func archive() throws {
        let spool = try TestSpool("c")
        try spool.drop("c/a.csv")
        try spool.take("a.csv", id: ids[0]).archive()
        #expect(try facts(spool.path("c/archive")).st_mode & 0o7777 == 0o700)
    }

    @Test("What root makes in a service's spool belongs to the service, and opens nothing to others", .enabled(if: geteuid() == 0))
    func madeByRoot() throws {
        let spool = try TestSpool()
        // A drop group's spool, which hands its group down.
        #expect(chown(spool.folders.root.string, 65534, 4242) == 0)
        #expect(chmod(spool.folders.root.string, 0o2710) == 0)
        try spool.folders.makeCampaign("c")
        let made = try facts(spool.path("c"))
        #expect(made.st_uid == 65534 && made.st_gid == 4242)
        #expect(made.st_mode & 0o7007 == 0o2000)
    }

    @Test("A folder that is there keeps its owner and its mode", .enabled(if: geteuid() == 0))
    func kept() throws {
        let spool = try TestSpool("c")
        #expect(chown(spool.folders.root.string, 65534, 65534) == 0)
        #expect(chown(spool.path("c"), 65533, 4242) == 0)
        #expect(chmod(spool.path("c"), 0o3770) == 0)
        try spool.folders.makeCampaign("c")
        let kept = try facts(spool.path("c"))
        #expect(kept.st_uid == 65533 && kept.st_gid == 4242 && kept.st_mode & 0o7777 == 0o3770)
    }
}
