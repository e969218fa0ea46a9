import Foundation
import Glibc
import Subprocess
import Synchronization
import SystemPackage
import Testing

/// A socket that stands for systemd's: what the service sends to it is what systemd would get.
private final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    init(in folder: FilePath) throws {
        path = folder.appending("notify").string
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard descriptor >= 0, bound == 0 else { throw Errno(rawValue: errno) }
        // As systemd does: the kernel's queue holds a few messages only.
        Thread.detachNewThread { [weak self, descriptor] in
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(descriptor, &bytes, bytes.count, 0)
                guard count > 0, let self else { break }
                received.withLock { $0.append(String(decoding: bytes.prefix(count), as: UTF8.self)) }
            }
            close(descriptor)
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RD)) }

    /// The oldest message that nobody has seen.
    func next() -> String? { received.withLock { $0.isEmpty ? nil : $0.removeFirst() } }

    /// Waits for a message that has `part` in it.
    func wait(for part: String) async throws -> String {
        try await eventually("\(part) on the notify socket") {
            while let message = next() { if message.contains(part) { return message } }
            return nil
        }
    }
}

@Suite("systemd")
struct SystemdTests {
    @Test("The service tells when it is ready, alive, reloading and stopping")
    func notifies() async throws {
        try await Site.with { site in
            let socket = try NotifySocket(in: site.root)
            let settings = try site.write("limits:\n  rows: 1000\n", as: "rollcall.yaml")
            var served = site
            served.settings["NOTIFY_SOCKET"] = socket.path
            served.settings["WATCHDOG_USEC"] = "600000"
            served.settings["ROLLCALL_CONFIG"] = settings.string
            try served.drop(Exports.rows(3), as: "waiting.csv")
            try await served.serving {
                #expect(try await socket.wait(for: "READY=1").contains("STATUS=1 campaigns"))
                _ = try await socket.wait(for: "WATCHDOG=1")
                #expect(try await served.answer(to: Exports.rows(3, from: 10)).status == "accepted")
                _ = try await socket.wait(for: "WATCHDOG=1")

                try site.write("limits:\n  rows: 2\n", as: "rollcall.yaml")
                try await served.reload()
                let message = try await socket.wait(for: "RELOADING=1")
                #expect(message.contains("MONOTONIC_USEC="))
                _ = try await socket.wait(for: "READY=1")
                #expect(try await served.answer(to: Exports.rows(3, from: 20), as: "b.csv").rows.not_read == 1)

                try site.write("limits:\n  rows: many\n", as: "rollcall.yaml")
                try await served.reload()
                _ = try await socket.wait(for: "READY=1")
                #expect(try await served.answer(to: Exports.rows(3, from: 30), as: "c.csv").rows.not_read == 1)
                #expect(served.logged.contains("the old ones stay: ") && served.logged.contains("limits.rows"))
            }
            _ = try await socket.wait(for: "STOPPING=1")
        }
    }

    @Test("A service whose folders are gone for a while goes on telling that it is alive")
    func watchdog() async throws {
        try await Site.with { site in
            let socket = try NotifySocket(in: site.root)
            var served = site
            served.settings["NOTIFY_SOCKET"] = socket.path
            served.settings["WATCHDOG_USEC"] = "300000"
            try await served.serving {
                _ = try await socket.wait(for: "READY=1")
                // The spool cannot be used for a while: trying again is a sign of life.
                try FileManager.default.moveItem(atPath: served.folder().string, toPath: served.root.appending("away").string)
                for _ in 0..<5 { _ = try await socket.wait(for: "WATCHDOG=1") }
                try FileManager.default.moveItem(atPath: served.root.appending("away").string, toPath: served.folder().string)
            }
        }
    }
}
