import Foundation

/// A well-formed JSON value, as written.
package struct JSONFragment: Sendable {
    package enum Kind: String { case null, boolean, number, string, array, object }

    package let text: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { self.text = text }

    package var kind: Kind {
        switch text.first {
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// `nil` when it is no string.
    package var string: String? { kind == .string ? text.withUnsafeBufferPointer(Self.string) : nil }

    /// Of an array; none of anything else.
    package var elements: [JSONFragment] {
        guard kind == .array else { return [] }
        var elements: [JSONFragment] = []
        text.withUnsafeBufferPointer { bytes in
            var parts = JSONParts(in: bytes)
            while let part = parts.next() { elements.append(self[part]) }
        }
        return elements
    }

    /// Of an object; none of anything else.
    package var members: [JSONObject.Member] { members { _ in true } }

    /// The members whose names, as they are written, quotes included, `isWanted`.
    func members(where isWanted: (UnsafeBufferPointer<UInt8>) -> Bool) -> [JSONObject.Member] {
        guard kind == .object else { return [] }
        var members: [JSONObject.Member] = []
        text.withUnsafeBufferPointer { bytes in
            var parts = JSONParts(in: bytes)
            while let part = parts.next(), let value = parts.next() {
                let name = UnsafeBufferPointer(rebasing: bytes[part])
                guard isWanted(name), let name = Self.string(name) else { continue }
                if members.isEmpty { members.reserveCapacity(8) }
                members.append(.init(name: name, value: self[value]))
            }
        }
        return members
    }

    private subscript(part: Range<Int>) -> JSONFragment {
        JSONFragment(text[(text.startIndex + part.lowerBound)..<(text.startIndex + part.upperBound)])
    }

    /// What a string in quotes stands for.
    private static func string(_ quoted: UnsafeBufferPointer<UInt8>) -> String? {
        let content = UnsafeBufferPointer(rebasing: quoted.dropFirst().dropLast())
        if !JSONBytes.hasEscapes(content) { return String(decoding: content, as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data(buffer: quoted))
    }

    /// Without the white space between its parts; strings and numbers stay as they are written.
    package var compact: String {
        text.withUnsafeBufferPointer { text in
            String(unsafeUninitializedCapacity: text.count) { output in
                var (count, from, at) = (0, 0, 0)
                func copy() {
                    guard at > from, let target = output.baseAddress, let source = text.baseAddress else { return }
                    (target + count).update(from: source + from, count: at - from)
                    count += at - from
                }
                while at < text.count {
                    if text[at] == UInt8(ascii: "\"") {
                        at = JSONBytes.endOfString(in: text, from: at)
                    } else if JSONBytes.isSpace(text[at]) {
                        copy()
                        at += 1
                        from = at
                    } else {
                        at += 1
                    }
                }
                copy()
                return count
            }
        }
    }
}

/// Where the values inside a well-formed array or object stand, one after the other, an object's names among them.
private struct JSONParts {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 1

    init(in bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func next() -> Range<Int>? {
        while at < bytes.count, Self.isBetween(bytes[at]) { at += 1 }
        let start = at
        if at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""): at = JSONBytes.endOfString(in: bytes, from: at)
            case UInt8(ascii: "{"), UInt8(ascii: "["): skipNested()
            default: while at < bytes.count, !Self.isBetween(bytes[at]), !Self.isEnd(bytes[at]) { at += 1 }
            }
        }
        return at > start ? start..<at : nil
    }

    private mutating func skipNested() {
        var depth = 0
        repeat {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at = JSONBytes.endOfString(in: bytes, from: at)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            at += 1
        } while depth > 0 && at < bytes.count
    }

    private static func isBetween(_ byte: UInt8) -> Bool {
        JSONBytes.isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":")
    }

    private static func isEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") }
}
