internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Folders of claims that are done with, kept for the next while many files wait: to make and remove two for each would be
/// a tenth of the work, and more the more were removed in the last minute (ext4 looks through those).
package final class SpareSlots: Sendable {
    private struct State {
        var spares: [Spare] = []
        var most = 0
    }

    private let state = Mutex(State())

    deinit { forget() }

    /// Keeps as many as `most` from now on; at first, none.
    package func keep(atMost most: Int) { state.withLock { $0.most = most } }

    /// Removes them all.
    package func forget() {
        let spares = state.withLock { state in
            defer { state.spares = [] }
            return state.spares
        }
        for spare in spares { spare.remove() }
    }

    /// Whether a folder in `.processing` is such a one.
    static func isName(_ name: FilePath.Component) -> Bool { name.string.hasPrefix(prefix) }

    private static let prefix = "spare-"

    fileprivate static func name(for id: FilePath.Component) -> FilePath.Component? { FilePath.Component(prefix + id.string) }

    fileprivate func take() -> Spare? { state.withLock { $0.spares.popLast() } }

    /// False when there are enough.
    fileprivate func add(_ spare: @autoclosure () -> Spare?) -> Bool {
        state.withLock { state in
            guard state.spares.count < state.most, let spare = spare() else { return false }
            state.spares.append(spare)
            return true
        }
    }
}

/// An empty folder of a campaign in a folder that is locked.
private struct Spare {
    let name: FilePath.Component
    let campaign: FilePath.Component
    /// Of the folder; holds the lock.
    let descriptor: CInt
    let processing: FilePath

    func remove() {
        let folder = OpenFolder(descriptor: descriptor, path: processing.appending(name))
        if let processing = try? OpenFolder(at: processing) { ClaimSlot.remove(folder, named: name, from: processing) }
    }
}

extension ClaimSlot {
    /// Takes up the folders of an earlier claim, under new names that are on disk when this returns: a file that came into
    /// them before would after a power cut be found as the earlier claim's.
    /// - Returns: nil where there are none, or they cannot be used.
    static func reuse(_ id: FilePath.Component, _ campaign: FilePath.Component, in folders: SpoolFolders) -> ClaimSlot? {
        guard let processing = try? folders.openProcessing(), let spare = folders.spares.take() else { return nil }
        let folder = OpenFolder(descriptor: spare.descriptor, path: processing.path.appending(id))
        do throws(SpoolError) {
            if spare.campaign != campaign {
                guard try folder.move(spare.campaign, to: folder, as: campaign) == .moved else { return nil }
                try folder.flush()
            }
            guard try processing.move(spare.name, to: processing, as: id) == .moved else { return nil }
            try processing.flush()
            guard let leaf = try folder.folder(campaign) else { return nil }
            return ClaimSlot(
                id: id, origin: DropFolder(campaign: campaign.string), processing: processing, folder: folder, leaf: leaf,
                isFlushed: true)
        } catch {
            return nil
        }
    }

    /// Keeps the folders, which are empty by now, for another claim, or removes them.
    func recycle(in folders: SpoolFolders) {
        guard !origin.isCheck, let campaign = FilePath.Component(origin.campaign), folders.spares.add(spare(campaign))
        else { return remove() }
    }

    private func spare(_ campaign: FilePath.Component) -> Spare? {
        // What else lay there is another claim's, should a power cut bring it back.
        let left = Self.ownNames.contains { name in name.withPlatformString { unlinkat(folder.descriptor, $0, 0) == 0 } }
        guard !left, let name = SpareSlots.name(for: id), case let descriptor = fcntl(folder.descriptor, F_DUPFD_CLOEXEC, 0),
            descriptor >= 0
        else { return nil }
        guard (try? processing.move(id, to: processing, as: name)) == .moved else {
            close(descriptor)
            return nil
        }
        return Spare(name: name, campaign: campaign, descriptor: descriptor, processing: processing.path)
    }
}
