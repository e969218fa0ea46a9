/// Prometheus' text exposition format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
enum PrometheusText {
    /// `name{a="b",c="d"}`, or the bare name without labels.
    static func series(_ name: String, _ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return name }
        return name + "{" + labels.map { "\(labelName($0))=\"\(labelValue($1))\"" }.joined(separator: ",") + "}"
    }

    /// What is no letter, digit, underscore or colon becomes an underscore, and so does a first digit.
    static func metricName(_ text: String) -> String { name(text, allowing: ":") }

    static func labelName(_ text: String) -> String { name(text, allowing: "_") }

    static func labelValue(_ text: String) -> String { help(text).replacing("\"", with: "\\\"") }

    static func help(_ text: String) -> String { text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n") }

    /// As Go's ParseFloat reads it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }

    private static func name(_ text: String, allowing more: Character) -> String {
        let name = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == more) ? $0 : "_" })
        return name.first.map { $0.isNumber } ?? true ? "_" + name : name
    }
}
