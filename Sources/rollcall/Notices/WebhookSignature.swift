import Crypto
import Foundation

/// Shows that a webhook's content comes from whoever knows the secret, and when: `t=1767225600,v1=<hexadecimal>`, an
/// HMAC-SHA256 over the time, a full stop and the body, as Stripe signs (https://docs.stripe.com/webhooks#verify-manually).
struct WebhookSignature {
    static let header = "X-Rollcall-Signature"
    /// The value of the header.
    let text: String

    /// - Parameter time: seconds since 1970.
    init(of body: [UInt8], secret: [UInt8], time: Int64) {
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(time).".utf8) + body, using: SymmetricKey(data: secret))
        text = "t=\(time),v1=" + code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
