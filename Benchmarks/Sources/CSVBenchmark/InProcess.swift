import CLibCSV
import CSV
import Foundation
import SwiftCSV

/// Readers measured in this process, each over the whole file, opening and detection included.
enum InProcess {
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        let elapsed = try clock.measure(body)
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    /// Cell borders only: what a caller gets that looks at bytes.
    static func ranges(_ path: String) throws -> Int {
        try withReader(path) { reader in
            var record = CSVRecord()
            var cells = 0
            while try reader.next(into: &record) { cells += record.count }
            return cells
        }
    }

    /// Every cell as a String.
    static func strings(_ path: String) throws -> Int {
        try withReader(path) { reader in
            var record = CSVRecord()
            var length = 0
            while try reader.next(into: &record) {
                for index in 0..<record.count { length += record[index].utf8.count }
            }
            return length
        }
    }

    private static func withReader(_ path: String, _ body: (inout CSVReader) throws -> Int) throws -> Int {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var reader = try CSVReader(fileDescriptor: file.fileDescriptor)
        return try body(&reader)
    }

    static func libcsv(_ path: String) throws -> Int {
        guard let file = fopen(path, "rb") else { return 0 }
        defer { fclose(file) }
        var parser = csv_parser()
        csv_init(&parser, 0)
        defer { csv_free(&parser) }
        var cells = 0
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        withUnsafeMutablePointer(to: &cells) { count in
            let onCell: @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Void = {
                $2?.assumingMemoryBound(to: Int.self).pointee += 1
            }
            while case let got = fread(buffer, 1, 1 << 18, file), got > 0 {
                _ = csv_parse(&parser, buffer, got, onCell, nil, count)
            }
            _ = csv_fini(&parser, onCell, nil, count)
        }
        return cells
    }

    static func swiftCSV(_ path: String) throws -> Int {
        let csv = try SwiftCSV.CSV<Enumerated>(url: URL(fileURLWithPath: path))
        return csv.rows.count
    }
}
