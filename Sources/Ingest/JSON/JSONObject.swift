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
        if JSONScanner.accepts(text) {
            self.init(sound: text)
        } else {
            try Self.judge(text)
            // Foundation passes over what stands around the object.
            self.init(sound: Array(text.drop { $0 != UInt8(ascii: "{") }))
        }
    }

    /// Reads `text`, which is one well-formed object.
    init(sound text: [UInt8]) {
        members = JSONFragment(text[...]).members
        self.text = text
    }

    /// What Foundation says. Throws `JSONFault` when it is no object.
    static func judge(_ text: [UInt8]) throws(JSONFault) {
        // Foundation would put U+FFFD for what is not UTF-8, in silence.
        guard String(validating: text, as: UTF8.self) != nil else { throw JSONFault(reason: "it is not UTF-8") }
        // And it would take this for UTF-16.
        guard !text.contains(0) else { throw JSONFault(reason: "it has a NUL in it") }
        do {
            guard try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed) is [String: Any] else {
                throw JSONFault(reason: "it is not an object")
            }
        } catch let fault as JSONFault {
            throw fault
        } catch {
            throw JSONFault(error)
        }
        // Foundation lets it pass, and no other reader of what is stored would.
        if hasTrailingComma(text) { throw JSONFault(reason: "a comma has nothing after it") }
    }

    private static func hasTrailingComma(_ text: [UInt8]) -> Bool {
        var (last, isString, isEscaped) = (UInt8(0), false, false)
        for byte in text where isString || !JSONBytes.isSpace(byte) {
            if isString {
                isString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if last == UInt8(ascii: ","), byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                return true
            } else {
                isString = byte == UInt8(ascii: "\"")
            }
            last = byte
        }
        return false
    }

    /// The first name that stands twice.
    package var repeatedName: String? {
        guard members.count <= 16 else {
            var seen: Set<String> = []
            return members.first { !seen.insert($0.name).inserted }?.name
        }
        // A set's hashes cost more than comparing a few.
        return members.indices.first { index in members[..<index].contains { $0.name == members[index].name } }.map { members[$0].name }
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
