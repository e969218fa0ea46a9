internal import Glibc
internal import SystemPackage

/// Drop folders that the look from time to time may pass over: they held nothing, and are as they were.
///
/// With ten thousand folders a look into each costs a processor's percent for ever; asking when they changed, a tenth of it.
struct UnchangedFolders: Sendable {
    /// A campaign's drop folder, and its folder for dry runs if it has one, with the times that they had.
    struct Campaign: Sendable {
        var key: String
        var drop: FileTime
        var check: FileTime?
    }

    let campaigns: [Campaign]

    /// The keys of those that are still as they were. None on a file system that may tell an old time.
    @concurrent
    func keys(in folders: SpoolFolders) async throws(SpoolError) -> Set<String> {
        guard !campaigns.isEmpty else { return [] }
        let root = try OpenFolder(at: folders.root)
        guard !FileSystem.isRemote(root.descriptor) else { return [] }
        var keys: Set<String> = []
        for campaign in campaigns {
            // A folder for dry runs that is made or removed changes the campaign's folder.
            guard root.modified(campaign.key) == campaign.drop else { continue }
            if let check = campaign.check, root.modified("\(campaign.key)/\(SpoolFolders.checkName)") != check { continue }
            keys.insert(campaign.key)
        }
        return keys
    }
}

extension UnchangedFolders.Campaign {
    /// Nil for one that has to be looked into.
    init?(_ key: String, _ state: CampaignState) {
        guard state.inHand == nil, let drop = state.drop.emptySince else { return nil }
        if let check = state.check {
            guard let time = check.emptySince else { return nil }
            self.check = time
        }
        self.key = key
        self.drop = drop
    }
}

extension FolderState {
    /// When the folder changed last; nil unless it held nothing at all then, and every later change has another time.
    fileprivate var emptySince: FileTime? { isQuiet ? modified : nil }
}

extension OpenFolder {
    /// Nil where nothing is, or nothing can be told of it.
    fileprivate func modified(_ path: String) -> FileTime? {
        var raw = stat()
        guard path.withCString({ fstatat(descriptor, $0, &raw, AT_SYMLINK_NOFOLLOW) }) == 0 else { return nil }
        return FileFacts(raw).modified
    }
}
