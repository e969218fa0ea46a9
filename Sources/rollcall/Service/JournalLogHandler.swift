import Foundation
import Glibc
import Logging

/// Writes each event to systemd's journal with its priority and fields (`CAMPAIGN=`, `INGEST_ID=`, `FILE=`, …).
///
/// The form is the journal's native protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL
struct JournalLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let socket: String
    private let fallback = LineLogHandler()

    init(socket: String = "/run/systemd/journal/socket") { self.socket = socket }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Whether standard error is the journal's own stream, as a service's is.
    static var isAvailable: Bool {
        var facts = stat()
        guard let stream = ProcessInfo.processInfo.environment["JOURNAL_STREAM"], fstat(STDERR_FILENO, &facts) == 0 else {
            return false
        }
        return stream == "\(facts.st_dev):\(facts.st_ino)"
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { _, own in own }
        var entry: [UInt8] = []
        Self.append("MESSAGE", "\(event.message)".printable, to: &entry)
        Self.append("PRIORITY", "\(Self.priority(event.level))", to: &entry)
        Self.append("SYSLOG_IDENTIFIER", "rollcall", to: &entry)
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            Self.append(Self.name(key), "\(value)".printable, to: &entry)
        }
        do { try UnixDatagram.send(entry, to: socket) } catch { fallback.log(event: event) }
    }

    /// syslog(3)'s levels.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// Upper case letters, digits and underscores, the first a letter.
    private static func name(_ key: String) -> String {
        let name = key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return name.first?.isLetter == true ? String(name) : "F" + String(name)
    }

    /// The form with a length, in which a value may hold anything.
    private static func append(_ name: String, _ value: String, to entry: inout [UInt8]) {
        entry += Array(name.utf8)
        entry.append(0x0A)
        withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { entry += Array($0) }
        entry += Array(value.utf8)
        entry.append(0x0A)
    }
}
