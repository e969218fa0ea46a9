import GRDB
import Glibc
import Synchronization

/// Brings SQLite's write-ahead log to disk, outside of the writer's turn: the next transaction is being written meanwhile,
/// and one flush serves all who wait for one.
///
/// It is what SQLite does at `synchronous = FULL` within the commit. The log keeps the order: when a commit is on disk, all
/// before it are.
final class LogFlush: Sendable {
    private struct State {
        /// How many of those who asked have their commits on disk.
        var served = 0
        /// The last flush failed. The kernel tells that once, and may drop what it could not write.
        var isBroken: Bool
    }

    private let descriptor: CInt
    private let asked = Atomic(0)
    /// Locked while one flushes for all.
    private let state: Mutex<State>

    /// - Parameter path: the database's; its log is there.
    init(of path: String) {
        descriptor = open(path + "-wal", O_RDONLY | O_CLOEXEC)
        state = Mutex(State(isBroken: !Self.flushFolder(of: path)))
    }

    /// SQLite flushes the name of a new log with its own first flush of it, which may never come. Like SQLite, passes over a
    /// folder that it may not open.
    private static func flushFolder(of path: String) -> Bool {
        let slash = path.lastIndex(of: "/").map { path[...$0] }
        let folder = open(slash.map(String.init) ?? ".", O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return true }
        defer { close(folder) }
        return fsync(folder) == 0
    }

    deinit { close(descriptor) }

    /// Returns when everything that was committed before the call is on disk.
    func wait(in pool: DatabasePool) throws {
        let ticket = asked.add(1, ordering: .acquiringAndReleasing).newValue
        try state.withLock { state in
            if state.served >= ticket { return }
            let all = asked.load(ordering: .acquiring)
            if state.isBroken { try Self.writeElsewhere(pool) }
            state.isBroken = fdatasync(descriptor) != 0
            if state.isBroken { throw Self.failure }
            state.served = all
        }
    }

    /// Copies all that is in the log into the database file, and flushes that.
    private static func writeElsewhere(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { db in
            let result = try db.checkpoint(.full)
            guard result.walFrameCount == result.checkpointedFrameCount else {
                throw DatabaseError(resultCode: .SQLITE_IOERR, message: "the log cannot be flushed, nor moved into the database")
            }
        }
    }

    private static var failure: DatabaseError {
        DatabaseError(resultCode: .SQLITE_IOERR, message: "cannot flush the log: \(String(cString: strerror(errno)))")
    }
}
