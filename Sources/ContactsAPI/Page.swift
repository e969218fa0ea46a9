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
    ]

    private init(_ path: String, _ content: [UInt8], _ type: String) {
        self.path = path
        self.content = content
        self.type = type
        tag = "\"" + SHA256.hash(data: content).prefix(12).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "\""
    }

    var reply: Reply { Reply(type: type, content, headers: [("ETag", tag), ("Cache-Control", "no-cache")]) }
}
