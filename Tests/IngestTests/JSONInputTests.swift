import Foundation
import Spool
import SystemPackage
import Testing

@testable import Ingest

/// Texts far longer than what is read at once, so that every kind of place falls on the border.
@Suite("Cutting JSON into contacts")
struct JSONInputTests {
    private static let contacts = [
        #"{"phone_numbers":["4155552671"],"external_id":"k1","data":{"City":"New York"}}"#, "{}", #"{"a" : [1, {"b":"]}\"\\"}]}"#,
        "{\n\"a\": \"é\\u00e9😀\",\n\n\"b\": [\n1]\n}", #"{"a":1e9,"b":[[],[{}]]}"#, "[1,\n2]", #""{[\"""#, "12.5", "nul",
        "{\"a\":\"\n", #"{"a\"#, "{]\n[}", "{\"long\":\"" + String(repeating: "x\\\\", count: 3000) + "\"}",
    ]

    @Test("Each contact of a body is found, with the line on which it begins")
    func body() throws {
        var random = Seeded(state: 3)
        // Unclosed ones would take in what follows, one is closed too early.
        let whole = Self.contacts.filter { !["{\"a\":\"\n", #"{"a\"#, "{]\n[}"].contains($0) }
        var wanted: [(text: String, line: Int)] = []
        var text = "{\"contacts\":\n["
        var line = 2
        for index in 0..<3000 {
            let space = String(repeating: "\n", count: Int.random(in: 0...2, using: &random)) + String(repeating: " ", count: Int.random(in: 0...3, using: &random))
            let contact = whole[Int.random(in: 0..<whole.count, using: &random)]
            text += (index > 0 ? "," : "") + space + contact
            line += space.count { $0 == "\n" }
            wanted.append((contact, line))
            line += contact.count { $0 == "\n" }
        }
        let cut = try Self.pieces(of: Array((text + "\n]}").utf8))
        #expect(cut.count == wanted.count)
        for (piece, wanted) in zip(cut, wanted) { #expect(piece.text == wanted.text && piece.line == wanted.line) }
    }

    @Test("Any bytes are cut where their brackets and quotes say")
    func anyBytes() throws {
        var random = Seeded(state: 4)
        for _ in 0..<3 {
            var bytes: [UInt8] = []
            while bytes.count < 150_000 {
                bytes += Array(Self.contacts[Int.random(in: 0..<Self.contacts.count, using: &random)].utf8)
                if Bool.random(using: &random) { bytes += [UInt8.random(in: 0...255, using: &random)] }
                bytes += Array([",", ",\n", " ", "]", ":"][Int.random(in: 0..<5, using: &random)].utf8)
            }
            let file = try bytes.withUnsafeBytes { try MemoryFile.make($0) }
            try file.closeAfter {
                var input = try JSONInput(file)
                var (at, line) = (0, 1)
                var text: [UInt8] = []
                while try input.peekToken() != nil {
                    while JSONBytes.isSpace(bytes[at]) {
                        line += bytes[at] == 0x0A ? 1 : 0
                        at += 1
                    }
                    #expect(input.line == line)
                    let end = Self.endOfValue(in: bytes, from: at)
                    try input.value(into: &text)
                    #expect(text == Array(bytes[at..<end]))
                    line += text.count { $0 == 0x0A }
                    // Past what no value begins with.
                    let isBetween = try end < bytes.count && (",:]}".unicodeScalars.contains { try input.take($0) })
                    at = end
                    if isBetween {
                        while JSONBytes.isSpace(bytes[at]) {
                            line += bytes[at] == 0x0A ? 1 : 0
                            at += 1
                        }
                        at += 1
                    }
                }
            }
        }
    }

    /// Byte by byte, as plainly as it can be said.
    private static func endOfValue(in bytes: [UInt8], from start: Int) -> Int {
        var (depth, isInString, isEscaped) = (0, false, false)
        for (at, byte) in zip(start..., bytes[start...]) {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                if !isInString, depth == 0 { return at + 1 }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                depth += 1
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                if depth == 0 { return at }
                depth -= 1
                if depth == 0 { return at + 1 }
            } else if depth == 0, JSONBytes.isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") {
                return at
            }
        }
        return bytes.count
    }

    private static func pieces(of bytes: [UInt8]) throws -> [(text: String, line: Int)] {
        let file = try bytes.withUnsafeBytes { try MemoryFile.make($0) }
        return try file.closeAfter {
            var input = try JSONInput(file)
            var body = JSONBody(isLines: false)
            try body.begin(&input)
            var pieces: [(text: String, line: Int)] = []
            var text: [UInt8] = []
            while let piece = try body.next(&input, into: &text) { pieces.append((String(decoding: text, as: UTF8.self), piece.line)) }
            return pieces
        }
    }
}
