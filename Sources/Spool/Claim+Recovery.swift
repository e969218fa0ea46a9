internal import Glibc
internal import SystemPackage

extension Claim {
    /// What earlier processes left in `.processing`, in the order of their ids: each is for `reopen`. Empty
    /// folders, half copies and temporary files of a killed process are removed, and what is no regular file
    /// goes back where it was. Claims of a living process are passed over.
    /// - Throws: `SpoolError` when `.processing` itself cannot be read; trouble with one claim leaves it listed.
    package static func recover(in folders: SpoolFolders) throws(SpoolError) -> [String] {
        var ids: [String] = []
        for id in try folders.openProcessing().names() where isIngestID(id.string) || SpareSlots.isName(id) {
            do throws(SpoolError) {
                if try tidy(id, in: folders) { ids.append(id.string) }
            } catch {
                ids.append(id.string)
            }
        }
        return ids.sorted()
    }

    private static func tidy(_ id: FilePath.Component, in folders: SpoolFolders) throws(SpoolError) -> Bool {
        guard let reopened = try ClaimSlot.open(id, in: folders, tries: 1) else { return false }
        switch consume reopened {
        case .empty(let processing, let folder):
            ClaimSlot.remove(folder, named: id, from: processing)
            return false
        case .file(let slot, let name):
            if let results = try? folders.openMade(SpoolFolders.resultsName, of: slot.origin.campaign) {
                try? AtomicFile.removeLeftovers(in: results)
            }
            guard isIngestID(id.string), let facts = try slot.leaf.facts(of: name), facts.kind == .file else {
                try slot.putBack(name, in: folders)
                return false
            }
            if let drop = try folders.open(slot.origin), let dropped = try drop.facts(of: name),
                try drop.removeOtherName(name, of: dropped, in: slot.leaf, as: name)
            {
                try drop.flush()
            }
            return true
        }
    }

    /// Notes that a process was killed or crashed while it had this claim in hand.
    /// - Returns: how often that happened by now.
    /// - Throws: `SpoolError` when it cannot be noted.
    package static func noteBadEnd(of id: String, in folders: SpoolFolders) throws(SpoolError) -> Int {
        guard isIngestID(id), let component = FilePath.Component(id),
            let slot = try folders.openProcessing().folder(component)
        else { return 0 }
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let opened = ClaimSlot.badEndsName.withPlatformString { openat(slot.descriptor, $0, flags, 0o600) }
        guard opened >= 0 else { throw SpoolError(.open, slot.path, .latest) }
        defer { close(opened) }
        var raw = stat()
        guard write(opened, "x", 1) == 1, fstat(opened, &raw) == 0 else { throw SpoolError(.write, slot.path, .latest) }
        return Int(clamping: raw.st_size)
    }

    /// The campaign that a claimed file was dropped for; `nil` when there is no such claim, or a process holds it.
    package static func campaign(of id: String, in folders: SpoolFolders) throws(SpoolError) -> String? {
        guard isIngestID(id), let component = FilePath.Component(id),
            let reopened = try ClaimSlot.open(component, in: folders)
        else { return nil }
        switch consume reopened {
        case .empty: return nil
        case .file(let slot, _): return slot.origin.campaign
        }
    }

    /// Takes an original out of its campaign's archive again, under the ingest's id.
    /// - Returns: nil when it is not there, or a living process holds the ingest.
    package static func unarchive(
        id: String, of campaign: String, in folders: SpoolFolders
    ) throws(SpoolError) -> Claim? {
        let archive = try folders.openMade(SpoolFolders.archiveName, of: campaign)
        let start = Array("\(id).".utf8)
        guard let archived = try archive.names().first(where: { FileNames.bytes(of: $0).starts(with: start) }),
            try archive.facts(of: archived)?.kind == .file,
            let name = FileNames.component(Array(FileNames.bytes(of: archived).dropFirst(start.count)))
        else { return nil }
        let slot = try ClaimSlot.make(id, for: DropFolder(campaign: campaign), in: folders)
        guard try archive.move(archived, to: slot.leaf, as: name) == .moved else {
            slot.remove()
            return nil
        }
        return try Claim(name, in: slot, folders: folders, left: archive.place)
    }

    /// Takes up what an earlier process claimed.
    /// - Returns: nil when there is no such claim (any more), or a living process holds it.
    package static func reopen(id: String, in folders: SpoolFolders) throws(SpoolError) -> Claim? {
        guard isIngestID(id), let component = FilePath.Component(id),
            let reopened = try ClaimSlot.open(component, in: folders)
        else { return nil }
        switch consume reopened {
        case .empty: return nil
        case .file(let slot, let name):
            guard try slot.leaf.facts(of: name)?.kind == .file else { return nil }
            // The process that claimed it may not have come to flush it.
            if let drop = try folders.open(slot.origin) {
                return try Claim(name, in: slot, folders: folders, left: drop.place)
            }
            return try Claim(name, in: slot, folders: folders)
        }
    }

    /// Whether an archived original is where a claim said it would be.
    /// - Parameter path: what `archivePath` gave.
    package static func isArchived(
        _ path: String, of campaign: String, in folders: SpoolFolders
    ) throws(SpoolError) -> Bool {
        let parts = FilePath(path).components
        guard parts.count == 2, let name = parts.last, parts.first == SpoolFolders.archiveName else { return false }
        return try folders.openMade(SpoolFolders.archiveName, of: campaign).facts(of: name) != nil
    }
}
