/// How contacts are written in a file, as its name's ending tells.
enum FileFormat: String {
    case csv
    /// The contact API's body: `{"contacts": […]}`, or the bare array.
    case json
    /// One contact a line.
    case jsonLines = "jsonl"

    init?(named name: String) {
        let name = name.lowercased()
        if name.hasSuffix(".csv") {
            self = .csv
        } else if name.hasSuffix(".json") {
            self = .json
        } else if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") {
            self = .jsonLines
        } else {
            return nil
        }
    }
}
