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
    package var string: String? {
        guard kind == .string else { return nil }
        let plain: String? = text.withUnsafeBufferPointer { text in
            let content = UnsafeBufferPointer(rebasing: text.dropFirst().dropLast())
            guard let start = content.baseAddress else { return "" }
            return memchr(start, CInt(UInt8(ascii: "\\")), content.count) == nil ? String(decoding: content, as: UTF8.self) : nil
        }
        return plain ?? (try? JSONDecoder().decode(String.self, from: Data(text)))
    }

    /// Of an array; none of anything else.
    package var elements: [JSONFragment] { kind == .array ? Array(JSONParts(of: self)) : [] }

    /// Of an object; none of anything else.
    package var members: [JSONObject.Member] {
        guard kind == .object else { return [] }
        var parts = JSONParts(of: self)
        var members: [JSONObject.Member] = []
        members.reserveCapacity(8)
        while let name = parts.next()?.string, let value = parts.next() { members.append(.init(name: name, value: value)) }
        return members
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
                        at = Self.endOfString(in: text, from: at)
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

    /// The position behind the string that begins at `start`.
    private static func endOfString(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var at = start + 1
        while true {
            at = JSONBytes.firstMark(in: text, from: at)
            guard at < text.count else { return text.count }
            if text[at] == UInt8(ascii: "\"") { return at + 1 }
            at += text[at] == UInt8(ascii: "\\") ? 2 : 1
        }
    }
}

/// The values inside an array or an object, one after the other, an object's names among them.
struct JSONParts: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(of fragment: JSONFragment) { rest = fragment.text.dropFirst() }

    mutating func next() -> JSONFragment? {
        let (start, end) = rest.withUnsafeBufferPointer { bytes in
            let start = bytes.firstIndex { !JSONBytes.isSpace($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ":") } ?? bytes.count
            var nesting = JSONNesting()
            return (start, nesting.advance(over: bytes, from: start))
        }
        guard end > start else { return nil }
        let first = rest.startIndex
        defer { rest = rest[(first + end)...] }
        return JSONFragment(rest[(first + start)..<(first + end)])
    }
}
