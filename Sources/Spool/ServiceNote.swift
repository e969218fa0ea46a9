internal import Glibc
internal import Synchronization
internal import SystemPackage

/// What the running service tells about itself: a file in `.processing` that others read. Its blocks are taken once,
/// so that it can also be written when the disk is full, and it is open only while it is being written, so that it
/// keeps no file system from being unmounted or remounted read-only.
package struct ServiceNote: Sendable {
    private let path: FilePath
    /// Kept so that the file can be opened when no other descriptor is left.
    private let spare = Spare()
    private static let size = 1 << 16

    /// - Throws: `SpoolError` when the file cannot be made, or there is no room for it.
    package init(_ folders: SpoolFolders) throws(SpoolError) {
        path = Self.path(folders)
        let opened = Self.open(path, O_RDWR | O_CREAT)
        guard opened >= 0 else { throw SpoolError(.open, path, .latest) }
        defer { close(opened) }
        let error = posix_fallocate(opened, 0, Self.size)
        guard error == 0 else { throw SpoolError(.write, path, Errno(rawValue: error)) }
    }

    /// Replaces the text, in place; one that is too long is left out.
    package func write(_ text: [UInt8]) {
        guard text.count < Self.size else { return }
        let padded = text + [UInt8](repeating: 0x20, count: Self.size - text.count)
        spare.lend {
            let opened = Self.open(path, O_WRONLY)
            guard opened >= 0 else { return }
            _ = padded.withUnsafeBytes { pwrite(opened, $0.baseAddress, $0.count, 0) }
            close(opened)
        }
    }

    /// What the service wrote last; it may be read while it is being written. `nil` when there is none.
    package static func read(_ folders: SpoolFolders) -> [UInt8]? {
        let opened = open(path(folders), O_RDONLY | O_NONBLOCK)
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        var text = [UInt8](repeating: 0, count: size)
        let count = text.withUnsafeMutableBytes { pread(opened, $0.baseAddress, $0.count, 0) }
        return count > 0 ? Array(text.prefix(count)) : nil
    }

    private static func open(_ path: FilePath, _ flags: CInt) -> CInt {
        path.withPlatformString { Glibc.open($0, flags | O_CLOEXEC | O_NOFOLLOW, 0o600) }
    }

    private static func path(_ folders: SpoolFolders) -> FilePath { folders.processing.appending("service.state") }
}

/// A descriptor that is held for a moment of need.
private final class Spare: Sendable {
    private let descriptor = Mutex(Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC))

    func lend(_ body: () -> Void) {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            body()
            descriptor = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
        }
    }

    deinit { descriptor.withLock { if $0 >= 0 { close($0) } } }
}
