internal import Glibc
package import SystemPackage

/// How much is left of what a machine gives: disk, inotify watches, open files.
package struct Headroom: Sendable, Hashable {
    /// Of a file system, as an unprivileged process may use it.
    package struct Disk: Sendable, Hashable {
        /// Bytes.
        package var free: Int64
        package var size: Int64
        /// `nil` where the file system does not count them.
        package var freeInodes: Int64?

        package var freeRatio: Double { size > 0 ? Double(free) / Double(size) : 0 }

        package init(free: Int64, size: Int64, freeInodes: Int64? = nil) {
            self.free = free
            self.size = size
            self.freeInodes = freeInodes
        }
    }

    package struct Count: Sendable, Hashable {
        package var used: Int
        package var limit: Int

        package init(used: Int, limit: Int) {
            self.used = used
            self.limit = limit
        }
    }

    package var spool: Disk?
    package var database: Disk?
    package var watches: Count?
    /// Of this process.
    package var openFiles: Count?

    /// Each is `nil` where it cannot be told.
    ///
    /// - Parameter watches: as they were counted before; `nil` has them counted, for which the kernel lists every one.
    package init(spool: FilePath, database: FilePath, watches: Count? = nil) {
        self.spool = Disk(of: spool)
        self.database = Disk(of: database)
        self.watches = watches ?? InotifyLimits.current.map { Count(used: InotifyLimits.watchesInUse(), limit: $0.watches) }
        openFiles = Self.ownFiles
    }

    package init() {}

    /// What is nearly used up, a sentence each.
    package var warnings: [String] {
        var warnings: [String] = []
        for (name, disk) in [("the spool's", spool), ("the database's", database)] {
            guard let disk else { continue }
            if disk.isNearlyFull {
                warnings.append("\(name) file system has \(disk.free / 1_048_576) MiB free, \((disk.freeRatio * 100).rounded())%")
            }
            if let inodes = disk.freeInodes, inodes < 1000 { warnings.append("\(name) file system has \(inodes) inodes free") }
        }
        if let watches, watches.isNearlyUsedUp {
            let remedy = InotifyLimits.current.map { ": \($0.remedy())" } ?? ""
            warnings.append("\(watches.used) of \(watches.limit) inotify watches are used\(remedy)")
        }
        if let openFiles, openFiles.isNearlyUsedUp {
            warnings.append("\(openFiles.used) of \(openFiles.limit) open files are used: raise LimitNOFILE=")
        }
        return warnings
    }

    private static var ownFiles: Count? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            let names = try? OpenFolder(at: "/proc/self/fd").names()
        else { return nil }
        // The look itself has one open, or two.
        return Count(used: max(0, names.count - 2), limit: Int(clamping: limit.rlim_cur))
    }
}

extension Headroom.Count {
    /// Nine of ten.
    package var isNearlyUsedUp: Bool { used >= limit - limit / 10 }
}

extension Headroom.Disk {
    /// Less than 5 % and less than 10 GiB, or less than 256 MiB at all.
    package var isNearlyFull: Bool { (freeRatio < 0.05 && free < 10 << 30) || free < 256 << 20 }

    /// Of the file system that the path, or the nearest folder above it, lies on.
    package init?(of path: FilePath) {
        var path = path
        var raw = statvfs()
        while path.withPlatformString({ statvfs($0, &raw) }) != 0 {
            guard Errno.latest == .noSuchFileOrDirectory, path.removeLastComponent() else { return nil }
            if path.isEmpty { path = "." }
        }
        let unit = Int64(clamping: raw.f_frsize)
        free = Int64(clamping: raw.f_bavail).multipliedReportingOverflow(by: unit).partialValue
        size = Int64(clamping: raw.f_blocks).multipliedReportingOverflow(by: unit).partialValue
        freeInodes = raw.f_files > 0 ? Int64(clamping: raw.f_favail) : nil
    }
}
