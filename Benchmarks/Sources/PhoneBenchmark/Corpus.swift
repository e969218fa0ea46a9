import Foundation
import PhoneNumbers

/// The numbers to measure with, in memory as the reader of a file would have them.
struct Corpus: Sendable {
    struct Line: Sendable {
        var region: RegionCode?
        var bytes: [UInt8]
    }

    var lines: [Line]

    init(path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        lines = text.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            return Line(region: RegionCode(fields[0]), bytes: Array((fields.last ?? "").utf8))
        }
    }

    /// Parses every number and counts the valid ones; `length` keeps the E.164 forms from being optimised away.
    func parse() -> (valid: Int, length: Int) {
        var valid = 0
        var length = 0
        for line in lines {
            line.bytes.withUnsafeBufferPointer { bytes in
                guard let number = try? PhoneNumber(utf8: bytes, region: line.region) else { return }
                valid += 1
                length += number.e164.utf8.count
            }
        }
        return (valid, length)
    }

    /// The same by the reader of cells.
    func read() -> (valid: Int, length: Int) {
        var valid = 0
        var length = 0
        for line in lines {
            line.bytes.withUnsafeBufferPointer { bytes in
                guard let reading = try? PhoneNumber.read(utf8: bytes, region: line.region) else { return }
                valid += 1
                length += reading.number.e164.utf8.count
            }
        }
        return (valid, length)
    }
}
