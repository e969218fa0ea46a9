package import Foundation
import Glibc

/// The names in the system's IANA time zone database, looked up once each.
package struct TimeZoneNames {
    private let folder: String
    private var known: [String: TimeZone?] = [:]

    package init(folder: String = "/usr/share/zoneinfo") { self.folder = folder }

    /// The zone of exactly this name, links such as `US/Eastern` included; `nil` for unknown names and abbreviations.
    package mutating func zone(_ name: String) -> TimeZone? {
        if let found = known[name] { return found }
        let zone = isListed(name) ? TimeZone(identifier: name) : nil
        known[name] = .some(zone)
        return zone
    }

    private func isListed(_ name: String) -> Bool {
        guard name.utf8.allSatisfy(Self.isNameByte), !name.contains(".."), !name.hasPrefix("/"),
            !Self.notZones.contains(name), !name.hasPrefix("posix/"), !name.hasPrefix("right/")
        else { return false }
        return beginsWithMagic(folder + "/" + name)
    }

    /// A compiled zone starts with "TZif" (RFC 9636, section 3.1); the folder holds lists and indexes too.
    private func beginsWithMagic(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var magic = [UInt8](repeating: 0, count: 4)
        return read(descriptor, &magic, 4) == 4 && magic == Array("TZif".utf8)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }

    /// Abbreviations that the database carries for old systems (an `EST` that never has summer time), and non-zones.
    private static let notZones: Set<String> = [
        "EST", "MST", "HST", "CET", "MET", "EET", "WET", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT",
        "localtime", "posixrules", "Factory",
    ]
}

extension TimeZoneNames {
    /// Every name that `zone` knows, sorted.
    package static let all: [String] = {
        var names = TimeZoneNames()
        let files = FileManager.default.enumerator(atPath: names.folder)?.compactMap { $0 as? String } ?? []
        return files.filter { names.zone($0) != nil }.sorted()
    }()
}
