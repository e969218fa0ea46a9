package import SystemPackage

/// What the watcher has seen: a hint to look, never the truth itself.
package enum SpoolEvent: Sendable, Hashable {
    /// A name in a drop folder was made, written and closed, or (`movedIn`) renamed into place.
    case changed(DropFolder, name: FilePath.Component, movedIn: Bool)
    /// A drop folder is there and, as far as it can be, watched: look what lies in it.
    case appeared(DropFolder)
    /// A drop folder was deleted, renamed or unmounted.
    case gone(DropFolder)
    /// A drop folder cannot be watched: the periodic rescan has to do for it.
    case unwatched(DropFolder, Errno)
    /// The spool's own folder is watched, and its campaigns' folders are about to be.
    case watching
    /// Events may have been missed: look everywhere.
    case rescan(RescanReason)
}

/// Why everything has to be looked at again.
package enum RescanReason: String, Sendable, Hashable {
    case overflow = "the kernel's event queue overflowed"
    case watcherStopped = "the watcher stopped"
    case spoolGone = "the spool's folder is gone"
}
