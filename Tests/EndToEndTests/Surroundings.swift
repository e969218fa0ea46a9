import Foundation
import Glibc

/// What the machine lets a test do.
enum Surroundings {
    static let canTrace = succeeds("/usr/bin/strace", "-o", "/dev/null", "true")
    /// In a mount namespace of its own, so that nothing stays behind.
    static let canUnshare = succeeds("/usr/bin/unshare", "-Ur", "sh", "-c", "echo 1 > /proc/sys/user/max_inotify_watches")
    static let canMount = geteuid() == 0 && succeeds("/usr/bin/unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt")

    private static func succeeds(_ program: String, _ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
