package import Foundation

/// JSON as the store keeps it in text columns.
enum JSONText {
    /// Compact, with keys in order, so that equal values are equal texts.
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// Calls `body` with an array of numbers. E.164 is plain ASCII, which needs no encoder; anything else takes the long way.
    static func withPhoneNumbers<R>(_ numbers: [String], _ body: (UnsafeBufferPointer<UInt8>) throws -> R) throws -> R {
        var length = 1
        for number in numbers { length += number.utf8.count + 3 }
        if numbers.isEmpty || length > 4096 { return try Array(encode(numbers).utf8).withUnsafeBufferPointer(body) }
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { text in
            var at = 0
            for var number in numbers {
                text[at] = UInt8(ascii: at == 0 ? "[" : ",")
                text[at + 1] = UInt8(ascii: "\"")
                let isPlain = number.withUTF8 { copyPlain($0, to: text, at: at + 2) }
                guard isPlain else { return try Array(encode(numbers).utf8).withUnsafeBufferPointer(body) }
                at += number.utf8.count + 3
                text[at - 1] = UInt8(ascii: "\"")
            }
            text[at] = UInt8(ascii: "]")
            return try body(UnsafeBufferPointer(rebasing: text[...at]))
        }
    }

    /// Whether all of it are digits and plus signs, which JSON takes as they are.
    private static func copyPlain(
        _ number: UnsafeBufferPointer<UInt8>, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) -> Bool {
        var isPlain = true
        for index in number.indices {
            let byte = number[index]
            isPlain = isPlain && (byte &- 0x30 < 10 || byte == 0x2B)
            text[start + index] = byte
        }
        return isPlain
    }
}

/// Any JSON value, for `data` inside an encoded contact.
package enum JSONValue: Codable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Decimal)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Decimal.self) {
            self = .number(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension String {
    /// With U+FFFD for each NUL, at which SQLite's text would end; for texts that people read and nothing is matched by.
    var withoutNUL: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}
