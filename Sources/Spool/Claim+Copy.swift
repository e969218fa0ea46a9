internal import CLinux
internal import Glibc
package import SystemPackage

extension Claim {
    /// Claims a copy of a file from anywhere; the original stays as it is. Shares the blocks where the file
    /// system can.
    /// - Parameters:
    ///   - path: the file to copy; links are followed, since the caller named it.
    ///   - id: the ingest's id, a lower-case UUID.
    /// - Throws: `SpoolError`, with `resourceBusy` when a program is still writing the file.
    package static func copy(
        of path: FilePath, campaign: String, isCheck: Bool, in folders: SpoolFolders, id: String
    ) throws(SpoolError) -> Claim {
        let source = try openSource(path)
        defer { close(source) }
        guard let name = path.lastComponent, name.kind == .regular else {
            throw SpoolError(.copy, path, .isDirectory)
        }
        let origin = DropFolder(campaign: campaign, isCheck: isCheck)
        let slot = try ClaimSlot.make(id, for: origin, in: folders)
        do throws(SpoolError) {
            try fill(slot.folder, from: source, path)
            // Only whole copies lie where recovery looks for files.
            guard try slot.folder.move(ClaimSlot.partialName, to: slot.leaf, as: name) == .moved else {
                throw SpoolError(.rename, slot.leaf.path.appending(name), .fileExists)
            }
        } catch {
            slot.remove()
            throw error
        }
        return try Claim(name, in: slot, folders: folders)
    }

    private static func openSource(_ path: FilePath) throws(SpoolError) -> CInt {
        let opened = path.withPlatformString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard opened >= 0 else { throw SpoolError(.open, path, .latest) }
        var raw = stat()
        guard fstat(opened, &raw) == 0, FileKind(mode: raw.st_mode) == .file else {
            close(opened)
            throw SpoolError(.copy, path, .invalidArgument, hint: "this is no regular file")
        }
        if case .writer = Lease.ask(opened) {
            close(opened)
            throw SpoolError(.copy, path, .resourceBusy, hint: "a program is still writing it")
        }
        return opened
    }

    private static func fill(
        _ folder: borrowing OpenFolder, from source: CInt, _ path: FilePath
    ) throws(SpoolError) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let copy = ClaimSlot.partialName.withPlatformString { openat(folder.descriptor, $0, flags, 0o600) }
        guard copy >= 0 else { throw SpoolError(.create, folder.path, .latest) }
        defer { close(copy) }
        if let error = copyAll(from: source, to: copy) { throw SpoolError(.copy, path, error) }
        guard fsync(copy) == 0 else { throw SpoolError(.flush, folder.path, .latest) }
    }

    /// nil when all was copied.
    private static func copyAll(from source: CInt, to copy: CInt) -> Errno? {
        while true {
            let count = copy_file_range(source, nil, copy, nil, 1 << 30, 0)
            if count > 0 { continue }
            if count == 0 { break }
            switch Errno.latest {
            case .interrupted: continue
            case .improperLink, .invalidArgument, .noFunction, .notSupportedOnSocket: break
            case let error where error == .notSupported: break
            case let error: return error
            }
            break
        }
        // The rest, or all of it where the kernel does not copy; some file systems tell the end too early.
        return readAndWrite(from: source, to: copy)
    }

    private static func readAndWrite(from source: CInt, to copy: CInt) -> Errno? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 17) { buffer in
            while true {
                let count = read(source, buffer.baseAddress, buffer.count)
                if count == 0 { return nil }
                if count < 0 {
                    if Errno.latest == .interrupted { continue }
                    return .latest
                }
                let piece = UnsafeBufferPointer(rebasing: buffer.prefix(count))
                if let error = AtomicFile.writeAll(piece, to: copy) { return error }
            }
        }
    }
}
