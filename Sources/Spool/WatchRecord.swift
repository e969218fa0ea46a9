internal import SystemPackage

/// One record of `rollcall-watch`: three fields, each ended by a NUL.
struct WatchRecord: Hashable {
    enum Kind: String {
        case armed, failed, created, written, folder, gone, overflow
        case movedIn = "moved-in"
    }

    var kind: Kind
    var folder: [UInt8]
    var name: [UInt8]

    /// The error of a `failed` record.
    var errno: Errno { Errno(rawValue: CInt(String(decoding: name, as: UTF8.self)) ?? 0) }

    static func add(_ folder: FilePath) -> [UInt8] { command(0x2B, folder) }

    private static func command(_ verb: UInt8, _ folder: FilePath) -> [UInt8] {
        [verb] + bytes(of: folder) + [0]
    }

    static func bytes(of path: FilePath) -> [UInt8] {
        path.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: path.length)) }
    }
}

/// Cuts what comes out of the pipe, in whatever pieces, into records.
struct WatchRecordReader {
    private var fields: [[UInt8]] = []
    private var field: [UInt8] = []

    /// Records of a kind that is not known are passed over.
    mutating func read(_ piece: some Sequence<UInt8>, _ found: (WatchRecord) -> Void) {
        for byte in piece {
            guard byte == 0 else {
                field.append(byte)
                continue
            }
            fields.append(field)
            field.removeAll(keepingCapacity: true)
            guard fields.count == 3 else { continue }
            if let kind = WatchRecord.Kind(rawValue: String(decoding: fields[0], as: UTF8.self)) {
                found(WatchRecord(kind: kind, folder: fields[1], name: fields[2]))
            }
            fields.removeAll(keepingCapacity: true)
        }
    }
}
