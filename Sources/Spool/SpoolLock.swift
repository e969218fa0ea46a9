internal import Glibc
internal import SystemPackage

/// One service a spool: held until it is given up, or until its process ends in whatever way.
package final class SpoolLock: Sendable {
    private let descriptor: CInt
    private let path: FilePath
    /// Whether the process that served the spool before was killed or crashed: it did not take its id away.
    package let isAfterBadEnd: Bool

    /// - Throws: `SpoolError` with `wouldBlock` and the other process's id in the hint when the spool is taken.
    package init(_ folders: SpoolFolders) throws(SpoolError) {
        path = folders.processing.appending("service.lock")
        // Not for writing: an open writer would keep the file system from being remounted read-only.
        let opened = path.withPlatformString { open($0, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard opened >= 0 else { throw SpoolError(.open, path, .latest) }
        // Somebody who asks for the holder has the lock for a moment.
        var tries = 10
        while flock(opened, LOCK_EX | LOCK_NB) != 0 {
            let error = Errno.latest
            tries -= 1
            if error == .wouldBlock && tries > 0 {
                usleep(20_000)
                continue
            }
            let hint = "another rollcall serves this spool: process \(Self.holder(opened))"
            close(opened)
            throw SpoolError(.lock, path, error, hint: error == .wouldBlock ? hint : nil)
        }
        descriptor = opened
        var raw = stat()
        isAfterBadEnd = fstat(opened, &raw) == 0 && raw.st_size > 0
        note("\(getpid())\n")
    }

    deinit {
        if (try? check()) != nil { note("") }
        close(descriptor)
    }

    private func note(_ text: String) {
        let opened = path.withPlatformString { open($0, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW) }
        guard opened >= 0 else { return }
        defer { close(opened) }
        Array(text.utf8).withUnsafeBufferPointer { _ = AtomicFile.writeAll($0, to: opened) }
    }

    /// Makes sure that the spool is still the one that was locked: not unmounted, moved or made anew.
    /// - Throws: `SpoolError`, with `staleNFSFileHandle` when it is another one or none.
    package func check() throws(SpoolError) {
        var held = stat()
        var found = stat()
        guard fstat(descriptor, &held) == 0 else { throw SpoolError(.inspect, path, .latest) }
        let result = path.withPlatformString { lstat($0, &found) }
        let error = Errno.latest
        guard result == 0 || error == .noSuchFileOrDirectory || error == .notDirectory else {
            throw SpoolError(.inspect, path, error)
        }
        guard result == 0, held.st_ino == found.st_ino, held.st_dev == found.st_dev else {
            let hint = "the spool was unmounted, moved or deleted: put it back, or start rollcall again"
            throw SpoolError(.open, path, .staleNFSFileHandle, hint: hint)
        }
    }

    /// The process that serves a spool now; `nil` when none does.
    package static func holder(of folders: SpoolFolders) -> Int? {
        let path = folders.processing.appending("service.lock")
        let opened = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        if flock(opened, LOCK_SH | LOCK_NB) == 0 { return nil }
        return Int(holder(opened))
    }

    private static func holder(_ descriptor: CInt) -> String {
        var digits = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &digits, digits.count, 0)
        let number = digits.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return number.isEmpty ? "unknown" : String(decoding: number, as: UTF8.self)
    }
}
