import Crypto

/// The upload page's files, as they are embedded in the program.
struct Page: Sendable {
    let path: String
    private let content: [UInt8]
    private let type: String
    private let tag: String

    /// Each file of the folder Page has its line here.
    static let files = [
        Page("/", PackageResources.index_html, "text/html; charset=utf-8"),
        Page("/app.css", PackageResources.app_css, "text/css; charset=utf-8"),
        .script("/api.js", PackageResources.api_js),
        .script("/app.js", PackageResources.app_js),
        .script("/campaigns.js", PackageResources.campaigns_js),
        .script("/checks.js", PackageResources.checks_js),
        .script("/csv.js", PackageResources.csv_js),
        .script("/dom.js", PackageResources.dom_js),
        .script("/headers.js", PackageResources.headers_js),
        .script("/ingests.js", PackageResources.ingests_js),
        .script("/mapping.js", PackageResources.mapping_js),
        .script("/preview.js", PackageResources.preview_js),
        .script("/reader.js", PackageResources.reader_js),
        .script("/report.js", PackageResources.report_js),
        .script("/sending.js", PackageResources.sending_js),
        .script("/table.js", PackageResources.table_js),
        .script("/upload.js", PackageResources.upload_js),
    ]

    private static func script(_ path: String, _ content: [UInt8]) -> Page { Page(path, content, "text/javascript; charset=utf-8") }

    private init(_ path: String, _ content: [UInt8], _ type: String) {
        self.path = path
        self.content = content
        self.type = type
        tag = "\"" + SHA256.hash(data: content).prefix(12).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "\""
    }

    var reply: Reply { Reply(type: type, content, headers: [("ETag", tag), ("Cache-Control", "no-cache")]) }
}
