import Foundation

/// A numeric address, or `localhost`, and a port: `127.0.0.1:8080`, `[::1]:8080`, or `8080` on this machine alone.
struct ListenAddress: Sendable, Hashable {
    var host: String
    /// 0: any free one.
    var port: Int

    /// `nil` for anything else; a host name could mean several addresses.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else {
            guard let port = Self.port(text) else { return nil }
            (host, self.port) = ("127.0.0.1", port)
            return
        }
        guard let port = Self.port(text[text.index(after: colon)...]) else { return nil }
        self.port = port
        let name = String(text[..<colon])
        let bare = name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
        var four = in_addr()
        var six = in6_addr()
        let isFour = inet_pton(AF_INET, bare, &four) == 1 && bare == name
        let isSix = inet_pton(AF_INET6, bare, &six) == 1 && bare != name
        guard isFour || isSix || name == "localhost" else { return nil }
        host = name == "localhost" ? "127.0.0.1" : bare
    }

    private static func port(_ text: some StringProtocol) -> Int? {
        guard let port = Int(text), (0...65_535).contains(port) else { return nil }
        return port
    }

    var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }

    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension SettingForm where Value == ListenAddress? {
    static var listenAddress: Self {
        Self(
            takes: "an address and a port such as 127.0.0.1:8080 or [::1]:8080, or nothing",
            parse: { text in text.isEmpty ? .some(nil) : ListenAddress(text).map { .some($0) } }, print: { $0?.text ?? "" })
    }
}
