internal import Dispatch
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Brings a claim to disk while its file is already being read: the file's bytes, since the store must never know rows of a
/// file that a power cut then empties, and its new place before its old one.
package final class ClaimFlush: Sendable {
    private let running = DispatchGroup()
    private let error = Mutex<SpoolError?>(nil)

    /// Begins at once.
    /// - Parameter places: descriptors, which are duplicated, in the order in which they are flushed.
    init(_ places: [FlushedPlace], isNew: Bool) throws(SpoolError) {
        var copies: [FlushedPlace] = []
        for place in places {
            let copy = fcntl(place.descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else {
                let error = Errno.latest
                for copy in copies { close(copy.descriptor) }
                throw SpoolError(.open, place.path, error)
            }
            copies.append(FlushedPlace(descriptor: copy, path: place.path))
        }
        let flushed = copies
        // A queue of its own: the global one runs no more than a thread a core, and those may all be waiting for a flush.
        DispatchQueue(label: "claim").async(group: running) { [self] in
            for place in flushed {
                if fsync(place.descriptor) != 0 { error.withLock { $0 = $0 ?? SpoolError(.flush, place.path, .latest) } }
                close(place.descriptor)
            }
            if isNew { DurableStep.claim.ended() }
        }
    }

    /// Returns when the claim is on disk; may be called again. Throws `SpoolError` when it cannot be brought there.
    package func wait() throws(SpoolError) {
        running.wait()
        if let error = error.withLock({ $0 }) { throw error }
    }
}

/// A file or folder to be flushed.
struct FlushedPlace {
    let descriptor: CInt
    /// For messages alone.
    let path: FilePath
}

extension OpenFolder {
    var place: FlushedPlace { FlushedPlace(descriptor: descriptor, path: path) }
}
