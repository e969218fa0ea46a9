internal import Glibc
internal import SystemPackage

/// Why a file is not complete yet, as far as the file itself tells.
package enum Incomplete: String, Sendable, Hashable {
    case empty = "it is empty"
    case writerHasItOpen = "a program has it open for writing"
    case otherLinks = "it has a second name, under which it may still be changed"
    case unreadable = "rollcall may not read it"
    case settling = "it changed a moment ago"
    case gaveBack = "it was taken and put back"
}

enum Completeness {
    /// nil when nothing speaks against the file; the lease may be unable to tell.
    static func reason(
        against facts: FileFacts, _ name: FilePath.Component, in folder: borrowing OpenFolder
    ) -> Incomplete? {
        if case .incomplete(let reason) = look(at: facts, name, in: folder) { return reason }
        return nil
    }

    enum Verdict: Hashable {
        case complete
        /// As far as can be told without a lease: a longer quiet time has to do.
        case perhaps
        case incomplete(Incomplete)
    }

    static func look(
        at facts: FileFacts, _ name: FilePath.Component, in folder: borrowing OpenFolder
    ) -> Verdict {
        if facts.size == 0 { return .incomplete(.empty) }
        if facts.links != 1 { return .incomplete(.otherLinks) }
        let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY
        let descriptor = name.withPlatformString { openat(folder.descriptor, $0, flags) }
        guard descriptor >= 0 else { return .incomplete(.unreadable) }
        defer { close(descriptor) }
        return switch Lease.ask(descriptor) {
        case .noWriter: .complete
        case .writer: .incomplete(.writerHasItOpen)
        case .unknown: .perhaps
        }
    }
}
