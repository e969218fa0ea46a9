package import SystemPackage

/// Rules about file names, on their bytes: a name may hold any byte but NUL and the slash.
package enum FileNames {
    /// The longest name that Linux file systems take, in bytes.
    static let longest = 255

    /// Whether a name says that its writer is not done: dot-files, a trailing `~`, and the endings that
    /// browsers, editors and transfer programs give to what they are still writing.
    package static func isTemporary(_ name: FilePath.Component) -> Bool {
        isTemporary(bytes(of: name))
    }

    static func isTemporary(_ name: [UInt8]) -> Bool {
        guard let first = name.first, let last = name.last else { return true }
        if first == 0x2E || last == 0x7E { return true }
        return endings.contains { ending in
            name.count >= ending.count && zip(name.suffix(ending.count), ending).allSatisfy { $0 | 0x20 == $1 }
        }
    }

    // In lower case; the comparison sets bit 5, which leaves '.' (0x2E) as it is and folds letters.
    private static let endings = [".part", ".filepart", ".tmp", ".crdownload", ".swp"].map { Array($0.utf8) }

    static func bytes(of name: FilePath.Component) -> [UInt8] {
        name.withPlatformString { pointer in
            var bytes: [UInt8] = []
            var index = 0
            while pointer[index] != 0 {
                bytes.append(UInt8(bitPattern: pointer[index]))
                index += 1
            }
            return bytes
        }
    }

    /// nil for what cannot be a name: empty, `.`, `..`, or with a slash or a NUL in it.
    package static func component(_ bytes: [UInt8]) -> FilePath.Component? {
        guard !bytes.isEmpty, !bytes.contains(0), !bytes.contains(0x2F) else { return nil }
        guard bytes != [0x2E], bytes != [0x2E, 0x2E] else { return nil }
        return (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { FilePath.Component(platformString: $0) }
        }
    }

    /// `name` with `ending`, and `start` before it, cut so that the whole fits a file name. What is cut is
    /// replaced by a digest of the whole name, so that two long names stay two, and the extension stays.
    static func fitted(_ name: [UInt8], start: [UInt8] = [], ending: [UInt8] = []) -> [UInt8] {
        let room = longest - start.count - ending.count
        guard name.count > room else { return start + name + ending }
        let mark = Array("~".utf8) + digest(name)
        let tail = extensionOf(name, atMost: 16)
        var head = Array(name.prefix(max(0, room - mark.count - tail.count)))
        dropHalfCharacter(&head)
        return start + head + mark + tail + ending
    }

    static func extensionOf(_ name: [UInt8], atMost limit: Int) -> [UInt8] {
        guard let dot = name.lastIndex(of: 0x2E), dot > 0, name.count - dot <= limit else { return [] }
        return Array(name[dot...])
    }

    private static func dropHalfCharacter(_ bytes: inout [UInt8]) {
        while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
        if let last = bytes.last, last & 0xC0 == 0xC0 { bytes.removeLast() }
    }

    /// FNV-1a, 32 bits, in hexadecimal.
    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        let hash = bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
    }
}
