import Synchronization

/// How many bytes of requests' bodies are in memory, all together: many large ones at once must not use it up.
final class BodyBudget: Sendable {
    private let left: Mutex<Int>

    init(bytes: Int) { left = Mutex(bytes) }

    /// For one request.
    func share() -> Share { Share(self) }

    /// What one request has of it; gives back what is left when it goes.
    final class Share: Sendable {
        private let budget: BodyBudget
        private let taken = Mutex(0)

        fileprivate init(_ budget: BodyBudget) { self.budget = budget }

        deinit { giveBack() }

        /// False when there is not so much left.
        func take(_ bytes: Int) -> Bool {
            let isThere = budget.left.withLock { left in
                guard left >= bytes else { return false }
                left -= bytes
                return true
            }
            if isThere { taken.withLock { $0 += bytes } }
            return isThere
        }

        func giveBack() {
            let bytes = taken.withLock { taken in
                defer { taken = 0 }
                return taken
            }
            budget.left.withLock { $0 += bytes }
        }
    }
}
