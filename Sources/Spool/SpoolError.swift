package import SystemPackage

/// What went wrong with a folder or a file of the spool: what was tried, where, and what can be done about it.
package struct SpoolError: Error, Sendable, Hashable {
    /// What was being done, as a phrase that follows "cannot".
    package enum Operation: String, Sendable, Hashable {
        case open, create, list, inspect, rename, copy, read, write, remove, lock
        case makeFolder = "make the folder"
        case flush = "flush to disk"
    }

    package let operation: Operation
    package let path: FilePath
    /// The operating system's answer.
    package let errno: Errno
    /// What to do about it; empty when nothing is known beyond the error itself.
    package let hint: String

    package init(_ operation: Operation, _ path: FilePath, _ errno: Errno, hint: String? = nil) {
        self.operation = operation
        self.path = path
        self.errno = errno
        self.hint = hint ?? Self.hint(for: errno)
    }

    /// Whether the cause may pass by itself or be mended while the service runs, so that trying again makes sense.
    package var isTransient: Bool { Self.passing.contains(errno) }

    /// Whether it is about the disk, the machine or the process, so that every file of the spool would meet it.
    package var concernsAll: Bool { Self.everybodys.contains(errno) }

    private static let everybodys: Set<Errno> = [
        .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory,
        .ioError, .staleNFSFileHandle,
    ]

    private static let passing: Set<Errno> = [
        .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .permissionDenied, .notPermitted, .ioError,
        .tooManyOpenFiles, .tooManyOpenFilesInSystem, .resourceBusy, .wouldBlock, .noMemory, .interrupted,
        .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .staleNFSFileHandle, .timedOut,
    ]

    private static func hint(for errno: Errno) -> String {
        switch errno {
        case .noSpace: "free some space or inodes on this file system; work goes on by itself"
        case .diskQuotaExceeded: "raise the quota or remove files; work goes on by itself"
        case .readOnlyFileSystem: "remount the file system read-write (an I/O error may have made it read-only)"
        case .permissionDenied, .notPermitted: "give the user that runs rollcall access to this path"
        case .ioError: "look for disk errors in the kernel's log"
        case .tooManyOpenFiles: "raise the limit of open files (LimitNOFILE=)"
        case .tooManyOpenFilesInSystem: "raise fs.file-max"
        case .improperLink: "keep the whole spool on one file system"
        case .tooManySymbolicLinkLevels, .notDirectory: "a folder is expected here, not a link or a file"
        default: ""
        }
    }
}

extension SpoolError: CustomStringConvertible {
    /// One line: "cannot rename /spool/a.csv: No space left on device (free some space …)".
    package var description: String {
        let place = OneLine.text(path.string)
        return "cannot \(operation.rawValue) \(place): \(errno)" + (hint.isEmpty ? "" : " (\(hint))")
    }
}

/// File names may hold line ends and control characters, which belong in no log line.
enum OneLine {
    static func text(_ string: String) -> String {
        guard string.unicodeScalars.contains(where: isControl) else { return string }
        var text = ""
        for scalar in string.unicodeScalars {
            if isControl(scalar) {
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
