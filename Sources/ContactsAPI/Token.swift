package import ContactStore
import Crypto
import Foundation

/// What a token allows.
package enum Scope: String, CaseIterable, Sendable {
    /// To look.
    case read = "campaigns:read"
    /// To look, and to change.
    case manage = "campaigns:manage"
}

/// A bearer token: `rollcall_<id>_<secret>`, the secret 32 random bytes in base64url.
///
/// The store keeps HMAC-SHA-256 of the secret under a salt of its own. A slow hash such as Argon2 is for passwords, which can
/// be guessed; 256 random bits cannot, and every request pays for the hash.
package struct BearerToken: Sendable {
    /// Found by; not secret.
    package let id: String
    private let secret: [UInt8]

    private static let prefix = "rollcall"

    private init(id: String, secret: [UInt8]) {
        self.id = id
        self.secret = secret
    }

    /// A new one.
    package static func make() -> BearerToken {
        var random = SystemRandomNumberGenerator()
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
        return BearerToken(id: bytes(6).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(), secret: bytes(32))
    }

    /// Reads what `text` writes; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == Self.prefix, !parts[1].isEmpty, parts[1].utf8.count <= 32, parts[2].utf8.count == 43,
            let secret = Data(base64Encoded: parts[2].replacing("-", with: "+").replacing("_", with: "/") + "=")
        else { return nil }
        self.init(id: parts[1], secret: [UInt8](secret))
    }

    /// To be shown once.
    package var text: String {
        let encoded = Data(secret).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return "\(Self.prefix)_\(id)_\(encoded)"
    }

    /// As the store keeps it, under a new salt.
    package func stored(org: String, scopes: Set<Scope>, campaigns: Set<String>?) -> StoredToken {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        let hash = HMAC<SHA256>.authenticationCode(for: secret, using: SymmetricKey(data: salt))
        return StoredToken(
            id: id, salt: salt, hash: Array(hash), org: org, scopes: Set(scopes.map(\.rawValue)), campaigns: campaigns)
    }

    /// Whether the stored token is this one; takes as long whichever byte differs.
    func matches(_ stored: StoredToken) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(stored.hash, authenticating: secret, using: SymmetricKey(data: stored.salt))
    }
}
