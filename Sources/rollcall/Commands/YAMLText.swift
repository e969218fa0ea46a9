import Foundation
import Ingest
import Yams

/// A YAML document as JSON text, by YAML 1.2's JSON-like reading: only `true`, `false`, `null` and numbers as JSON writes
/// them are no strings, so that `NO` stays a country and `+14155550101` a number to dial.
enum YAMLText {
    /// - Throws: `YamlError` when the text is no YAML.
    static func json(_ text: String) throws -> [UInt8] {
        var output: [UInt8] = []
        append(try Yams.compose(yaml: text) ?? Node("null"), to: &output)
        return output
    }

    private static func append(_ node: Node, to output: inout [UInt8]) {
        switch node {
        case .scalar(let scalar): append(scalar, to: &output)
        case .sequence(let sequence):
            appendList(sequence, "[", "]", to: &output) { append($0, to: &$1) }
        case .mapping(let mapping):
            appendList(mapping, "{", "}", to: &output) { pair, output in
                JSONText.append((pair.key.string ?? "").utf8, to: &output)
                output.append(UInt8(ascii: ":"))
                append(pair.value, to: &output)
            }
        case .alias: output += Array("null".utf8)
        }
    }

    private static func append(_ scalar: Node.Scalar, to output: inout [UInt8]) {
        let isPlain = scalar.style == .plain || scalar.style == .any
        if isPlain, scalar.string.isEmpty || scalar.string == "~" { return output += Array("null".utf8) }
        if isPlain, isLiteral(scalar.string) { return output += Array(scalar.string.utf8) }
        JSONText.append(scalar.string.utf8, to: &output)
    }

    private static func isLiteral(_ text: String) -> Bool {
        ["true", "false", "null"].contains(text) || text.wholeMatch(of: /-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/.asciiOnlyDigits()) != nil
    }

    private static func appendList<Items: Sequence>(
        _ items: Items, _ open: Unicode.Scalar, _ close: Unicode.Scalar, to output: inout [UInt8],
        _ appendItem: (Items.Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: open))
        for (index, item) in items.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            appendItem(item, &output)
        }
        output.append(UInt8(ascii: close))
    }
}
