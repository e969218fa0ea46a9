/// A valid phone number in international form, as one 64-bit value.
///
/// Parsing follows libphonenumber's published rules on the metadata of ``PhoneMetadata/version``: whatever its `parse`
/// accepts and its `isValidNumber` finds valid is a `PhoneNumber`, with the same digits. One rule is stricter: with more
/// than 15 digits, E.164's limit, a number is too long.
///
/// ```swift
/// let number = try PhoneNumber("(415) 555-0101", region: RegionCode("US"))
/// number.e164    // "+14155550101"
/// number.region  // RegionCode("US")
/// number.type    // .fixedLineOrMobile
/// ```
public struct PhoneNumber: Sendable, Hashable {
    /// From the lowest bit: the digits of the E.164 number as an integer (50 bits, it never begins with 0), the region's
    /// index (8), the type (4).
    private let packed: UInt64

    /// The number that `text` holds.
    ///
    /// - Parameters:
    ///   - text: A number in any format that libphonenumber reads: national or international, a `tel:` URI, vanity
    ///     letters, with or without an extension (which is dropped).
    ///   - region: Where a number without a calling code is at home. `nil` admits only numbers with a plus.
    public init(_ text: String, region: RegionCode?) throws(PhoneNumberError) {
        var text = text
        self = try text.withUTF8 { NumberParser.parse($0, region: region) }.get()
    }

    /// The number that these UTF-8 bytes hold. Bytes that are not UTF-8 count as U+FFFD, so they are never part of a
    /// number. `region` is as above.
    public init(utf8: UnsafeBufferPointer<UInt8>, region: RegionCode?) throws(PhoneNumberError) {
        self = try NumberParser.parse(utf8, region: region).get()
    }

    /// All digits, calling code included, as an integer; and what the numbering plan says of them, `nil` if it is
    /// nothing.
    init?(digits: UInt64, outcome: Int) {
        guard outcome != 0 else { return nil }
        packed = digits | UInt64(outcome >> 4) << 50 | UInt64(outcome & 15 - 1) << 58
    }

    private var digits: UInt64 { packed & (1 << 50 - 1) }
    private var regionIndex: Int { Int(packed >> 50 & 255) }

    /// The number in E.164 form: `+14155550101`.
    public var e164: String {
        var count = 1
        var power: UInt64 = 1
        while power <= digits {
            power *= 10
            count += 1
        }
        // Up to 15 bytes the string needs no heap: all but the longest numbers.
        return String(unsafeUninitializedCapacity: count) { bytes in
            var rest = digits
            bytes[0] = UInt8(ascii: "+")
            for position in stride(from: count - 1, to: 0, by: -1) {
                bytes[position] = UInt8(truncatingIfNeeded: rest % 10) + 48
                rest /= 10
            }
            return count
        }
    }

    /// The calling code: 1 for `+14155550101`.
    public var callingCode: Int { Tables.shared.plans.regions[regionIndex].callingCode }

    /// The region that the number belongs to; `nil` for a non-geographic calling code such as +800.
    public var region: RegionCode? {
        regionIndex < Tables.shared.plans.geographicRegions ? RegionCode(index: regionIndex) : nil
    }

    /// The kind of line, by the region's numbering plan.
    public var type: PhoneNumberType { PhoneNumberType(code: Int(packed >> 58 & 15)) }
}

extension PhoneNumber: CustomStringConvertible {
    /// The same as ``e164``.
    public var description: String { e164 }
}
