internal import CLinux
internal import Glibc
internal import SystemPackage

/// How much memory this process may take, and how much it had taken when this was made.
package struct MemoryLimits: Sendable {
    /// What a use of the program takes beyond what it has at its start.
    package struct Need: Sendable {
        /// Each has a stack. One that cannot be made is waited for by Swift's runtime, for ever.
        package var threads: Int
        /// Bytes.
        package var heap: Int

        /// - Parameter threads: beside those that Swift's runtime makes, one a core.
        package init(threads: Int, heap: Int = 64 << 20) {
            self.threads = threads + max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
            self.heap = heap
        }
    }

    /// All in bytes.
    private struct Limit {
        let name: String
        let remedy: String
        let value: Int
        let used: Int
        /// Whether a stack counts before it is used.
        let countsStacks: Bool
    }

    private let limits: [Limit]

    /// As they were when this was first asked for, which `main` does before there is another thread.
    package static let atStart = {
        let limits = MemoryLimits()
        // Each further arena takes 64 MiB of address space, which stacks are then short of.
        if limits.areSet { _ = mallopt(M_ARENA_MAX, 1) }
        return limits
    }()

    /// As they are now.
    package init() {
        let sizes = Self.text("/proc/self/statm").split(separator: " ").map { (Int($0) ?? 0) * Int(getpagesize()) }
        guard sizes.count > 5 else {
            limits = []
            return
        }
        limits = [
            Self.resource(RLIMIT_AS).map {
                Limit(name: "RLIMIT_AS", remedy: "ulimit -v, or LimitAS= in the unit", value: $0, used: sizes[0], countsStacks: true)
            },
            Self.resource(RLIMIT_DATA).map {
                Limit(name: "RLIMIT_DATA", remedy: "ulimit -d, or LimitDATA= in the unit", value: $0, used: sizes[5], countsStacks: true)
            },
            Self.controlGroup().map {
                Limit(name: "memory.max of \($0.path)", remedy: "MemoryMax= in the unit", value: $0.bytes, used: sizes[1], countsStacks: false)
            },
        ].compactMap(\.self)
    }

    /// Whether a stack or an allocation may meet a limit of this process.
    package var areSet: Bool { limits.contains { $0.countsStacks } }

    /// Which limit leaves too little to start with, what it is, what it must be at least and how to raise it; `nil` when
    /// none does.
    package func shortage(for need: Need) -> String? {
        for limit in limits {
            let least = limit.used + need.heap + (limit.countsStacks ? need.threads * Self.stack : 0)
            guard limit.value < least else { continue }
            return """
                too little memory to start: \(limit.name) is \(limit.value >> 20) MiB, at least \((least >> 20) + 1) MiB are needed: \
                raise it (\(limit.remedy))
                """
        }
        return nil
    }

    /// Which limit leaves no room for another thread, where one would be waited for for ever; `nil` when none does.
    package var exhaustion: String? {
        guard let limit = limits.first(where: { $0.countsStacks && $0.value - $0.used < Self.stack }) else { return nil }
        return "the memory is used up: \(limit.used >> 20) of \(limit.value >> 20) MiB, \(limit.name): raise it (\(limit.remedy))"
    }

    /// What glibc gives a thread: its soft limit, or 2 MiB where there is none.
    private static var stack: Int { resource(RLIMIT_STACK) ?? 2 << 20 }

    /// `nil` when there is no limit.
    private static func resource(_ which: __rlimit_resource) -> Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(which.rawValue), &limit) == 0 else { return nil }
        return Int(exactly: limit.rlim_cur)
    }

    /// The lowest limit of this process's control group (version 2) and those around it.
    private static func controlGroup() -> (path: String, bytes: Int)? {
        let own = text("/proc/self/cgroup").split(separator: "\n").first { $0.hasPrefix("0::/") }
        var group = FilePath(own.map { String($0.dropFirst(3)) } ?? "/")
        var lowest: (path: String, bytes: Int)?
        repeat {
            let file = "/sys/fs/cgroup\(group.string == "/" ? "" : group.string)/memory.max"
            if let bytes = Int(text(file).prefix { $0.isNumber }), bytes < lowest?.bytes ?? .max { lowest = (group.string, bytes) }
        } while group.removeLastComponent()
        return lowest
    }

    private static func text(_ path: String) -> String {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return "" }
        defer { close(opened) }
        var text = [UInt8](repeating: 0, count: 4096)
        let count = read(opened, &text, text.count)
        return String(decoding: text.prefix(max(0, count)), as: UTF8.self)
    }
}
