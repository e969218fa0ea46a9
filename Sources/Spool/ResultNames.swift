internal import Glibc
package import SystemPackage

/// The names of what is written about one dropped file, in its campaign's `results` folder. They begin with
/// the file's own name, byte for byte, shortened where the whole would be too long for a file name.
package struct ResultNames: Sendable, Hashable {
    /// `<file>.result.json`: always the newest for that name.
    package let newest: FilePath.Component
    /// `<file>.<ingest id>.result.json`: this ingest's own.
    package let own: FilePath.Component
    /// `<file>.rejected.csv`
    package let rejected: FilePath.Component
    /// `<file>.rejected.jsonl`
    package let rejectedLines: FilePath.Component

    /// - Parameters:
    ///   - file: the dropped file's name.
    ///   - id: the ingest's id, a lower-case UUID.
    /// - Returns: nil when the id is none.
    package init?(file: FilePath.Component, id: String) {
        guard Claim.isIngestID(id) else { return nil }
        let name = FileNames.bytes(of: file)
        func fitted(_ ending: String) -> FilePath.Component? {
            FileNames.component(FileNames.fitted(name, ending: Array(ending.utf8)))
        }
        guard let newest = fitted(".result.json"), let own = fitted(".\(id).result.json"),
            let rejected = fitted(".rejected.csv"), let rejectedLines = fitted(".rejected.jsonl")
        else { return nil }
        self.newest = newest
        self.own = own
        self.rejected = rejected
        self.rejectedLines = rejectedLines
    }
}

extension SpoolFolders {
    /// Where an ingest's own manifest lies, absolute. `file`: the dropped file's name, invalid UTF-8 repaired.
    package func ownManifest(of id: String, file: String, campaign: String) -> FilePath {
        let folder = results(campaign)
        let absolute = folder.isAbsolute ? folder : FilePath(Self.workingFolder).pushing(folder)
        let ending = Array(".\(id).result.json".utf8)
        // A name with invalid UTF-8 is another one on disk than in the ledger.
        let found = try? openKept(.results, of: campaign)?.names().first { FileNames.bytes(of: $0).suffix(ending.count).elementsEqual(ending) }
        let named = FilePath.Component(file).flatMap { ResultNames(file: $0, id: id)?.own }
        return absolute.appending((found ?? nil) ?? named ?? "result.json")
    }

    private static var workingFolder: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
