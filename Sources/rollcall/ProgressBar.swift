import Foundation
import Glibc

/// How far a list of files is, on standard error; silent when that is no terminal or there is one file only.
struct ProgressBar {
    private let total: Int
    private let isShown: Bool
    private var done = 0
    private var refused = 0

    init(total: Int) {
        self.total = total
        isShown = total > 1 && isatty(STDERR_FILENO) == 1
    }

    mutating func advance(refused: Int) {
        done += 1
        self.refused = refused
    }

    func show(_ file: String) {
        let width = 30
        let filled = total > 0 ? done * width / total : width
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        let refusals = refused > 0 ? ", \(refused) refused" : ""
        let name = (file.split(separator: "/").last.map(String.init) ?? file).printable.prefix(40)
        draw("[\(bar)] \(done)/\(total)\(refusals)  \(name)")
    }

    func clear() { draw("") }

    /// Back to the line's start, and away with what stood there.
    private func draw(_ text: String) {
        guard isShown else { return }
        try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(text)".utf8))
    }
}
