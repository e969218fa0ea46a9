import Dispatch
import GRDB
import GRDBSQLite
import Glibc
import Synchronization

/// Moves committed pages from the log into the database file beside whoever writes.
///
/// SQLite itself does that within the commit that makes the log too long, for a tenth of a second in which everybody waits.
/// Here a connection of its own does nearly all of it; the writer then moves the little that came meanwhile, so that the log
/// begins anew.
final class Checkpoints: Sendable {
    private struct State {
        var stage = Stage.resting
        /// Pages that the writer had written when the log began anew, as far as is known.
        var start = 0
        /// Pages that the writer has written.
        var written = 0
    }

    private enum Stage { case resting, moving, moved }

    /// 64 MiB, in an older store half of that: few pages are moved more than once.
    private static let most = 8192
    /// 2 MiB: so few are left to the writer.
    private static let least = 256

    private let path: String
    private let state = Mutex(State())
    private let moving = DispatchGroup()

    init(of path: String) { self.path = path }

    /// To be called by the writer, between two transactions.
    func advance(_ db: Database) {
        let written = Self.pagesWritten(db)
        let (stage, length) = state.withLock { state in
            defer { if state.stage == .resting, written - state.start >= Self.most { state.stage = .moving } }
            state.written = written
            return (state.stage, written - state.start)
        }
        switch stage {
        case .resting: if length >= Self.most { move() }
        case .moving:
            // A disk that is slower than whoever writes: the log has to end somewhere.
            guard length >= 2 * Self.most else { return }
            moving.wait()
            finish(db, written)
        case .moved: finish(db, written)
        }
    }

    /// What fails here is tried again with the next; SQLite's own limit is the last resort.
    private func finish(_ db: Database, _ written: Int) {
        state.withLock { $0 = State(start: written, written: written) }
        _ = try? db.checkpoint(.passive)
    }

    private func move() {
        DispatchQueue(label: "checkpoint").async(group: moving) { [self] in
            // SQLite would make a database that was moved away anew.
            if access(path, F_OK) == 0 { try? DatabaseQueue(path: path).inDatabase { try moveNearlyAll($0) } }
            state.withLock { $0.stage = .moved }
        }
    }

    /// Each round moves what was written during the one before, while that becomes less.
    private func moveNearlyAll(_ db: Database) throws {
        for _ in 0..<6 {
            let before = state.withLock { $0.written }
            try db.checkpoint(.passive)
            let left = state.withLock { $0.written } - before
            if left < Self.least || left > Self.most / 2 { return }
        }
    }

    /// By this connection, since it was opened.
    private static func pagesWritten(_ db: Database) -> Int {
        var pages: CInt = 0
        var most: CInt = 0
        sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &most, 0)
        return Int(pages)
    }
}
