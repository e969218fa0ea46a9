import Foundation
import PhoneNumbers
import Testing

@Suite("Fuzzing")
struct FuzzTests {
    /// Steele, Lea and Flood's SplitMix64: small, and the same on every platform.
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    private static let pools: [[UInt8]] = [
        Array(0...255), Array("0123456789".utf8), Array("0123456789+-() .".utf8), Array("0123456789eE.,+'=\"OolI/".utf8),
        Array("tel:;phone-context=isub.ext0123456789+#x~".utf8),
        Array("+0123456789\u{FF0B}\u{FF11}\u{661}\u{200B}\u{A0}\u{2013}\u{F3}\u{434}\u{43E}\u{431}\u{1D7CE}".utf8),
    ]

    @Test("Any bytes, with any region, are a number or a reason")
    func anyBytes() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["ROLLCALL_FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        let count = environment["ROLLCALL_FUZZ_CASES"].flatMap(Int.init) ?? 100_000
        print("fuzzing: seed \(seed), \(count) inputs")
        var random = SplitMix(state: seed)
        let regions = RegionCode.all
        var valid = 0
        for number in 0..<count {
            let bytes = Self.bytes(&random)
            let region = Bool.random(using: &random) ? regions.randomElement(using: &random) : nil
            valid += Self.try(bytes, region, explain: number % 64 == 0) ? 1 : 0
        }
        #expect(valid > 0 || count < 10_000)
    }

    private static func bytes(_ random: inout SplitMix) -> [UInt8] {
        let pool = pools[Int(random.next() % UInt64(pools.count))]
        let longest = random.next() % 32 == 0 ? 600 : 24
        return (0..<Int(random.next() % UInt64(longest))).map { _ in pool[Int(random.next() % UInt64(pool.count))] }
    }

    /// Whether the bytes are a valid number. One that is must read as itself again.
    private static func `try`(_ bytes: [UInt8], _ region: RegionCode?, explain: Bool) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            let number = try? PhoneNumber(utf8: bytes, region: region)
            do throws(PhoneNumberError) {
                _ = try PhoneNumber.read(utf8: bytes, region: region)
            } catch {
                if explain {
                    let text = String(decoding: bytes, as: UTF8.self)
                    #expect(!error.message(value: text, region: region).isEmpty)
                    #expect(!error.hint(value: text, region: region).isEmpty)
                }
            }
            guard let number else { return false }
            let again = try? PhoneNumber(number.e164, region: nil)
            if again != number { Issue.record("\(number) reads as \(String(describing: again))") }
            return true
        }
    }
}
