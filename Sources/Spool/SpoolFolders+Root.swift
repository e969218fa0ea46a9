internal import Glibc
internal import SystemPackage

extension SpoolFolders {
    /// Makes the root with the folders above it, private to its owner; one that is there keeps its permissions.
    func makeRoot() throws(SpoolError) {
        var path = FilePath(root: root.root, [])
        for component in root.components {
            path.append(component)
            guard path.withPlatformString({ mkdir($0, 0o700) }) != 0 else { continue }
            let error = Errno.latest
            guard error == .fileExists || Self.isFolder(path) else {
                throw SpoolError(.makeFolder, path, error)
            }
        }
    }

    private static func isFolder(_ path: FilePath) -> Bool {
        var raw = stat()
        return path.withPlatformString { stat($0, &raw) } == 0 && FileKind(mode: raw.st_mode) == .folder
    }
}
