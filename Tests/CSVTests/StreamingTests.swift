import CSV
import Foundation
import Testing

@Suite struct StreamingTests {
    @Test("A file of many chunks gives the same from a descriptor as from memory")
    func descriptor() throws {
        var text = "id,name,note\n"
        for row in 1...40_000 { text += "\(row),Zoë \(row),\"line one\nline \"\"\(row)\"\", end\"\n" }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).csv")
        try Data(text.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let file = try FileHandle(forReadingFrom: path)
        var reader = try CSVReader(fileDescriptor: file.fileDescriptor)
        var record = CSVRecord()
        var row = 0
        while try reader.next(into: &record) {
            row += 1
            guard record.row == row, record.line == row * 2, record[0] == "\(row)", record[1] == "Zoë \(row)",
                record[2] == "line one\nline \"\(row)\", end", record.defect == nil
            else {
                Issue.record("row \(row) was read as \(record.fields)")
                return
            }
        }
        #expect(row == 40_000)
        #expect(reader.noticeCount == 0)
    }

    @Test("A descriptor that cannot be read throws")
    func badDescriptor() {
        #expect { _ = try CSVReader(fileDescriptor: -1) } throws: { ($0 as? CSVError)?.code == "read_failed" }
    }
}
