internal import Glibc
package import SystemPackage

/// A file that was taken out of its drop folder: from here on nobody else can change which bytes are read.
/// It is archived or released once; dropped without either, or with its process killed, it stays in
/// `.processing` for `reopen`.
package struct Claim: ~Copyable {
    /// The ingest's id, a lower-case UUID.
    package let id: String
    /// Where the file was dropped.
    package let folder: DropFolder
    /// The file's name, byte for byte.
    package let component: FilePath.Component
    /// The file, open for reading at its beginning.
    package let fileDescriptor: FileDescriptor
    /// When it was claimed, by the file system's clock: the same after a restart.
    package let receivedAt: FileTime

    /// Whether this process took the file out of its drop folder just now: nothing can have been done with it before.
    package let isNew: Bool
    /// What `archive` and whoever stores the file's rows have to wait for.
    package let flush: ClaimFlush

    let folders: SpoolFolders
    let slot: ClaimSlot
    let facts: FileFacts

    /// The file's name, invalid UTF-8 repaired.
    package var name: String { component.string }
    /// Bytes.
    package var size: Int { Int(clamping: facts.size) }

    /// - Parameter left: where the file was before.
    init(
        _ component: FilePath.Component, in slot: consuming ClaimSlot, folders: SpoolFolders,
        left: FlushedPlace? = nil, isNew: Bool = false
    ) throws(SpoolError) {
        let path = slot.leaf.path.appending(component)
        let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY
        let opened = component.withPlatformString { openat(slot.leaf.descriptor, $0, flags) }
        guard opened >= 0 else { throw SpoolError(.open, path, .latest) }
        var raw = stat()
        guard fstat(opened, &raw) == 0 else {
            let error = Errno.latest
            close(opened)
            throw SpoolError(.inspect, path, error)
        }
        let places = [FlushedPlace(descriptor: opened, path: path)] + slot.places + (left.map { [$0] } ?? [])
        do throws(SpoolError) { flush = try ClaimFlush(places, isNew: isNew) } catch {
            close(opened)
            throw error
        }
        self.isNew = isNew
        id = slot.id.string
        folder = slot.origin
        facts = FileFacts(raw)
        receivedAt = facts.changed
        fileDescriptor = FileDescriptor(rawValue: opened)
        self.component = component
        self.folders = folders
        self.slot = slot
    }

    deinit { _ = close(fileDescriptor.rawValue) }

    /// Takes a file out of its drop folder.
    /// - Parameter id: the ingest's id, a lower-case UUID.
    /// - Returns: nil when the file vanished, or proves not to be complete and was put back.
    /// - Throws: `SpoolError`; the file then is where it was, or in `.processing` for `reopen`.
    package static func take(
        _ file: DroppedFile, in folders: SpoolFolders, id: String
    ) throws(SpoolError) -> Claim? {
        guard let drop = try folders.open(file.folder) else { return nil }
        let slot = try ClaimSlot.make(id, for: file.folder, in: folders)
        DurableStep.claim.begins()
        do throws(SpoolError) {
            guard try drop.move(file.name, to: slot.leaf, as: file.name) == .moved else {
                slot.remove()
                return nil
            }
        } catch {
            slot.remove()
            throw error
        }
        guard try Self.isComplete(file.name, in: slot.leaf) else {
            try slot.putBack(file.name, in: folders)
            return nil
        }
        return try Claim(file.name, in: slot, folders: folders, left: drop.place, isNew: true)
    }

    private static func isComplete(
        _ name: FilePath.Component, in leaf: borrowing OpenFolder
    ) throws(SpoolError) -> Bool {
        guard let facts = try leaf.facts(of: name), facts.kind == .file else { return false }
        return Completeness.reason(against: facts, name, in: leaf) == nil
    }

    /// The file as it was claimed.
    package var stamp: FileStamp { FileStamp(facts) }

    /// Where `archive` will put the file, relative to the campaign's folder: `archive/<ingest id>.<name>`,
    /// the name shortened where it would be too long, invalid UTF-8 repaired.
    package var archivePath: String {
        let name = archiveName.map { $0.string } ?? id
        return SpoolFolders.archiveName.string + "/" + name
    }

    private var archiveName: FilePath.Component? {
        FileNames.component(FileNames.fitted(FileNames.bytes(of: component), start: Array("\(id).".utf8)))
    }

    /// Moves the file to its campaign's archive, which is made when it is missing.
    /// - Throws: `SpoolError`; the claim then stays in `.processing`, and `reopen` tries again.
    package consuming func archive() throws(SpoolError) {
        try flush.wait()
        // Private: an original still belongs to whoever dropped it, who must not be able to change it any more.
        let archive = try folders.openMade(SpoolFolders.archiveName, of: folder.campaign, mode: 0o700)
        let name = archiveName ?? component
        DurableStep.archive.begins()
        if try slot.leaf.move(component, to: archive, as: name) != .moved {
            guard try slot.leaf.removeOtherName(component, of: facts, in: archive, as: name) else {
                throw SpoolError(.rename, archive.path.appending(name), .fileExists)
            }
        }
        try archive.flush()
        try slot.leaf.flush()
        DurableStep.archive.ended()
        slot.recycle(in: folders)
    }

    /// Puts the file back into its drop folder, under its own name, or beside a newer file of that name
    /// as `<name>-1` and so on before the extension.
    /// - Throws: `SpoolError`; the claim then stays in `.processing`, and `reopen` tries again.
    package consuming func release() throws(SpoolError) {
        try slot.putBack(component, in: folders)
    }

    /// Whether a text is an ingest id: a UUID in lower case.
    package static func isIngestID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.indices.allSatisfy { index in
            switch index {
            case 8, 13, 18, 23: bytes[index] == 0x2D
            default: (0x30...0x39).contains(bytes[index]) || (0x61...0x66).contains(bytes[index])
            }
        }
    }
}

extension ClaimSlot {
    /// Renames the file into its drop folder, replacing nothing, and removes the slot.
    func putBack(_ name: FilePath.Component, in folders: SpoolFolders) throws(SpoolError) {
        let drop = try folders.openMade(origin)
        for attempt in 0...1000 {
            let free = attempt == 0 ? name : Self.numbered(name, attempt)
            switch try leaf.move(name, to: drop, as: free) {
            case .nameTaken: continue
            case .sourceGone: return
            case .moved:
                try drop.flush()
                try leaf.flush()
                remove()
                return
            }
        }
        throw SpoolError(.rename, drop.path.appending(name), .fileExists)
    }

    private static func numbered(_ name: FilePath.Component, _ number: Int) -> FilePath.Component {
        let bytes = FileNames.bytes(of: name)
        let tail = FileNames.extensionOf(bytes, atMost: 16)
        let head = Array(bytes.dropLast(tail.count))
        let numbered = FileNames.fitted(head, ending: Array("-\(number)".utf8) + tail)
        return FileNames.component(numbered) ?? name
    }
}
