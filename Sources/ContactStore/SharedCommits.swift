import Dispatch
import GRDB
import Synchronization

/// Transactions of several threads that wait for the writer are done in one: a single flush, and each page written once.
///
/// Whoever comes first leads: does the work of all that wait by then, and hands the lead to the first who came meanwhile.
final class SharedCommits: Sendable {
    private struct State {
        var waiting: [Share] = []
        var isLed = false
    }

    private let state = Mutex(State())
    private let log: LogFlush
    private let checkpoints: Checkpoints

    /// - Parameter path: the database's; its log is there.
    init(of path: String) {
        log = LogFlush(of: path)
        checkpoints = Checkpoints(of: path)
    }

    /// Whether somebody waits for the writer, or has it.
    var isWanted: Bool { state.withLock { $0.isLed } }

    /// Returns what `body` returned once it is committed and on disk. Its errors are its own: the others go on without it.
    ///
    /// - Parameter body: runs on any thread, and once more where another's failure undid the transaction.
    func run<Value: Sendable>(in pool: DatabasePool, _ body: @escaping @Sendable (Database) throws -> Value) throws -> Value {
        let value = Mutex<Value?>(nil)
        let share = Share(isAwaited: true) { db in
            let done = try body(db)
            value.withLock { $0 = done }
        }
        try run(share, in: pool)
        guard let value = value.withLock({ $0 }) else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        return value
    }

    /// Has `body` done with the next commit, or now where there is none under way, without a flush of its own and without
    /// waiting for it. An error leaves things as they are.
    func runLater(in pool: DatabasePool, _ body: @escaping @Sendable (Database) throws -> Void) {
        let share = Share(isAwaited: false, body)
        if enter(share) { lead(in: pool) }
    }

    func flush(in pool: DatabasePool) throws { try log.wait(in: pool) }

    private func run(_ share: Share, in pool: DatabasePool) throws {
        if !enter(share) { share.turn.wait() }
        if share.result == nil { lead(in: pool) }
        try share.result?.get()
    }

    /// Whether nobody leads, so that the caller has to.
    private func enter(_ share: Share) -> Bool {
        state.withLock { state in
            state.waiting.append(share)
            defer { state.isLed = true }
            return !state.isLed
        }
    }

    private func lead(in pool: DatabasePool) {
        var isLed = true
        while isLed {
            let shares = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            commit(shares, in: pool)
            let next = state.withLock { state in
                state.isLed = !state.waiting.isEmpty
                isLed = state.isLed
                return state.waiting.first(where: \.isAwaited)
            }
            // Whoever is next writes while this is being flushed.
            if let next {
                isLed = false
                next.turn.signal()
            }
            settle(shares, in: pool)
        }
    }

    private func settle(_ shares: [Share], in pool: DatabasePool) {
        if shares.contains(where: { $0.isAwaited && $0.isCommitted }) {
            let flushed = Result { try log.wait(in: pool) }
            for share in shares where share.isCommitted { share.result = flushed }
        }
        for share in shares { share.turn.signal() }
    }

    private func commit(_ shares: [Share], in pool: DatabasePool) {
        let together = Result { try write(in: pool) { db in for share in shares { try share.body(db) } } }
        guard case .failure(let error) = together, shares.count > 1, !Self.isBusy(error) else {
            for share in shares { share.result = together }
            return
        }
        for share in shares { share.result = Result { try write(in: pool) { try share.body($0) } } }
    }

    /// One transaction that SQLite does not flush; it is on disk once a later one is: the log keeps the order.
    func write(in pool: DatabasePool, _ body: (Database) throws -> Void) throws {
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            let result = Result {
                try db.inTransaction(.immediate) {
                    try body(db)
                    return .commit
                }
            }
            try db.execute(sql: "PRAGMA synchronous = FULL")
            checkpoints.advance(db)
            try result.get()
        }
    }

    /// Whether another process holds the lock, which was waited for long enough.
    private static func isBusy(_ error: any Error) -> Bool { (error as? DatabaseError)?.resultCode == .SQLITE_BUSY }
}

/// One thread's part in a commit.
private final class Share: Sendable {
    /// Whether a thread waits for it.
    let isAwaited: Bool
    let body: @Sendable (Database) throws -> Void
    /// Signalled when the result is there, or, without one, when it is this thread's turn to lead.
    let turn = DispatchSemaphore(value: 0)
    private let outcome = Mutex<Result<Void, any Error>?>(nil)

    var result: Result<Void, any Error>? {
        get { outcome.withLock { $0 } }
        set { outcome.withLock { $0 = newValue } }
    }
    var isCommitted: Bool { (try? result?.get()) != nil }

    init(isAwaited: Bool, _ body: @escaping @Sendable (Database) throws -> Void) {
        self.isAwaited = isAwaited
        self.body = body
    }
}
