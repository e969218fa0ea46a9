/// Files of another kind that carry the name .csv.
enum FileKind {
    private struct Signature {
        let bytes: [UInt8]
        let name: String
        let hint: String
    }

    private static let spreadsheetHint = "Open it in the spreadsheet program and save it as CSV (UTF-8)."
    private static let unpackHint = "Unpack it and drop the CSV file inside."
    private static let exportHint = "Export the data as CSV from where it comes."

    private static let signatures: [Signature] = [
        Signature(bytes: [0x50, 0x4B, 0x03, 0x04], name: "a ZIP archive", hint: unpackHint),
        Signature(bytes: [0x50, 0x4B, 0x05, 0x06], name: "an empty ZIP archive", hint: unpackHint),
        Signature(bytes: [0x1F, 0x8B], name: "a gzip file", hint: unpackHint),
        Signature(bytes: Array("BZh".utf8), name: "a bzip2 file", hint: unpackHint),
        Signature(bytes: [0xFD, 0x37, 0x7A, 0x58, 0x5A], name: "an xz file", hint: unpackHint),
        Signature(bytes: [0x28, 0xB5, 0x2F, 0xFD], name: "a Zstandard file", hint: unpackHint),
        Signature(bytes: [0x37, 0x7A, 0xBC, 0xAF], name: "a 7-Zip archive", hint: unpackHint),
        Signature(bytes: Array("Rar!".utf8), name: "a RAR archive", hint: unpackHint),
        Signature(bytes: Array("%PDF".utf8), name: "a PDF document", hint: exportHint),
        Signature(bytes: [0xD0, 0xCF, 0x11, 0xE0], name: "an old Excel or Office file (.xls)", hint: spreadsheetHint),
        Signature(bytes: [0x89, 0x50, 0x4E, 0x47], name: "a PNG picture", hint: exportHint),
        Signature(bytes: [0xFF, 0xD8, 0xFF], name: "a JPEG picture", hint: exportHint),
        Signature(bytes: Array("GIF8".utf8), name: "a GIF picture", hint: exportHint),
        Signature(bytes: Array("SQLite format 3".utf8), name: "an SQLite database", hint: exportHint),
        Signature(bytes: Array("PAR1".utf8), name: "a Parquet file", hint: exportHint),
        Signature(bytes: [0x7F, 0x45, 0x4C, 0x46], name: "a program", hint: exportHint),
        Signature(bytes: [0xFF, 0xFE, 0x00, 0x00], name: "text in UTF-32", hint: "Save it as CSV (UTF-8)."),
        Signature(bytes: [0x00, 0x00, 0xFE, 0xFF], name: "text in UTF-32", hint: "Save it as CSV (UTF-8)."),
        Signature(bytes: Array("{\\rtf".utf8), name: "a Rich Text document", hint: exportHint),
    ]

    /// How text of other formats starts, in lower case.
    private static let markup: [(start: String, code: String, name: String, hint: String)] =
        ["<!doctype html", "<html", "<head", "<body", "<table", "<div", "<meta", "<style"].map { ($0, "html_file", "a web page (HTML)", pageHint) }
        + [
            ("<?xml", "other_format", "an XML document", spreadsheetHint),
            ("begin:vcard", "other_format", "an address book in vCard", exportHint),
            ("mime-version:", "other_format", "a web archive (MHTML)", spreadsheetHint),
            ("[{", "other_format", "JSON", "Give the file the name .json."),
            ("{\"", "other_format", "JSON", "Give the file the name .json, or .jsonl where each line is an object."),
        ]

    /// A comment's among them. Nearly every file begins otherwise.
    private static let markupBegins = Set(markup.compactMap(\.start.utf8.first))

    private static let pageHint = "It may be an error page, or an export that only looks like a spreadsheet: export it as CSV."

    /// - Parameter isPlain: Text is taken for CSV, whatever it looks like.
    /// - Throws: ``CSVError`` `binary_file`, `html_file` or `other_format` when `bytes`, a file's start, are nothing to read as CSV.
    static func check(_ bytes: [UInt8], isPlain: Bool) throws(CSVError) {
        for signature in signatures where bytes.starts(with: signature.bytes) {
            throw binary(signature, bytes)
        }
        guard !isPlain else { return }
        let start = bytes.prefix(2048).drop { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
        guard let first = start.first, markupBegins.contains(first) || markupBegins.contains(first | 0x20) else { return }
        let text = String(decoding: start.prefix(512), as: UTF8.self).lowercased()
        guard var kind = markup.first(where: { text.hasPrefix($0.start) }) ?? comment(text) else { return }
        if kind.name == "an XML document", text.contains("<html") { kind = markup[0] }
        throw CSVError(
            code: kind.code, message: "This is \(kind.name), not a CSV file.", hint: kind.hint, line: 1, byteOffset: 0)
    }

    /// A page may start with a comment.
    private static func comment(_ text: String) -> (start: String, code: String, name: String, hint: String)? {
        text.hasPrefix("<!--") && text.contains("<html") ? markup[0] : nil
    }

    private static func binary(_ signature: Signature, _ bytes: [UInt8]) -> CSVError {
        var (name, hint) = (signature.name, signature.hint)
        let names = String(decoding: bytes.prefix(4096), as: UTF8.self)
        if bytes.first == 0x50, names.contains("xl/") || names.contains("[Content_Types].xml") {
            (name, hint) = ("an Excel workbook (.xlsx)", spreadsheetHint)
        } else if bytes.first == 0x50, names.contains("opendocument.spreadsheet") {
            (name, hint) = ("an OpenDocument spreadsheet (.ods)", spreadsheetHint)
        }
        return CSVError(
            code: "binary_file", message: "This is \(name), not a CSV file.", hint: hint, line: 1, byteOffset: 0)
    }

    /// Whether text that should be in a readable encoding is no text at all: many control characters.
    static func isBinary(_ text: [UInt8], _ glance: TextGlance) -> Bool {
        // Line ends and tabs alone are seldom so many; only then is it worth telling them from others.
        guard glance.controls * 20 > text.count else { return false }
        let controls = text.count { byte in
            switch byte {
            case 0x09, 0x0A, 0x0D, 0x0C, 0x1A, 0x1F, 0x1E: false
            default: byte < 0x20
            }
        }
        return controls > 5 && controls * 20 > text.count
    }
}
