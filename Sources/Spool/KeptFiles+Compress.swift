internal import Glibc
internal import Subprocess
internal import SystemPackage

extension SpoolFolders {
    /// Puts `<name>.zst` in the place of an archived file, by the program `zstd`: flushed and renamed before the file itself
    /// goes, so that one of both is whole at any moment.
    /// - Throws: `SpoolError`; the file is then as it was.
    package func compress(_ file: KeptFile) async throws(SpoolError) {
        guard let folder = try openKept(file.place, of: file.campaign), let target = file.compressedName else { return }
        let path = folder.path.appending(file.name)
        // A stop came between the rename and the removal.
        if try folder.facts(of: target)?.kind != .file {
            let source = file.name.withPlatformString { openat(folder.descriptor, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
            guard source >= 0 else { throw SpoolError(.open, path, .latest) }
            let temporary = AtomicFile.temporaryName()
            let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let copy = temporary.withPlatformString { openat(folder.descriptor, $0, flags, 0o600) }
            guard copy >= 0 else {
                let error = Errno.latest
                close(source)
                throw SpoolError(.create, path, error)
            }
            do throws(SpoolError) {
                defer {
                    close(source)
                    close(copy)
                }
                flock(copy, LOCK_EX | LOCK_NB)
                try await Self.compress(source, into: copy, path)
                try AtomicFile.replace(target, by: temporary, in: folder)
                try folder.flush()
            } catch {
                _ = temporary.withPlatformString { unlinkat(folder.descriptor, $0, 0) }
                throw error
            }
        }
        try remove(file)
    }

    private static func compress(_ source: CInt, into copy: CInt, _ path: FilePath) async throws(SpoolError) {
        var failure: String?
        do {
            let result = try await run(
                .name("zstd"), arguments: ["-q", "-c"],
                input: .fileDescriptor(FileDescriptor(rawValue: source), closeAfterSpawningProcess: false),
                output: .fileDescriptor(FileDescriptor(rawValue: copy), closeAfterSpawningProcess: false),
                error: .discarded)
            if !result.terminationStatus.isSuccess { failure = "zstd failed: \(result.terminationStatus)" }
        } catch {
            failure = "zstd cannot be run; install it: apt-get install zstd"
        }
        if let failure { throw SpoolError(.copy, path, .ioError, hint: failure) }
        var (old, new) = (stat(), stat())
        guard fsync(copy) == 0, fstat(source, &old) == 0, fstat(copy, &new) == 0 else { throw SpoolError(.flush, path, .latest) }
        // The time is what people look at.
        var times = [old.st_atim, old.st_mtim]
        futimens(copy, &times)
    }
}
