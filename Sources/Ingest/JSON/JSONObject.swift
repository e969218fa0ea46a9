import Foundation

/// A JSON object with its members in the order in which they stand, their values as they are written.
package struct JSONObject {
    package struct Member {
        package var name: String
        package var value: JSONFragment
    }

    package let members: [Member]
    private let text: [UInt8]

    /// As written, without the white space between its parts.
    package var compact: String { JSONFragment(text[...]).compact }

    /// Reads `text`, which must be one well-formed object. Throws `JSONFault` when it is not.
    package init(_ text: [UInt8]) throws(JSONFault) {
        // Foundation would put U+FFFD for what is not UTF-8, in silence.
        guard String(validating: text, as: UTF8.self) != nil else { throw JSONFault(reason: "it is not UTF-8") }
        do {
            guard try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed) is [String: Any] else {
                throw JSONFault(reason: "it is not an object")
            }
        } catch let fault as JSONFault {
            throw fault
        } catch {
            throw JSONFault(error)
        }
        members = JSONFragment(text[...]).members
        self.text = text
    }

    /// The first name that stands twice.
    package var repeatedName: String? {
        var seen: Set<String> = []
        return members.first { !seen.insert($0.name).inserted }?.name
    }
}

/// Why a text is no JSON, for people.
package struct JSONFault: Error {
    package var reason: String

    init(reason: String) { self.reason = reason }

    fileprivate init(_ error: any Error) {
        let underlying = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
        reason = underlying.map { $0.prefix(1).lowercased() + $0.dropFirst() } ?? "it is not well formed"
    }
}

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
        let bytes = text.dropFirst().dropLast()
        if !bytes.contains(UInt8(ascii: "\\")) { return String(decoding: bytes, as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data(text))
    }

    /// Of an array; none of anything else.
    package var elements: [JSONFragment] {
        guard kind == .array else { return [] }
        var rest = text.dropFirst()
        var elements: [JSONFragment] = []
        while let value = Self.cutValue(&rest) { elements.append(value) }
        return elements
    }

    /// Of an object; none of anything else.
    package var members: [JSONObject.Member] {
        guard kind == .object else { return [] }
        var rest = text.dropFirst()
        var members: [JSONObject.Member] = []
        while let name = Self.cutValue(&rest)?.string, let value = Self.cutValue(&rest) {
            members.append(.init(name: name, value: value))
        }
        return members
    }

    /// Without the white space between its parts; strings and numbers stay as they are written.
    package var compact: String {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var isInString = false
        var isEscaped = false
        for byte in text {
            if !isInString, JSONBytes.isSpace(byte) { continue }
            output.append(byte)
            if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
            isEscaped = isInString && byte == UInt8(ascii: "\\") && !isEscaped
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The next value, past what stands between values.
    private static func cutValue(_ rest: inout ArraySlice<UInt8>) -> JSONFragment? {
        rest = rest.drop { JSONBytes.isSpace($0) || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ":") }
        var nesting = JSONNesting()
        var end = rest.startIndex
        while end < rest.endIndex, !nesting.isClosed, nesting.goesOn(with: rest[end]) { end += 1 }
        guard end > rest.startIndex else { return nil }
        defer { rest = rest[end...] }
        return JSONFragment(rest[..<end])
    }
}
