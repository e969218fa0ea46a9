import Foundation

/// A contact file of any size, the same on every run: ten columns, one cell in ten quoted.
struct ContactFile {
    let path: String
    let bytes: Int

    init(path: String, rows: Int) throws {
        self.path = path
        if !FileManager.default.fileExists(atPath: path) { try Self.write(to: path, rows: rows) }
        bytes = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    private static func write(to path: String, rows: Int) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var text = "id,external_id,first_name,last_name,phone,email,company,address,created_at,note\n"
        for row in 0..<rows {
            var cells = cells(row)
            cells[row % 10] = "\"\(cells[row % 10])\(row % 50 == 49 ? ", \"\"x\"\"" : "")\""
            text += cells.joined(separator: ",") + "\n"
            if text.utf8.count > 1 << 20 {
                try file.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    private static func cells(_ row: Int) -> [String] {
        let first = ["Ada", "Bob", "Caroline", "David", "Erin", "Frank", "Grace", "Heidi"][row * 7 % 8]
        let last = ["Smith", "Garcia", "Miller", "Anderson", "Lee", "Washington", "King"][row * 5 % 7]
        let number = 2_000_000 + row * 7919 % 7_999_999
        return [
            "\(row)", "crm-\(10_000_000 + row * 7919 % 89_999_999)", first, last, "+1415\(number)",
            "\(first.lowercased()).\(last.lowercased())\(row)@example.com", "\(last) Holdings Ltd",
            "\(row % 999) Washington Blvd Springfield", "2026-0\(1 + row % 9)-\(10 + row % 18)T10:15:00Z",
            row % 3 == 0 ? "call back" : "VIP",
        ]
    }
}
