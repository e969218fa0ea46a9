package import Foundation

/// Writes JSON strings (RFC 8259, section 7) straight from UTF-8 bytes.
///
/// One object a row is made in the innermost loop, where an encoder's dictionaries cost more than everything else.
package enum JSONText {
    package static func append(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        if bytes.withContiguousStorageIfAvailable({ append($0, to: &output) }) == nil {
            Array(bytes).withUnsafeBufferPointer { append($0, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        var from = 0
        while true {
            let mark = JSONBytes.firstMark(in: bytes, from: from)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from..<mark]))
            guard mark < bytes.count else { return }
            appendEscape(bytes[mark], to: &output)
            from = mark + 1
        }
    }

    /// Whether any of the bytes stands otherwise in a JSON string than it does here.
    static func needsEscape(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { JSONBytes.firstMark(in: bytes, from: 0) < bytes.count }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0..<0x20:
            output += "u00".utf8
            output.append(hex(byte >> 4))
            output.append(hex(byte & 0xF))
        default: output.append(byte)
        }
    }

    /// An array of UUIDs in their canonical lower-case form (RFC 9562, section 4), `null` for those that are missing.
    package static func append(_ ids: [UUID?], to output: inout [UInt8]) {
        output.reserveCapacity(output.count + 2 + ids.count * 39)
        output.append(UInt8(ascii: "["))
        for (index, id) in ids.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            if let id { append(id, to: &output) } else { output += "null".utf8 }
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func append(_ id: UUID, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        withUnsafeBytes(of: id.uuid) { bytes in
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 { output.append(UInt8(ascii: "-")) }
                output.append(hex(byte >> 4))
                output.append(hex(byte & 0xF))
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func hex(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}
