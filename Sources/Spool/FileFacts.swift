internal import Glibc
package import SystemPackage

/// A moment of the system's clock: seconds since 1970-01-01T00:00:00Z, and the nanoseconds after.
package struct FileTime: Sendable, Hashable, Comparable {
    package var seconds: Int64
    package var nanoseconds: Int32

    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The system's clock, which somebody may set back.
    package static func now() -> FileTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return FileTime(time)
    }

    package static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The time from `earlier` to here, in whole seconds; negative when it is not earlier.
    func wholeSeconds(since earlier: FileTime) -> Int64 {
        seconds.subtractingReportingOverflow(earlier.seconds).partialValue
    }
}

extension FileTime {
    init(_ time: timespec) {
        self.init(seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
    }
}

/// What `fstat` tells about a file; two equal values mean that nobody changed it in between.
struct FileFacts: Sendable, Hashable {
    var kind: FileKind
    var device: UInt64
    var inode: UInt64
    var links: UInt64
    var size: Int64
    var modified: FileTime
    var changed: FileTime

    init(_ raw: stat) {
        kind = FileKind(mode: raw.st_mode)
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        links = UInt64(raw.st_nlink)
        size = Int64(raw.st_size)
        modified = FileTime(raw.st_mtim)
        changed = FileTime(raw.st_ctim)
    }
}

/// A file's length and when it was last written to: two equal stamps mean that nobody wrote in between. A change of
/// permissions, owner or name does not count.
package struct FileStamp: Sendable, Hashable {
    private let size: Int64
    private let modified: FileTime

    init(_ facts: FileFacts) {
        size = facts.size
        modified = facts.modified
    }

    /// Of an open file.
    /// - Throws: `SpoolError`.
    package init(_ descriptor: FileDescriptor) throws(SpoolError) {
        var raw = stat()
        guard fstat(descriptor.rawValue, &raw) == 0 else { throw SpoolError(.inspect, "", .latest) }
        self.init(FileFacts(raw))
    }

    /// Of whatever file is at the path now; `nil` when none is.
    package init?(_ path: FilePath) {
        var raw = stat()
        guard path.withPlatformString({ stat($0, &raw) }) == 0 else { return nil }
        self.init(FileFacts(raw))
    }
}

/// The kinds of things that have a name in a folder.
package enum FileKind: String, Sendable, Hashable {
    case file, folder, socket, device, unknown
    case symbolicLink = "symbolic link"
    case fifo = "named pipe"

    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        case S_IFLNK: self = .symbolicLink
        case S_IFIFO: self = .fifo
        case S_IFSOCK: self = .socket
        case S_IFCHR, S_IFBLK: self = .device
        default: self = .unknown
        }
    }
}
