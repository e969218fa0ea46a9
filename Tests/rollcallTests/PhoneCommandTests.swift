import Foundation
import Testing

/// The built program, run as a user runs it.
@Suite("rollcall phone")
struct PhoneCommandTests {
    private static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "rollcall")

    private struct Run {
        let process = Process()
        let input = Pipe()
        let output = Pipe()

        init(_ arguments: [String]) throws {
            process.executableURL = PhoneCommandTests.program
            process.arguments = ["phone"] + arguments
            process.standardInput = input
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        func write(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

        /// What it printed after the end of its input.
        func finish() throws -> String {
            try input.fileHandleForWriting.close()
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
        }
    }

    @Test(
        "The filter answers each line in its order",
        arguments: [
            ("US\t(415) 555-0101\n", "+14155550101\t\n"), ("us\t415 555 0101", "+14155550101\t\n"),
            ("US\t555-01\nGB\t020 7946 0000\n\tx\n", "\ttoo_short\n+442079460000\t\n\tnot_a_number\n"),
            ("\t4155550101\nZZ\t+14155550101\n", "\tinvalid_country_code\n+14155550101\t\n"),
            ("\n\n", "\tnot_a_number\n\tnot_a_number\n"), ("", ""), ("US\t415\t555 0101\n", "\tnot_a_number\n"),
            ("US\t\u{0}\u{FFFD}415 555 0101\r\n", "+14155550101\t\n"), ("US\t1.4155550101E+10\n", "\tnot_a_number\n"),
        ])
    func filter(_ input: String, _ expected: String) throws {
        let run = try Run([])
        try run.write(input)
        #expect(try run.finish() == expected)
        #expect(run.process.terminationStatus == 0)
    }

    @Test("A line without a tab belongs to the region that was given")
    func defaultRegion() throws {
        let run = try Run(["--region", "gb"])
        try run.write("020 7946 0000\n")
        #expect(try run.finish() == "+442079460000\t\n")
    }

    @Test("Cells are repaired if asked for")
    func cells() throws {
        let run = try Run(["--cells"])
        try run.write("US\t1.4155550101E+10\nUS\t1.41555E+10\n")
        #expect(try run.finish() == "+14155550101\t\n\tdigits_lost\n")
    }

    @Test("A writer that waits for an answer gets it before the end of the input")
    func pausing() throws {
        let run = try Run([])
        for _ in 0..<3 {
            try run.write("US\t4155550101\nUS\t55")
            #expect(run.output.fileHandleForReading.availableData == Data("+14155550101\t\n".utf8))
            try run.write("5\n")
            #expect(run.output.fileHandleForReading.availableData == Data("\ttoo_short\n".utf8))
        }
        #expect(try run.finish() == "")
    }

    @Test("More lines than fit into a chunk come out in order")
    func manyLines() throws {
        let run = try Run([])
        let lines = (0..<60_000).map { "US\t415 555 \($0 % 10_000 + 10_000)\n".replacing("555 1", with: "555 ") }
        let expected = (0..<60_000).map { "+1415555\(String($0 % 10_000 + 10_000).dropFirst())\t\n" }.joined()
        let writer = Thread { [input = run.input] in
            try? input.fileHandleForWriting.write(contentsOf: Data(lines.joined().utf8))
            try? input.fileHandleForWriting.close()
        }
        writer.start()
        let data = try run.output.fileHandleForReading.readToEnd() ?? Data()
        #expect(String(decoding: data, as: UTF8.self) == expected)
    }

    @Test(
        "A number is explained, and a refused one makes the exit code 1",
        arguments: [
            (["--region", "US", "(415) 555-0101"], "fixed_line_or_mobile", Int32(0)),
            (["--region", "US", "555-01"], "\"555-01\" is too short for US", 1),
            (["14155550101"], "it is +14155550101, a number of US", 1),
            (["--region", "US", "1.4155550101E+10"], "scientific_notation_expanded", 0),
            (["+80012345678"], "none, non-geographic", 0),
        ])
    func explanation(_ arguments: [String], _ part: String, _ code: Int32) throws {
        let run = try Run(arguments)
        #expect(try run.finish().contains(part))
        #expect(run.process.terminationStatus == code)
    }

    @Test("An unknown region is a usage error")
    func unknownRegion() throws {
        let run = try Run(["--region", "XX", "1"])
        #expect(try run.finish() == "")
        #expect(run.process.terminationStatus == 64)
    }
}
