internal import Glibc
internal import SystemPackage

/// One service a spool: held until it is given up, or until its process ends in whatever way.
package struct SpoolLock: ~Copyable {
    private let descriptor: CInt

    /// - Throws: `SpoolError` with `wouldBlock` and the other process's id in the hint when the spool is taken.
    package init(_ folders: SpoolFolders) throws(SpoolError) {
        let path = folders.processing.appending("service.lock")
        let opened = path.withPlatformString { open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard opened >= 0 else { throw SpoolError(.open, path, .latest) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let error = Errno.latest
            let hint = "another rollcall serves this spool: process \(Self.holder(opened))"
            close(opened)
            throw SpoolError(.lock, path, error, hint: error == .wouldBlock ? hint : nil)
        }
        descriptor = opened
        ftruncate(opened, 0)
        Array("\(getpid())\n".utf8).withUnsafeBufferPointer { _ = AtomicFile.writeAll($0, to: opened) }
    }

    deinit { close(descriptor) }

    private static func holder(_ descriptor: CInt) -> String {
        var digits = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &digits, digits.count, 0)
        let number = digits.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return number.isEmpty ? "unknown" : String(decoding: number, as: UTF8.self)
    }
}
