import CSV
import Foundation
import Testing

/// Damaged exports: nothing may crash, and what is read must write and read back to the same.
@Suite struct MutationTests {
    /// How many inputs; the environment's `ROLLCALL_CSV_MUTATIONS` raises it.
    static let count = ProcessInfo.processInfo.environment["ROLLCALL_CSV_MUTATIONS"].flatMap { Int($0) } ?? usual
    /// Another run takes other inputs with another `ROLLCALL_CSV_MUTATION_SEED`.
    static let seed =
        ProcessInfo.processInfo.environment["ROLLCALL_CSV_MUTATION_SEED"].flatMap { UInt64($0) } ?? 0x9E37_79B9_7F4A_7C15
    #if DEBUG
        static let usual = 2_000
    #else
        static let usual = 100_000
    #endif

    static let texts: [String] = [
            "First Name,Last Name,Phone\nAda,Lovelace,+14155550101\n\"Bob, Jr.\",O'Neil,\"555 \"\"x\"\"\"\n",
            "Notes:\n\"When exporting, some\nfields are missing\"\n\nName,URL,Email\nAda,https://x.y/z,a@b.co\nBob,,b@c.de\n",
            "sep=;\nname;phone;note\nZoë;0171 1234;1,5\nJörg;'t Hof;\"a\nb\"\n",
            "id\tname\tphone\r\n1\tAda\t+1 415\r\n2\tBob\t\r\n\r\n3\tEve\t\"x\ty\"\r\n",
            "a|b|c|d\n1|2|3|4\n5|6|7|8\n\nReport notes\n\"Confidential\"\n",
            "'a','b'\n'1','it\\'s'\n'2','x,y'\n",
            "\"k\",\"v\"\n\"1\",\"a \\\"q\\\" b\"\n\"2\",\"c\"\nTotal,,\n",
    ]

    static let seeds: [[UInt8]] = {
        var wide: [UInt8] = [0xFF, 0xFE]
        for unit in "a,b\nZoë,😀\n".utf16 { wide += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        var western = Array("name,city\nRen".utf8)
        western += [0xE9, 0x2C, 0x4B, 0xF6, 0x6C, 0x6E, 0x0A]
        return texts.map { Array($0.utf8) } + [wide, western]
    }()

    static let pieces: [[UInt8]] = {
        let texts = [
            "\"", "\"\"", "\n", "\r", "\r\n", ",", ";", "\t", "\\\"", "'", "\u{0}", "\u{FEFF}", " \"", "\" ",
        ]
        let bytes: [[UInt8]] = [[0x81], [0xC3], [0xE9], [0x1A], [0xFF, 0xFE]]
        return texts.map { Array($0.utf8) } + bytes
    }()

    @Test("Mutated exports are read without a crash, and what is read reads back the same")
    func mutations() {
        var random = SplitMix(state: Self.seed)
        for index in 0..<Self.count {
            var input = Self.seeds[index % Self.seeds.count]
            for _ in 0...Int(random.next() % 6) { Self.mutate(&input, &random) }
            if let trouble = Self.check(input) {
                Issue.record("input \(index) \(input): \(trouble)")
                return
            }
        }
    }

    static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let at = Int(random.next() % UInt64(bytes.count + 1))
        switch random.next() % 6 {
        case 0: bytes.insert(contentsOf: pieces[Int(random.next() % UInt64(pieces.count))], at: at)
        case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
        case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int(random.next() % 8)))
        case 3: if at < bytes.count { bytes[at] = pieces[Int(random.next() % UInt64(pieces.count))][0] }
        case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + Int(random.next() % 40))], at: at)
        default: if random.next() % 8 == 0 { bytes.removeSubrange(at...) }
        }
    }

    /// What went wrong, if anything did.
    static func check(_ input: [UInt8]) -> String? {
        var options = CSVOptions.lenientHeader
        // Small limits bring the paths for oversized rows into reach.
        if input.count % 5 == 0 { (options.maximumFieldBytes, options.maximumRecordBytes) = (20, 64) }
        guard let first = try? Reading(input, options) else { return nil }
        var written: [UInt8] = []
        CSVWriter.append(row: first.header, to: &written)
        for row in first.rows { CSVWriter.append(row: row, to: &written) }
        var plain = CSVOptions()
        (plain.encoding, plain.delimiter, plain.quote, plain.escape) = (.utf8, 0x2C, .double, .doubled)
        (plain.hasHeader, plain.isPlain) = (true, true)
        do {
            let second = try Reading(written, plain)
            if second.header != first.header { return "header \(first.header) came back as \(second.header)" }
            return second.rows == first.rows ? nil : "\(first.rows) came back as \(second.rows)"
        } catch {
            return (error as? CSVError)?.isUnsupportedFormat == true ? nil : "written rows were refused: \(error)"
        }
    }
}

/// A small random generator with a seed, so that a failure can be had again.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
