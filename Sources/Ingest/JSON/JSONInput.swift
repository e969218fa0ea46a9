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

    private mutating func next() throws -> UInt8? {
        guard let byte = try peek() else { return nil }
        position += 1
        if byte == 0x0A { line += 1 }
        return byte
    }

    /// The next byte that is no white space, left in its place.
    mutating func peekToken() throws -> UInt8? {
        while let byte = try peek() {
            guard JSONBytes.isSpace(byte) else { return byte }
            _ = try next()
        }
        return nil
    }

    /// Takes the next byte if, after white space, it is this one.
    mutating func take(_ token: Unicode.Scalar) throws -> Bool {
        guard try peekToken() == UInt8(ascii: token) else { return false }
        _ = try next()
        return true
    }

    /// Puts the next value's text into `text`, without the white space around it; nothing where none begins.
    ///
    /// Returns true where it is seen on the way that it is a well-formed object.
    @discardableResult
    mutating func value(into text: inout [UInt8]) throws -> Bool {
        text.removeAll(keepingCapacity: true)
        guard try peekToken() != nil else { return false }
        if let object = buffer.withUnsafeBufferPointer({ JSONScanner.object(in: $0, from: position) }) {
            take(upTo: object.end, into: &text)
            line += object.lineEnds
            return true
        }
        var nesting = JSONNesting()
        while try !nesting.hasEnded && peek() != nil {
            take(upTo: buffer.withUnsafeBufferPointer { nesting.advance(over: $0, from: position) }, into: &text)
        }
        line += nesting.lineEnds
        return false
    }

    private mutating func take(upTo end: Int, into text: inout [UInt8]) {
        text += buffer[position..<end]
        position = end
    }

    /// Puts the next line into `text`, without its end or white space around it; false at the end of the file.
    mutating func textLine(into text: inout [UInt8]) throws -> Bool {
        text.removeAll(keepingCapacity: true)
        guard try peek() != nil else { return false }
        while try peek() != nil {
            let end = buffer[position...].firstIndex(of: 0x0A)
            take(upTo: end ?? buffer.count, into: &text)
            if end != nil {
                _ = try next()
                break
            }
        }
        while let last = text.last, JSONBytes.isSpace(last) { text.removeLast() }
        if let first = text.first, JSONBytes.isSpace(first) { text = Array(text.drop(while: JSONBytes.isSpace)) }
        return true
    }
}
