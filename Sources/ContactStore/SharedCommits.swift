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
        var next: Share?
        repeat {
            let shares = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            Self.commit(shares, in: pool)
            let isLed = state.withLock { state in
                next = state.waiting.first(where: \.isAwaited)
                state.isLed = !state.waiting.isEmpty
                return state.isLed
            }
            for share in shares { share.turn.signal() }
            if !isLed { return }
        } while next == nil
        next?.turn.signal()
    }

    private static func commit(_ shares: [Share], in pool: DatabasePool) {
        let isAwaited = shares.contains(where: \.isAwaited)
        let together = Result { try write(in: pool, flushed: isAwaited) { db in for share in shares { try share.body(db) } } }
        guard case .failure(let error) = together, shares.count > 1, !isBusy(error) else {
            for share in shares { share.result = together }
            return
        }
        for share in shares { share.result = Result { try write(in: pool, flushed: share.isAwaited) { try share.body($0) } } }
    }

    /// One transaction; one that is not `flushed` is on disk once a later one is: SQLite's log keeps the order.
    static func write(in pool: DatabasePool, flushed: Bool, _ body: (Database) throws -> Void) throws {
        try pool.writeWithoutTransaction { db in
            if !flushed { try db.execute(sql: "PRAGMA synchronous = NORMAL") }
            let result = Result {
                try db.inTransaction(.immediate) {
                    try body(db)
                    return .commit
                }
            }
            if !flushed { try db.execute(sql: "PRAGMA synchronous = FULL") }
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

    init(isAwaited: Bool, _ body: @escaping @Sendable (Database) throws -> Void) {
        self.isAwaited = isAwaited
        self.body = body
    }
}
