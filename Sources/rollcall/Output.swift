import Foundation

/// What commands print: results on standard output, everything else on standard error.
enum Output {
    static func line(_ text: String) throws { try bytes(Array((text + "\n").utf8)) }

    static func bytes(_ bytes: [UInt8]) throws { try FileHandle.standardOutput.write(contentsOf: Data(bytes)) }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        try bytes(Array(encoder.encode(value)) + [UInt8(ascii: "\n")])
    }

    static func complain(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        try? FileHandle.standardError.write(contentsOf: Data("rollcall: \(line)\n".utf8))
    }

    /// Columns padded to their widest cell, two spaces between.
    static func table(_ header: [String], _ rows: [[String]]) throws {
        let all = [header] + rows.map { $0.map(\.printable) }
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        for row in all {
            let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            try line(cells.joined(separator: "  ").trimmingSuffix(" "))
        }
    }
}

extension String {
    /// Without control characters, which a terminal would obey.
    var printable: String {
        String(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    }

    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = self[...]
        while text.last == character { text.removeLast() }
        return String(text)
    }
}
