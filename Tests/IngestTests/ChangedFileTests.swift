import ContactStore
import Foundation
import Spool
import Testing

@testable import Ingest

@Suite("Files that change after the claim")
struct ChangedFileTests {
    @Test("A claimed file that somebody writes to is refused, and nothing of it is stored")
    func written() throws {
        let spool = try TestSpool()
        let claim = try spool.claim("Mobile\n+14155550101\n")
        let path = "\(spool.folders.processing)/\(claim.id)/spring/leads.csv"
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("+14155550102\n".utf8))
        try file.close()
        let manifest = try spool.importer().run(claim)
        #expect(manifest.status == .rejected && manifest.rejections.byCode == ["file_changed": 1], "\(manifest.detail)")
        #expect(try spool.contacts().isEmpty)
    }
}
