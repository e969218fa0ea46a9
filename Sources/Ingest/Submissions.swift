import Synchronization

/// Claims that another part of this process made, on their way to the service that works on them.
final class Submissions: Sendable {
    private let handler = Mutex<(@Sendable (String) -> Void)?>(nil)

    /// Who gets the ids from now on; `nil`: nobody, and the next start finds the claims.
    func deliver(to handler: (@Sendable (String) -> Void)?) { self.handler.withLock { $0 = handler } }

    func submit(_ id: String) { handler.withLock { $0 }?(id) }
}

extension IngestService {
    /// Works on a claim at once, before what waits in its campaign's folder.
    package func takeUp(claim id: String) { submissions.submit(id) }
}
