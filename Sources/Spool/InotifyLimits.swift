internal import Glibc
internal import SystemPackage

/// What the kernel allows one user to watch, and what the user has.
package struct InotifyLimits: Sendable, Hashable {
    package var watches: Int
    package var instances: Int
    /// The setting that is the lowest, for `sysctl`.
    package var watchesKey: String

    /// The lower of the machine's and the user namespace's; `nil` without inotify.
    package static var current: InotifyLimits? {
        guard let machine = read("/proc/sys/fs/inotify/max_user_watches"),
            let instances = read("/proc/sys/fs/inotify/max_user_instances")
        else { return nil }
        let space = read("/proc/sys/user/max_inotify_watches") ?? .max
        let spaceInstances = read("/proc/sys/user/max_inotify_instances") ?? .max
        return InotifyLimits(
            watches: min(machine, space), instances: min(instances, spaceInstances),
            watchesKey: space < machine ? "user.max_inotify_watches" : "fs.inotify.max_user_watches")
    }

    /// The command that allows more: twice what there is, or what is needed.
    package func remedy(needed: Int = 0) -> String {
        "sysctl -w \(watchesKey)=\(max(2 * needed, 2 * min(watches, .max / 2), 8192))"
    }

    /// Watches of all processes of this process's user, as far as `/proc` shows them.
    package static func watchesInUse() -> Int {
        guard let processes = try? OpenFolder(at: "/proc").names() else { return 0 }
        return processes.filter { $0.string.allSatisfy(\.isNumber) }.reduce(0) { $0 + watches(ofProcess: $1) }
    }

    private static func watches(ofProcess id: FilePath.Component) -> Int {
        let process = FilePath("/proc").appending(id)
        var raw = stat()
        guard process.withPlatformString({ stat($0, &raw) }) == 0, raw.st_uid == geteuid() else { return 0 }
        let files = process.appending("fd")
        guard let names = try? OpenFolder(at: files).names() else { return 0 }
        return names.reduce(0) { count, name in
            guard isInotify(files.appending(name)) else { return count }
            return count + lines(process.appending("fdinfo").appending(name), beginningWith: "inotify ")
        }
    }

    private static func isInotify(_ path: FilePath) -> Bool {
        var target = [CChar](repeating: 0, count: 64)
        let count = path.withPlatformString { readlink($0, &target, target.count) }
        return count > 0 && target.prefix(count).map { UInt8(bitPattern: $0) }.elementsEqual("anon_inode:inotify".utf8)
    }

    private static func lines(_ path: FilePath, beginningWith start: String) -> Int {
        text(path).split(separator: 0x0A).count { $0.starts(with: start.utf8) }
    }

    private static func read(_ path: FilePath) -> Int? {
        Int(String(decoding: text(path).prefix { $0 != 0x0A }, as: UTF8.self))
    }

    private static func text(_ path: FilePath) -> [UInt8] {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return [] }
        defer { try? file.close() }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
            text += buffer.prefix(count)
        }
        return text
    }
}
