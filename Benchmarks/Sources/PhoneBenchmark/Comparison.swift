import Foundation
import PhoneNumbers

/// Three libraries on one corpus, in turn, round after round; the median of each counts.
struct Comparison {
    private let corpus: Corpus
    private let path: String
    private let reference = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Reference")
    private let python = ProcessInfo.processInfo.environment["ROLLCALL_PYTHON"] ?? "python3"
    private static let seed = 20_240_101
    private static let passes = 20

    init(numbers: Int) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "phone-benchmark-\(numbers).tsv").path
        let script = reference.appending(path: "corpus.py").path
        let text = try Self.output(of: [python, script, String(Self.seed), String(numbers)])
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        corpus = try Corpus(path: path)
    }

    func run(rounds: Int) throws {
        _ = corpus.parse()
        var swift: [Double] = []
        var cells: [Double] = []
        var both: [Double] = []
        var cpp: [Double] = []
        var interpreted: [Double] = []
        let program = reference.appending(path: "../.build/phone-reference").path
        for round in 1...rounds {
            swift.append(nanoseconds { corpus.parse().length })
            cells.append(nanoseconds { corpus.read().length })
            both.append(try onTwoCores())
            cpp.append(try measured([program, path, "1"]))
            interpreted.append(try measured([python, reference.appending(path: "reference.py").path, path, "1"]))
            print("round \(round): Swift \(swift[round - 1].rounded()) ns, C++ \(cpp[round - 1].rounded()) ns")
        }
        print("median of \(rounds) rounds over \(corpus.lines.count) numbers, \(corpus.parse().valid) valid:")
        report("Swift, PhoneNumber(utf8:region:)", swift, against: swift)
        report("Swift, PhoneNumber.read(utf8:region:)", cells, against: swift)
        report("C++ libphonenumber", cpp, against: swift)
        report("Python phonenumbers", interpreted, against: swift)
        print(String(format: "two threads at once: %.2f times the numbers a second of one", median(both)))
    }

    private func report(_ name: String, _ times: [Double], against base: [Double]) {
        print(String(format: "%10.1f ns a number  %7.1f x  ", median(times), median(times) / median(base)) + name)
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// CPU nanoseconds a number.
    private func nanoseconds(_ body: () -> Int) -> Double {
        let start = Self.processorTime()
        var sum = 0
        for _ in 0..<Self.passes { sum &+= body() }
        precondition(sum > 0)
        return (Self.processorTime() - start) / Double(Self.passes * corpus.lines.count)
    }

    private static func processorTime() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return Double(now.tv_sec) * 1e9 + Double(now.tv_nsec)
    }

    /// How many times the throughput of one thread two threads reach, in wall-clock time.
    private func onTwoCores() throws -> Double {
        let clock = ContinuousClock()
        let corpus = self.corpus
        let one = clock.measure { for _ in 0..<Self.passes { _ = corpus.parse() } }
        let two = clock.measure {
            DispatchQueue.concurrentPerform(iterations: 2) { _ in
                for _ in 0..<Self.passes { _ = corpus.parse() }
            }
        }
        return 2 * (one / two)
    }

    /// The first word that a program prints: nanoseconds.
    private func measured(_ command: [String]) throws -> Double {
        Double(try Self.output(of: command).split(separator: " ").first ?? "") ?? .nan
    }

    private static func output(of command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableNotLoadable) }
        return String(decoding: data, as: UTF8.self)
    }
}
