import Dispatch
import Synchronization

/// Has values made on a thread of its own, a step ahead of who takes them: reading overlaps with storing.
///
/// The thread has ended when this is gone; what it uses must live only as long.
struct ReadAhead<Value: Sendable>: ~Copyable {
    private let hand = Hand<Value>()
    private let making = DispatchGroup()

    /// - Parameter make: hands over one value after the other; an error of its own is thrown by `next`.
    init(_ make: @escaping @Sendable (_ give: (Value) throws -> Void) throws -> Void) {
        // A queue of its own: the global one runs a thread a core, and those may all be waiting for such a value.
        DispatchQueue(label: "ahead").async(group: making) { [hand] in
            hand.end(Result { try make { try hand.give($0) } })
        }
    }

    deinit {
        hand.refuse()
        making.wait()
    }

    /// The next value; `nil` when there are no more.
    borrowing func next() throws -> Value? { try hand.take() }
}

/// Room for one value between the thread that makes it and the one that takes it.
private final class Hand<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var end: Result<Void, any Error>?
        var isRefused = false
    }

    private let state = Mutex(State())
    private let filled = DispatchSemaphore(value: 0)
    /// Begins with nothing, and is given its one place: a semaphore must not end below where it began.
    private let free = DispatchSemaphore(value: 0)

    init() { free.signal() }

    func give(_ value: Value) throws {
        free.wait()
        try state.withLock { state in
            if state.isRefused { throw CancellationError() }
            state.value = value
        }
        filled.signal()
    }

    func end(_ result: Result<Void, any Error>) {
        state.withLock { $0.end = result }
        filled.signal()
    }

    func take() throws -> Value? {
        filled.wait()
        let (value, end) = state.withLock { state in
            defer { state.value = nil }
            return (state.value, state.end)
        }
        if let value {
            free.signal()
            return value
        }
        // For whoever asks again.
        filled.signal()
        try end?.get()
        return nil
    }

    func refuse() {
        state.withLock { $0.isRefused = true }
        free.signal()
    }
}
