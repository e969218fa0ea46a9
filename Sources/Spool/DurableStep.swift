#if DEBUG
    internal import Glibc
#endif

/// The steps of an ingest that a kill or a power cut may fall between, in their order. Whatever was done before one
/// of them is on disk; whatever comes after can be done again.
package enum DurableStep: String, Sendable, CaseIterable {
    /// A folder's campaign is in the store.
    case campaign
    /// The file is out of its drop folder.
    case claim
    /// A batch of contacts is in the store, with its row in the ledger; the first brings the ingest's own row. It is on disk
    /// with the outcome at the latest.
    case batch
    /// The refused rows are written.
    case rejected
    /// What became of the file is in the ledger.
    case outcome
    /// The ingest's own manifest is written.
    case manifest
    /// So is the one under the file's name.
    case newest
    /// The original is in the archive.
    case archive
    /// The ledger knows that nothing is left to do.
    case done

    /// Right before the step; in a debug build the process may be told to die here.
    package func begins() { reached("before") }

    /// Right after the step.
    package func ended() { reached("after") }

    /// Debug builds read `STOP_ROLLCALL_AT`: `before:manifest`, or `after:batch:3` for the third time.
    @inline(__always)
    private func reached(_ side: String) {
        #if DEBUG
            StopPoint.shared?.pass("\(side):\(rawValue)")
        #endif
    }
}

#if DEBUG
    internal import Synchronization

    /// Where tests have the process end as a kill would end it.
    private final class StopPoint: Sendable {
        private let place: String
        private let left: Atomic<Int>

        static let shared: StopPoint? = getenv("STOP_ROLLCALL_AT").flatMap { StopPoint(String(cString: $0)) }

        init?(_ text: String) {
            let parts = text.split(separator: ":")
            guard parts.count >= 2 else { return nil }
            place = parts.prefix(2).joined(separator: ":")
            left = Atomic(parts.count > 2 ? Int(parts[2]) ?? 1 : 1)
        }

        func pass(_ here: String) {
            guard here == place, left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
            kill(getpid(), SIGKILL)
        }
    }
#endif
