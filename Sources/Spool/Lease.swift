internal import CLinux
internal import Glibc

/// Whether somebody has a file open for writing: the kernel grants a read lease only when nobody has.
enum Lease {
    enum Answer {
        case noWriter
        case writer
        /// The file is another user's, or its file system has no leases: quiet time alone has to tell.
        case unknown
    }

    static func ask(_ descriptor: CInt) -> Answer {
        guard !FileSystem.isRemote(descriptor) else { return .unknown }
        // A writer that opens the file while the lease stands has the kernel send a signal: SIGIO, which would
        // end the process, unless another is named. SIGURG is ignored by default.
        guard fcntl(descriptor, set_signal, SIGURG) == 0 else { return .unknown }
        if fcntl(descriptor, set_lease, CInt(F_RDLCK)) == 0 {
            _ = fcntl(descriptor, set_lease, CInt(F_UNLCK))
            return .noWriter
        }
        return Glibc.errno == EAGAIN ? .writer : .unknown
    }
}

enum FileSystem {
    /// NFS, CIFS, FUSE and 9P: another machine or program may change what is there, unseen. NFS and CIFS refuse leases with the
    /// same error that tells of a writer.
    static func isRemote(_ descriptor: CInt) -> Bool {
        var system = statfs()
        guard fstatfs(descriptor, &system) == 0 else { return false }
        switch UInt32(truncatingIfNeeded: system.f_type) {
        case 0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x517B, 0x6573_5546, 0x0102_1997: return true
        default: return false
        }
    }
}
