internal import Glibc
package import SystemPackage

/// A file in a campaign's `archive` or `results`.
package struct KeptFile: Sendable, Hashable {
    package enum Place: String, Sendable, Hashable {
        case archive, results

        var name: FilePath.Component { self == .archive ? SpoolFolders.archiveName : SpoolFolders.resultsName }
    }

    package var campaign: String
    package var place: Place
    package var name: FilePath.Component
    /// Bytes.
    package var size: Int64
    package var modified: FileTime

    /// `<campaign>/archive/<name>`, for people.
    package var title: String { "\(campaign)/\(place.rawValue)/\(OneLine.text(name.string))" }

    /// The ingest of an archived original, `<ingest id>.<name>`; `nil` for what is none.
    package var ingestID: String? {
        let head = FileNames.bytes(of: name).prefix(37)
        guard head.count == 37, head.last == 0x2E else { return nil }
        let id = String(decoding: head.dropLast(), as: UTF8.self)
        return Claim.isIngestID(id) ? id : nil
    }

    /// Of an archived original: the name that it was dropped under, perhaps shortened.
    package var droppedName: FilePath.Component? {
        FileNames.component(Array(FileNames.bytes(of: name).dropFirst(37)))
    }

    package var isCompressed: Bool { FileNames.bytes(of: name).ends(with: Self.ending) }

    static let ending = Array(".zst".utf8)

    var compressedName: FilePath.Component? {
        FileNames.component(FileNames.fitted(FileNames.bytes(of: name), ending: Self.ending))
    }
}

extension SpoolFolders {
    /// The folders in the spool that files may be dropped into, sorted.
    /// - Throws: `SpoolError`.
    package func dropFolderNames() throws(SpoolError) -> [String] {
        let root = try OpenFolder(at: root)
        var names: [String] = []
        for name in try root.names() where Self.isDropFolderName(name.string) {
            if try root.facts(of: name)?.kind == .folder { names.append(name.string) }
        }
        return names.sorted()
    }

    /// The regular files of a campaign's `archive` or `results`, by name; none when there is no such folder.
    /// - Throws: `SpoolError`.
    package func keptFiles(_ place: KeptFile.Place, of campaign: String) throws(SpoolError) -> [KeptFile] {
        guard let folder = try openKept(place, of: campaign) else { return [] }
        var files: [KeptFile] = []
        for name in try folder.names() {
            guard let facts = try folder.facts(of: name), facts.kind == .file else { continue }
            files.append(
                KeptFile(campaign: campaign, place: place, name: name, size: facts.size, modified: facts.modified))
        }
        return files.sorted { $0.name.string < $1.name.string }
    }

    /// Removes a file; one that is gone already is no error.
    /// - Throws: `SpoolError`.
    package func remove(_ file: KeptFile) throws(SpoolError) {
        guard let folder = try openKept(file.place, of: file.campaign) else { return }
        guard file.name.withPlatformString({ unlinkat(folder.descriptor, $0, 0) }) != 0 else { return }
        let error = Errno.latest
        if error != .noSuchFileOrDirectory { throw SpoolError(.remove, folder.path.appending(file.name), error) }
    }

    /// The content of a small file in `results`; `nil` when there is none, or it has more bytes than `limit`.
    package func result(named name: FilePath.Component, of campaign: String, limit: Int = 1 << 24) -> [UInt8]? {
        guard let folder = (try? openKept(.results, of: campaign)) ?? nil else { return nil }
        let opened = name.withPlatformString { openat(folder.descriptor, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        var raw = stat()
        guard fstat(opened, &raw) == 0, FileKind(mode: raw.st_mode) == .file, raw.st_size <= limit else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(raw.st_size))
        let count = bytes.withUnsafeMutableBytes { pread(opened, $0.baseAddress, $0.count, 0) }
        return count == bytes.count ? bytes : nil
    }

    func openKept(_ place: KeptFile.Place, of campaign: String) throws(SpoolError) -> OpenFolder? {
        guard let folder = try open(DropFolder(campaign: campaign)) else { return nil }
        return try folder.folder(place.name)
    }
}

extension [UInt8] {
    fileprivate func ends(with ending: [UInt8]) -> Bool { count >= ending.count && suffix(ending.count).elementsEqual(ending) }
}
