import Foundation
import Testing

extension TemporaryStore {
    /// Runs SQL from outside, by the `sqlite3` program, and returns what it prints.
    @discardableResult
    func sql(_ text: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["sqlite3", "-cmd", ".timeout 5000", path, text]
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// How many pages `body` adds to the write-ahead log.
    func framesWritten(_ body: () throws -> Void) throws -> Int {
        let before = try walBytes()
        try body()
        return (try walBytes() - before) / (8192 + 24)
    }

    private func walBytes() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? 0
    }
}
