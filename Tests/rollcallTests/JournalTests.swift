import Foundation
import Glibc
import Logging
import Testing

@testable import rollcall

@Suite("The journal")
struct JournalTests {
    /// Receives datagrams where the journal would.
    private final class Receiver: Sendable {
        let path = FileManager.default.temporaryDirectory.appending(path: "j\(UInt32.random(in: 0...UInt32.max))").path
        private let descriptor: Int32

        init() throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var patience = timeval(tv_sec: 10, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0)
        }

        deinit {
            close(descriptor)
            unlink(path)
        }

        /// The next entry's fields, read as the journal reads them.
        func entry() throws -> [String: String] {
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            try #require(count > 0)
            var rest = buffer[..<count]
            var fields: [String: String] = [:]
            while let end = rest.firstIndex(of: 0x0A) {
                let name = String(decoding: rest[..<end], as: UTF8.self)
                rest = rest[(end + 1)...]
                let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
                fields[name] = String(decoding: rest.dropFirst(8).prefix(length), as: UTF8.self)
                rest = rest.dropFirst(8 + length)
                try #require(rest.first == 0x0A)
                rest = rest.dropFirst()
            }
            return fields
        }
    }

    @Test("has each level's priority, as syslog counts", arguments: zip(Logger.Level.allCases, ["7", "7", "6", "5", "4", "3", "2"]))
    func priorities(level: Logger.Level, priority: String) throws {
        let receiver = try Receiver()
        var logger = Logger(label: "test") { _ in JournalLogHandler(socket: receiver.path) }
        logger.logLevel = .trace
        logger.log(level: level, "hello")
        #expect(try receiver.entry() == ["MESSAGE": "hello", "PRIORITY": priority, "SYSLOG_IDENTIFIER": "rollcall"])
    }

    @Test("has the file's fields beside the message, and no control character in either")
    func fields() throws {
        let receiver = try Receiver()
        var logger = Logger(label: "test") { _ in JournalLogHandler(socket: receiver.path) }
        logger[metadataKey: "campaign"] = "spring"
        logger.info("took\nPRIORITY=0", metadata: ["file": "a\u{1B}[31m.csv", "ingest_id": "x", "9 lives": "=9"])
        let entry = try receiver.entry()
        #expect(Set(entry.keys) == ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "CAMPAIGN", "FILE", "INGEST_ID", "F9_LIVES"])
        #expect(entry["CAMPAIGN"] == "spring" && entry["INGEST_ID"] == "x" && entry["F9_LIVES"] == "=9" && entry["PRIORITY"] == "6")
        for value in entry.values { #expect(!value.unicodeScalars.contains { $0.value < 0x20 }, "\(value)") }
    }
}
