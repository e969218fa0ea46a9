import Contacts
import Foundation
import PhoneNumbers
import SystemPackage

/// How a setting's text and its value turn into each other.
struct SettingForm<Value>: Sendable {
    /// Completes "takes …": "a path", "create or refuse".
    var takes: String
    var parse: @Sendable (String) -> Value?
    let print: @Sendable (Value) -> String
    /// Whether the file may hold a list, which is parsed as JSON's.
    var isList = false
}

extension SettingForm where Value == FilePath {
    static var path: Self {
        Self(takes: "a path", parse: { $0.isEmpty ? nil : FilePath($0) }, print: \.string)
    }
}

extension SettingForm where Value == FilePath? {
    static var optionalPath: Self {
        Self(takes: "a path or nothing", parse: { .some($0.isEmpty ? nil : FilePath($0)) }, print: { $0?.string ?? "" })
    }

    /// The node exporter reads no other names.
    static var textfile: Self {
        var form = optionalPath
        form.takes = "a path that ends in .prom, or nothing"
        let any = form.parse
        form.parse = { $0.isEmpty || $0.hasSuffix(".prom") ? any($0) : nil }
        return form
    }
}

extension SettingForm where Value == Bool {
    static var flag: Self {
        Self(takes: "true or false", parse: { Bool($0) }, print: { "\($0)" })
    }
}

extension SettingForm where Value == [String] {
    /// `["/usr/bin/program", "argument"]`, or the program alone.
    static var command: Self {
        Self(
            takes: "a program's full path, a list of it and its arguments, or nothing",
            parse: { text in
                if text.isEmpty { return [] }
                let words = text.hasPrefix("[") ? try? JSONDecoder().decode([String].self, from: Data(text.utf8)) : [text]
                guard let words, words.isEmpty || words[0].hasPrefix("/"), !words.contains(where: { $0.contains("\0") }) else { return nil }
                return words
            },
            print: { $0.isEmpty ? "" : $0.json },
            isList: true)
    }
}

extension [String] {
    /// As JSON writes it.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}

extension SettingForm where Value == Int {
    static func count(_ range: ClosedRange<Int>) -> Self {
        Self(
            takes: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } },
            print: String.init)
    }
}

extension SettingForm where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(
            takes: words.dropLast().joined(separator: ", ") + " or " + (words.last ?? ""),
            parse: { Value(rawValue: $0) }, print: \.rawValue)
    }
}

extension SettingForm where Value == Duration {
    private static var units: [(name: String, milliseconds: Int64)] {
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    }

    /// A whole number and its unit, `500ms` or `2 s`.
    static func duration(upTo longest: Duration) -> Self {
        Self(
            takes: "a time such as 500ms, 60s or 5m, at most \(longest.components.seconds)s",
            parse: { text in
                let digits = text.prefix { ("0"..."9").contains($0) }
                let unit = text.dropFirst(digits.count).drop { $0 == " " }
                guard let count = Int64(digits), let factor = units.first(where: { $0.name == unit })?.milliseconds
                else { return nil }
                let (product, overflow) = count.multipliedReportingOverflow(by: factor)
                return overflow || .milliseconds(product) > longest ? nil : .milliseconds(product)
            },
            print: { duration in
                let milliseconds = Int64(duration / .milliseconds(1))
                return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
            })
    }
}

extension SettingForm where Value == String? {
    static var countryCode: Self {
        Self(
            takes: "an ISO region such as US, a calling code such as 1 or +44, or nothing",
            parse: { text in
                if text.isEmpty { return .some(nil) }
                return (try? RegionCode.defaultCountryCode(text)).map { _ in text }
            },
            print: { $0 ?? "" })
    }

    static var webURL: Self {
        Self(
            takes: "a URL that begins with https:// or http://, or nothing",
            parse: { text in
                if text.isEmpty { return .some(nil) }
                guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()), url.host()?.isEmpty == false
                else { return nil }
                return text
            },
            print: { $0 ?? "" })
    }

    static var timezone: Self {
        Self(
            takes: "an IANA time zone such as America/New_York, or nothing",
            parse: { text in
                if text.isEmpty { return .some(nil) }
                var names = TimeZoneNames()
                return names.zone(text).map { _ in text }
            },
            print: { $0 ?? "" })
    }
}
