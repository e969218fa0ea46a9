internal import Glibc
package import SystemPackage

/// Writes whole files: a reader sees the old content or the new, never a part, also after a power cut.
package enum AtomicFile {
    /// Writes to a temporary name in the same folder, flushes it, renames it over `path`, flushes the folder.
    /// The folder itself must be no symbolic link.
    /// - Parameter permissions: whatever the umask is; `nil` leaves it to the umask.
    /// - Throws: `SpoolError`; nothing is left behind then.
    package static func write(_ bytes: some Sequence<UInt8>, to path: FilePath, permissions: FilePermissions? = nil) throws(SpoolError) {
        guard let name = path.lastComponent else { throw SpoolError(.write, path, .isDirectory) }
        let above = path.removingLastComponent()
        let folder = try OpenFolder(at: above.isEmpty ? "." : above)
        try write(bytes, named: name, in: folder, permissions: permissions)
    }

    static func write(
        _ bytes: some Sequence<UInt8>, named name: FilePath.Component, in folder: borrowing OpenFolder,
        permissions: FilePermissions? = nil
    ) throws(SpoolError) {
        try place(bytes, named: name, in: folder, permissions: permissions)
        try folder.flush()
    }

    /// As `write`, without flushing the folder.
    static func place(
        _ bytes: some Sequence<UInt8>, named name: FilePath.Component, in folder: borrowing OpenFolder,
        permissions: FilePermissions? = nil
    ) throws(SpoolError) {
        let temporary = temporaryName()
        let path = folder.path.appending(name)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = temporary.withPlatformString { openat(folder.descriptor, $0, flags, 0o666) }
        guard descriptor >= 0 else { throw SpoolError(.create, path, .latest) }
        defer { close(descriptor) }
        do throws(SpoolError) {
            // Held while it is being written: tells it from one that a killed process left.
            flock(descriptor, LOCK_EX | LOCK_NB)
            if let permissions { fchmod(descriptor, permissions.rawValue) }
            try fill(descriptor, with: bytes, path)
            try replace(name, by: temporary, in: folder)
        } catch {
            _ = temporary.withPlatformString { unlinkat(folder.descriptor, $0, 0) }
            throw error
        }
    }

    /// Gives a file of the folder a second name, in place of what has that name; false where the file system has no links.
    static func link(
        _ name: FilePath.Component, as second: FilePath.Component, in folder: borrowing OpenFolder
    ) throws(SpoolError) -> Bool {
        let temporary = temporaryName()
        let result = name.withPlatformString { from in
            temporary.withPlatformString { to in linkat(folder.descriptor, from, folder.descriptor, to, 0) }
        }
        guard result == 0 else { return false }
        do throws(SpoolError) { try replace(second, by: temporary, in: folder) } catch {
            _ = temporary.withPlatformString { unlinkat(folder.descriptor, $0, 0) }
            throw error
        }
        return true
    }

    private static func fill(
        _ descriptor: CInt, with bytes: some Sequence<UInt8>, _ path: FilePath
    ) throws(SpoolError) {
        let written = bytes.withContiguousStorageIfAvailable { writeAll($0, to: descriptor) }
        let error = written ?? Array(bytes).withUnsafeBufferPointer { writeAll($0, to: descriptor) }
        if let error { throw SpoolError(.write, path, error) }
        guard fsync(descriptor) == 0 else { throw SpoolError(.flush, path, .latest) }
    }

    /// nil when all was written.
    static func writeAll(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: CInt) -> Errno? {
        var rest = UnsafeRawBufferPointer(bytes)
        while let base = rest.baseAddress, !rest.isEmpty {
            let count = Glibc.write(descriptor, base, rest.count)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            } else if count == 0 {
                return .ioError
            } else if Glibc.errno != EINTR {
                return .latest
            }
        }
        return nil
    }

    static func replace(
        _ name: FilePath.Component, by temporary: FilePath.Component, in folder: borrowing OpenFolder
    ) throws(SpoolError) {
        let result = temporary.withPlatformString { from in
            name.withPlatformString { to in renameat(folder.descriptor, from, folder.descriptor, to) }
        }
        guard result == 0 else { throw SpoolError(.rename, folder.path.appending(name), .latest) }
    }
}

extension AtomicFile {
    private static let prefix = ".rollcall-"
    private static let suffix = ".tmp"

    static func temporaryName() -> FilePath.Component {
        let random = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return FilePath.Component(prefix + random + suffix) ?? ".rollcall.tmp"
    }

    /// Removes temporary files that a killed process left in a folder; those of a living one are locked.
    static func removeLeftovers(in folder: borrowing OpenFolder) throws(SpoolError) {
        for name in try folder.names() {
            let text = name.string
            guard text.hasPrefix(prefix), text.hasSuffix(suffix) else { continue }
            let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
            let descriptor = name.withPlatformString { openat(folder.descriptor, $0, flags) }
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
            _ = name.withPlatformString { unlinkat(folder.descriptor, $0, 0) }
        }
    }
}

extension SpoolFolders {
    /// Writes a file into a campaign's `results` folder, which is made when it is missing.
    /// - Throws: `SpoolError`, also when `results` is a symbolic link.
    package func writeResult(
        _ bytes: some Sequence<UInt8>, named name: FilePath.Component, of campaign: String
    ) throws(SpoolError) {
        let results = try openMade(Self.resultsName, of: campaign)
        try AtomicFile.write(bytes, named: name, in: results)
    }

    /// Writes a manifest under the ingest's own name, and the same file under the newest.
    /// - Throws: `SpoolError`, also when `results` is a symbolic link.
    package func writeManifest(
        _ json: [UInt8], named names: ResultNames, of campaign: String
    ) throws(SpoolError) {
        let results = try openMade(Self.resultsName, of: campaign)
        DurableStep.manifest.begins()
        try AtomicFile.place(json, named: names.own, in: results)
        DurableStep.manifest.ended()
        DurableStep.newest.begins()
        if try !AtomicFile.link(names.own, as: names.newest, in: results) {
            try AtomicFile.place(json, named: names.newest, in: results)
        }
        try results.flush()
        DurableStep.newest.ended()
    }
}
