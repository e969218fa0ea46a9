import Foundation
import Logging

/// Writes each event as one line of readable text to standard error, whatever characters it holds.
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { _, own in own }
        let pairs = values.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        let line = "\(Date.now.formatted(Self.time)) \(event.level) \("\(event.message)".printable)\(pairs)\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func quoted(_ text: String) -> String {
        let text = text.printable
        return text.contains(" ") || text.isEmpty ? "\"\(text.replacing("\"", with: "'"))\"" : text
    }
}
