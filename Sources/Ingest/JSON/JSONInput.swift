import Foundation
import SystemPackage

/// Cuts the bytes of a JSON file into values, one in memory at a time (RFC 8259).
///
/// Finds where a value ends by its brackets and quotes alone; whether it is well formed is for `JSONObject` to say.
struct JSONInput {
    private let descriptor: FileDescriptor
    private var buffer: [UInt8] = []
    private var position = 0
    private var offset: Int64 = 0
    /// The physical line of the next byte, from 1.
    private(set) var line = 1

    /// Begins at the start of the file. Throws a `Refusal` when the file is not UTF-8.
    init(_ descriptor: FileDescriptor) throws {
        self.descriptor = descriptor
        let wide = try peek() == 0xFF || peek() == 0xFE
        if wide { throw Refusal.notUTF8 }
        if try peek() == 0xEF { for _ in 0..<3 { _ = try next() } }
    }

    /// The next byte, left in its place; `nil` at the end.
    mutating func peek() throws -> UInt8? {
        if position < buffer.count { return buffer[position] }
        buffer = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { bytes, count in
            count = try descriptor.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(bytes))
        }
        offset += Int64(buffer.count)
        position = 0
        return buffer.first
    }

    mutating func next() throws -> UInt8? {
        guard let byte = try peek() else { return nil }
        position += 1
        if byte == 0x0A { line += 1 }
        return byte
    }

    /// The next byte that is no white space, left in its place.
    mutating func peekToken() throws -> UInt8? {
        while let byte = try peek(), JSONBytes.isSpace(byte) { _ = try next() }
        return try peek()
    }

    /// Takes the next byte if, after white space, it is this one.
    mutating func take(_ token: Unicode.Scalar) throws -> Bool {
        guard try peekToken() == UInt8(ascii: token) else { return false }
        _ = try next()
        return true
    }

    /// The text of the next value, without the white space around it. Empty where none begins.
    mutating func value() throws -> [UInt8] {
        var text: [UInt8] = []
        var nesting = JSONNesting()
        guard try peekToken() != nil else { return text }
        while let byte = try peek(), nesting.goesOn(with: byte) {
            text.append(byte)
            _ = try next()
            if nesting.isClosed { break }
        }
        return text
    }

    /// The next line, without its end or white space around it; `nil` at the end of the file.
    mutating func textLine() throws -> [UInt8]? {
        guard try peek() != nil else { return nil }
        var text: [UInt8] = []
        while let byte = try next(), byte != 0x0A { text.append(byte) }
        while let last = text.last, JSONBytes.isSpace(last) { text.removeLast() }
        return Array(text.drop(while: JSONBytes.isSpace))
    }
}

enum JSONBytes {
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}

/// Where one value ends.
struct JSONNesting {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// The bracket or quote that the value began with has been closed.
    private(set) var isClosed = false

    /// Whether `byte` still belongs to the value; a number or a word ends before what follows it.
    mutating func goesOn(with byte: UInt8) -> Bool {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
                isClosed = depth == 0
            }
            return true
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            guard depth > 0 else { return false }
            depth -= 1
            isClosed = depth == 0
        case UInt8(ascii: ","), UInt8(ascii: ":"): return depth > 0
        default: return depth > 0 || !JSONBytes.isSpace(byte)
        }
        return true
    }
}
