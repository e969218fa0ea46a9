import Foundation
import PhoneNumbers
import Testing

@Suite("Differential")
struct DifferentialTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test("A generated number reads exactly as the reference reads it")
    func noDifferences() throws {
        try Reference.requireInstalled()
        let seed = Self.environment["ROLLCALL_PHONE_SEED"].flatMap(UInt32.init) ?? .random(in: 0 ... .max)
        let count = Self.environment["ROLLCALL_PHONE_CASES"].flatMap(Int.init) ?? 100_000
        let cases = try Reference.cases(seed: seed, count: count)
        let differing = cases.filter { $0.actual != $0.expected }
        let valid = cases.count { $0.expected.hasPrefix("+") }
        print("differential: seed \(seed), \(cases.count) cases, \(valid) valid, \(differing.count) differences")
        let shown = differing.prefix(20).map { wrong in
            "\(wrong.region) \(String(reflecting: String(decoding: wrong.bytes, as: UTF8.self))): "
                + "expected \(wrong.expected), got \(wrong.actual)"
        }
        #expect(cases.count == count)
        #expect(differing.isEmpty, "seed \(seed)\n\(shown.joined(separator: "\n"))")
    }
}
