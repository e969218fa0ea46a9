import Foundation
import Testing

@testable import Ingest

/// Foundation is the oracle: what the scanner accepts, Foundation accepts, and both read the same from it.
@Suite("Reading a contact's JSON")
struct JSONScannerTests {
    /// The second: whether the scanner is sure, without asking Foundation.
    static let sound: [(String, Bool)] = [
        ("{}", true), (" {}", false), ("{ \t\r\n}", true), (#"{"a":1}"#, true), (#"{ "a" : [ 1 , { "b" : null } , "" ] }"#, true),
        (#"{"a":true,"b":false,"c":null}"#, true), (#"{"a":0,"b":-0,"c":-1.50,"d":1234567890.12345}"#, true),
        (#"{"a":1e5}"#, false), (#"{"a":12345678901234567}"#, false), (#"{"a":0.1E-2}"#, false), (#"{"a":1,"a":2}"#, true),
        (#"{"":""}"#, true), (#"{"a":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000"}"#, true), (#"{"é":"é 😀"}"#, true),
        (#"{"a":"// /* */ {}[],:"}"#, true), (#"{"\u0061":"\\"}"#, true), (#"{"a":"12345678\n12345678\\123456789\""}"#, true),
        (String(repeating: #"{"a":"#, count: 40) + "1" + String(repeating: "}", count: 40), true),
        (String(repeating: #"{"a":"#, count: 400) + "1" + String(repeating: "}", count: 400), false),
        (#"{"a":""# + String(repeating: "x", count: 70_000) + #""}"#, true),
        (#"{"a":",}","b":"\",]","c":1e1}"#, false), ("\u{FEFF} {\"a\":1}\n", false),
    ]

    static let faulty = [
        "", "{", "}", "{}}", "{}{}", "[]", "[{}]", "1", "\"a\"", "null", "{a:1}", "{'a':1}", #"{"a"}"#, #"{"a":}"#,
        #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{"a":[,1]}"#, #"{"a":[1 2]}"#, #"{"a":[1}"#, #"{"a":{]}"#, #"{"a":01}"#,
        #"{"a":-}"#, #"{"a":+1}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":1e}"#, #"{"a":1e+}"#, #"{"a":0x1}"#, #"{"a":NaN}"#,
        #"{"a":Infinity}"#, #"{"a":tru}"#, #"{"a":truex}"#, #"{"a":nulll}"#, #"{"a":"b}"#, #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#,
        #"{"a":"\u12"}"#, #"{"a":"\ud800"}"#, #"{"a":"\udc00"}"#, #"{"a":"\ud800\u0041"}"#, #"{"a":"\ud800x"}"#, #"{"a":"\"#,
        "{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\"a\":\"\u{0}\"}", "{\"a\u{1}\":1}", "{\"a\":1}\u{0}", "{\"a\":\u{A0}1}", "{\"a\":1 // x\n}",
        "{\"a\":/**/1}", "{\0\"\0a\0\"\0:\u{0}1\0}\0", String(repeating: #"{"a":"#, count: 600) + "1" + String(repeating: "}", count: 600),
    ]

    @Test("What is sound is read, nearly all of it without Foundation")
    func sound() throws {
        for (text, isSure) in Self.sound {
            #expect(JSONScanner.accepts(Array(text.utf8)) == isSure, "\(text.prefix(60))")
            try compare(Array(text.utf8))
            #expect(throws: Never.self, "\(text.prefix(60))") { try JSONObject(Array(text.utf8)) }
        }
    }

    @Test("What Foundation lets pass and nobody else could read is refused", arguments: [
        #"{"a":1,}"#, #"{"a":[1,]}"#, "{\"a\":1e1 ,\n}", #"{"a":"\\",}"#, #"{"a":[{"b":"\"",}]}"#,
    ])
    func trailingComma(text: String) throws {
        #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
        #expect { try JSONObject(Array(text.utf8)) } throws: { ($0 as? JSONFault)?.reason == "a comma has nothing after it" }
    }

    @Test("What is not, is left to Foundation, which says why")
    func faulty() throws {
        for text in Self.faulty {
            #expect(!JSONScanner.accepts(Array(text.utf8)), "\(text.prefix(60))")
            try compare(Array(text.utf8))
            #expect(throws: JSONFault.self, "\(text.prefix(60))") { try JSONObject(Array(text.utf8)) }
        }
        for bytes: [UInt8] in [[0x80], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF]] {
            let text = Array(#"{"a":"12345678"#.utf8) + bytes + Array(#""}"#.utf8)
            #expect(!JSONScanner.accepts(text))
            #expect { try JSONObject(text) } throws: { ($0 as? JSONFault)?.reason == "it is not UTF-8" }
        }
    }

    @Test("Changed at random, a text is read as Foundation reads it, or refused as Foundation refuses it")
    func mutations() throws {
        var random = Seeded(state: 17)
        let pieces = ["\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "0", "-", "1.5", "e9", "true", "null", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "é", "\u{0}"]
            .map { Array($0.utf8) } + [[0xFF], [0xC3], [0x80]]
        var accepted = 0
        for round in 0..<8000 {
            var text = Array(Self.sound[round % 17].0.utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let at = Int.random(in: 0...text.count, using: &random)
                let end = min(text.count, at + Int.random(in: 0...2, using: &random))
                text.replaceSubrange(at..<end, with: Bool.random(using: &random) ? pieces.randomElement(using: &random) ?? [] : [])
            }
            accepted += try compare(text) ? 1 : 0
        }
        #expect(accepted > 2000)
    }

    /// Whether both accept it. Fails where they differ, or read another value.
    @discardableResult
    private func compare(_ text: [UInt8]) throws -> Bool {
        let shown = String(decoding: text.prefix(200), as: UTF8.self)
        var judged = true
        do { try JSONObject.judge(text) } catch { judged = false }
        if JSONScanner.accepts(text) { #expect(judged, "\(shown)") }
        guard judged else {
            #expect(throws: JSONFault.self, "\(shown)") { try JSONObject(text) }
            return false
        }
        let object = try JSONObject(text)
        let wanted = try JSONSerialization.jsonObject(with: Data(text)) as? NSDictionary
        #expect(try JSONSerialization.jsonObject(with: Data(object.compact.utf8)) as? NSDictionary == wanted, "\(shown)")
        // Of a name that stands twice Foundation keeps one value.
        guard object.repeatedName == nil else { return true }
        var read: [String: Any] = [:]
        for member in object.members { read[member.name] = try value(of: member.value) }
        #expect(read as NSDictionary == wanted, "\(shown)")
        return true
    }

    private func value(of fragment: JSONFragment) throws -> Any {
        switch fragment.kind {
        case .string: try #require(fragment.string)
        case .array: try fragment.elements.map { try value(of: $0) }
        default: try JSONSerialization.jsonObject(with: Data(fragment.text), options: .fragmentsAllowed)
        }
    }
}
