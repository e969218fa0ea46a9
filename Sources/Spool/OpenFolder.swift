internal import CLinux
internal import Glibc
internal import SystemPackage

/// An open folder: everything below the spool's root is reached through these, one name at a time and never
/// through a symbolic link, so that nobody who may write into the spool can lead a write or a read out of it.
struct OpenFolder: ~Copyable {
    let descriptor: CInt
    /// For messages alone.
    let path: FilePath

    private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK

    /// - Parameter descriptor: closed when this is gone.
    init(descriptor: CInt, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Opens the folder at `path`, following links: only the spool's root is given by path.
    init(at path: FilePath) throws(SpoolError) {
        let opened = path.withPlatformString { open($0, Self.flags) }
        guard opened >= 0 else { throw SpoolError(.open, path, .latest) }
        self.init(descriptor: opened, path: path)
    }

    /// A folder in this one; nil when there is none of that name.
    func folder(_ name: FilePath.Component) throws(SpoolError) -> OpenFolder? {
        let opened = name.withPlatformString { openat(descriptor, $0, Self.flags | O_NOFOLLOW) }
        if opened >= 0 { return OpenFolder(descriptor: opened, path: path.appending(name)) }
        let error = Errno.latest
        if error == .noSuchFileOrDirectory { return nil }
        throw SpoolError(.open, path.appending(name), error)
    }

    /// A folder in this one, made when it is missing; one that root makes belongs to this one's owner, as the service
    /// would have made it.
    /// - Parameter durable: a new one is on disk when this returns.
    func madeFolder(
        _ name: FilePath.Component, mode: mode_t = 0o777, durable: Bool = false
    ) throws(SpoolError) -> OpenFolder {
        if let folder = try folder(name) { return folder }
        // Somebody may remove it between the two calls: try again, but not for ever.
        for _ in 0..<8 {
            let made = name.withPlatformString { mkdirat(descriptor, $0, mode) }
            let error = Errno.latest
            if made != 0 && error != .fileExists { throw SpoolError(.makeFolder, path.appending(name), error) }
            if made == 0 && durable { try flush() }
            guard let folder = try folder(name) else { continue }
            if made == 0 && geteuid() == 0 { try folder.takeOwner(of: self) }
            return folder
        }
        throw SpoolError(.makeFolder, path.appending(name), .noSuchFileOrDirectory)
    }

    private func takeOwner(of above: borrowing OpenFolder) throws(SpoolError) {
        var raw = stat()
        guard fstat(above.descriptor, &raw) == 0 else { throw SpoolError(.inspect, above.path, .latest) }
        guard raw.st_uid != geteuid() else { return }
        var own = stat()
        guard fstat(descriptor, &own) == 0 else { throw SpoolError(.inspect, path, .latest) }
        // The group stays; nobody else gets in by root's wider umask.
        guard fchown(descriptor, raw.st_uid, .max) == 0, fchmod(descriptor, own.st_mode & 0o7770) == 0 else {
            throw SpoolError(.makeFolder, path, .latest)
        }
    }

    /// What is there under a name, itself and not what it links to; nil when nothing is.
    func facts(of name: FilePath.Component) throws(SpoolError) -> FileFacts? {
        var raw = stat()
        let result = name.withPlatformString { fstatat(descriptor, $0, &raw, AT_SYMLINK_NOFOLLOW) }
        if result == 0 { return FileFacts(raw) }
        let error = Errno.latest
        if error == .noSuchFileOrDirectory { return nil }
        throw SpoolError(.inspect, path.appending(name), error)
    }

    /// What this folder itself is.
    func facts() throws(SpoolError) -> FileFacts {
        var raw = stat()
        guard fstat(descriptor, &raw) == 0 else { throw SpoolError(.inspect, path, .latest) }
        return FileFacts(raw)
    }

    enum Move { case moved, sourceGone, nameTaken }

    /// Renames `name` into `target` in one step, replacing nothing.
    func move(
        _ name: FilePath.Component, to target: borrowing OpenFolder, as newName: FilePath.Component
    ) throws(SpoolError) -> Move {
        let result = name.withPlatformString { from in
            newName.withPlatformString { to in
                renameat2(descriptor, from, target.descriptor, to, rename_no_replace)
            }
        }
        if result == 0 { return .moved }
        let error = Errno.latest
        switch error {
        case .fileExists: return .nameTaken
        case .noSuchFileOrDirectory: return .sourceGone
        default: throw SpoolError(.rename, path.appending(name), error)
        }
    }

    /// Ends a move that a power cut left half done, the file under both of its names: takes the old one away.
    /// - Parameter facts: what lies here under `name`.
    /// - Returns: whether the same file is in `target` as `newName`.
    func removeOtherName(
        _ name: FilePath.Component, of facts: FileFacts, in target: borrowing OpenFolder, as newName: FilePath.Component
    ) throws(SpoolError) -> Bool {
        guard let moved = try target.facts(of: newName), moved.kind == .file, moved.inode == facts.inode,
            moved.device == facts.device
        else { return false }
        guard name.withPlatformString({ unlinkat(descriptor, $0, 0) }) == 0 else {
            throw SpoolError(.remove, path.appending(name), .latest)
        }
        return true
    }

    /// Makes the names in this folder durable.
    func flush() throws(SpoolError) {
        guard fsync(descriptor) == 0 else { throw SpoolError(.flush, path, .latest) }
    }

    /// Removes a folder in this one if it is empty; tells whether it is gone.
    @discardableResult
    func removeEmptyFolder(_ name: FilePath.Component) -> Bool {
        name.withPlatformString { unlinkat(descriptor, $0, CInt(AT_REMOVEDIR)) } == 0
    }

    /// Takes the folder's advisory lock for as long as it stays open; false when somebody else has it.
    /// - Parameter tries: more than one outlast a look at what was left behind, which has the lock for a moment.
    func lock(tries: Int = 20) throws(SpoolError) -> Bool {
        for attempt in 1...max(1, tries) {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            let error = Errno.latest
            guard error == .wouldBlock else { throw SpoolError(.lock, path, error) }
            if attempt < tries { usleep(10_000) }
        }
        return false
    }
}

extension OpenFolder {
    /// The folder's names, without `.` and `..`, in no order; the kind is nil where the file system doesn't tell.
    func forEachName(_ body: (UnsafePointer<CChar>, FileKind?) -> Void) throws(SpoolError) {
        let copy = openat(descriptor, ".", Self.flags)
        guard copy >= 0 else { throw SpoolError(.list, path, .latest) }
        guard let stream = fdopendir(copy) else {
            let error = Errno.latest
            close(copy)
            throw SpoolError(.list, path, error)
        }
        defer { closedir(stream) }
        while true {
            Glibc.errno = 0
            guard let entry = readdir(stream) else { break }
            let kind = FileKind(directoryEntry: entry.pointee.d_type)
            withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    if !isDots(name) { body(name, kind) }
                }
            }
        }
        guard Glibc.errno == 0 else { throw SpoolError(.list, path, .latest) }
    }

    private func isDots(_ name: UnsafePointer<CChar>) -> Bool {
        guard name[0] == 0x2E else { return false }
        return name[1] == 0 || (name[1] == 0x2E && name[2] == 0)
    }

    /// The folder's names.
    func names() throws(SpoolError) -> [FilePath.Component] {
        var names: [FilePath.Component] = []
        try forEachName { name, _ in
            if let component = FilePath.Component(platformString: name) { names.append(component) }
        }
        return names
    }
}

extension FileKind {
    fileprivate init?(directoryEntry type: UInt8) {
        switch Int(type) {
        case Int(DT_REG): self = .file
        case Int(DT_DIR): self = .folder
        case Int(DT_LNK): self = .symbolicLink
        case Int(DT_FIFO): self = .fifo
        case Int(DT_SOCK): self = .socket
        case Int(DT_CHR), Int(DT_BLK): self = .device
        default: return nil
        }
    }
}

extension Errno {
    /// The calling thread's `errno`: to be read before any other call.
    static var latest: Errno { Errno(rawValue: Glibc.errno) }
}
