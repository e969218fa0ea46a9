package import Foundation
import Logging
import Synchronization

/// Something that keeps files from being imported, as `rollcall status` shows it.
package struct Trouble: Sendable, Codable, Hashable {
    /// What is wrong and what to do about it, in one line.
    package var message: String
    package var since: Date
    /// The campaign whose files wait for it; `nil` when all do.
    package var campaign: String?
    /// The one file that is tried again, or its ingest's id, and how often it failed; `nil` when all wait.
    package var file: String?
    package var tries: Int?
}

/// What is wrong now: said once when it begins, and once when it is over.
final class Troubles: Sendable {
    private struct Entry {
        var trouble: Trouble
        var lastMet = ContinuousClock.now
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    var all: [Trouble] { entries.withLock { $0.values.map(\.trouble).sorted { $0.since < $1.since } } }

    func message(_ cause: String) -> String? { entries.withLock { $0[cause]?.trouble.message } }

    /// - Parameters:
    ///   - cause: the same text for what is the same trouble.
    ///   - campaign: whose files wait; `nil` when all do.
    func begin(_ cause: String, _ message: String, campaign: String? = nil, file: String? = nil, tries: Int? = nil, metadata: Logger.Metadata = [:]) {
        let isNew = entries.withLock { entries in
            let old = entries[cause]
            let since = old?.trouble.since ?? .now
            entries[cause] = Entry(trouble: Trouble(message: message, since: since, campaign: campaign, file: file, tries: tries))
            return old == nil
        }
        if isNew { logger.error("waiting to go on: \(message)", metadata: metadata) }
    }

    func end(_ cause: String) { end { key, _ in key == cause } }

    /// What hindered every file: one of them got through.
    func endCommon() { end { $1.trouble.campaign == nil } }

    /// What nobody has met for so long is over, or the file that met it is gone.
    func forget(after pause: Duration) {
        let limit = ContinuousClock.now - pause
        end { $1.lastMet < limit }
    }

    private func end(where isOver: (String, Entry) -> Bool) {
        let over = entries.withLock { entries in
            let over = entries.filter { isOver($0.key, $0.value) }
            for key in over.keys { entries[key] = nil }
            return over.values.map(\.trouble.message)
        }
        for message in over { logger.notice("going on, this is over: \(message)") }
    }
}
