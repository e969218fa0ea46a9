internal import Glibc
package import SystemPackage

/// A whole file written piece by piece: nobody sees it before `commit`, and nothing stays behind without it.
package struct AtomicFileWriter: ~Copyable {
    private let folder: OpenFolder
    private let name: FilePath.Component
    private let temporary: FilePath.Component
    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private var isInPlace = false

    private static let bufferSize = 1 << 16

    init(_ name: FilePath.Component, in folder: consuming OpenFolder) throws(SpoolError) {
        self.name = name
        temporary = AtomicFile.temporaryName()
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        descriptor = temporary.withPlatformString { [at = folder.descriptor] in openat(at, $0, flags, 0o666) }
        let error = Errno.latest
        let path = folder.path.appending(name)
        self.folder = folder
        guard descriptor >= 0 else { throw SpoolError(.create, path, error) }
        // Held while it is being written: tells it from one that a killed process left.
        flock(descriptor, LOCK_EX | LOCK_NB)
    }

    deinit {
        guard descriptor >= 0 else { return }
        if !isInPlace { _ = temporary.withPlatformString { unlinkat(folder.descriptor, $0, 0) } }
        close(descriptor)
    }

    /// Adds bytes at the end.
    /// - Throws: `SpoolError`.
    package mutating func append(_ bytes: [UInt8]) throws(SpoolError) {
        buffer += bytes
        if buffer.count >= Self.bufferSize { try writeOut() }
    }

    /// Flushes the file, gives it its name in place of an older one, flushes the folder.
    /// - Throws: `SpoolError`; an older file of that name is then still there.
    package consuming func commit() throws(SpoolError) {
        try writeOut()
        guard fsync(descriptor) == 0 else { throw SpoolError(.flush, folder.path.appending(name), .latest) }
        try AtomicFile.replace(name, by: temporary, in: folder)
        isInPlace = true
        try folder.flush()
    }

    private mutating func writeOut() throws(SpoolError) {
        let error = buffer.withUnsafeBufferPointer { [descriptor] in AtomicFile.writeAll($0, to: descriptor) }
        if let error { throw SpoolError(.write, folder.path.appending(name), error) }
        buffer.removeAll(keepingCapacity: true)
    }
}

extension SpoolFolders {
    /// Begins a file in a campaign's `results` folder, which is made when it is missing.
    /// - Throws: `SpoolError`, also when `results` is a symbolic link.
    package func resultWriter(named name: FilePath.Component, of campaign: String) throws(SpoolError) -> AtomicFileWriter {
        try AtomicFileWriter(name, in: openMade(Self.resultsName, of: campaign))
    }
}
