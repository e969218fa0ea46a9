internal import Glibc

/// The kernel's limit of inotify watches for one user.
enum WatchLimit {
    /// What to raise, and to which number; begins with a semicolon.
    static func hint() -> String {
        let limit = current() ?? 8192
        let wanted = max(limit.multipliedReportingOverflow(by: 2).partialValue, 65_536)
        return "; fs.inotify.max_user_watches is \(limit): sysctl fs.inotify.max_user_watches=\(wanted)"
    }

    private static func current() -> Int? {
        let descriptor = open("/proc/sys/fs/inotify/max_user_watches", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var digits = [UInt8](repeating: 0, count: 24)
        let count = read(descriptor, &digits, digits.count)
        let number = digits.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return Int(String(decoding: number, as: UTF8.self))
    }
}
