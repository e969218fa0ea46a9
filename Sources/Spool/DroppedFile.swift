package import SystemPackage

/// A complete file in a drop folder, to be claimed.
package struct DroppedFile: Sendable, Hashable {
    package let folder: DropFolder
    /// The file's name, byte for byte.
    package let name: FilePath.Component
    /// Bytes.
    package let size: Int
    package let modified: FileTime
    /// When it was first seen, by the system's clock.
    package let seenAt: FileTime

    package init(folder: DropFolder, name: FilePath.Component, size: Int, modified: FileTime, seenAt: FileTime) {
        self.folder = folder
        self.name = name
        self.size = size
        self.modified = modified
        self.seenAt = seenAt
    }
}
