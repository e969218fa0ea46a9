import Foundation
import PhoneNumbers
import Testing

/// The Python package `phonenumbers`, run as a process of its own.
struct Reference {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// One generated input and what the reference says: the E.164 number, its region and its type, or the reason.
    struct Case {
        var region: String
        var bytes: [UInt8]
        var expected: Substring
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Differential")
    static var python: String { ProcessInfo.processInfo.environment["ROLLCALL_PYTHON"] ?? "python3" }

    /// Fails with the remedy unless the reference is installed in the very version that the tables were made from.
    static func requireInstalled() throws {
        let installed = try? run(["-c", "import phonenumbers; print(phonenumbers.__version__)"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard installed == PhoneMetadata.version else {
            throw Failure(
                description: """
                    \(python) has phonenumbers \(installed ?? "not installed"); \(PhoneMetadata.version) is needed. \
                    Run: python3 -m venv .venv && .venv/bin/pip install -r \
                    Sources/PhoneNumbers/Metadata/requirements.txt, then set ROLLCALL_PYTHON=.venv/bin/python
                    """)
        }
    }

    static func cases(seed: UInt32, count: Int) throws -> [Case] {
        try run([folder.appending(path: "cases.py").path, String(seed), String(count)])
            .split(separator: "\n").map(parse)
    }

    private static func parse(_ line: Substring) throws -> Case {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 3 else { throw Failure(description: "unexpected line: \(line)") }
        return Case(region: String(fields[0]), bytes: bytes(hexadecimal: fields[1]), expected: fields[2])
    }

    private static func bytes(hexadecimal text: Substring) -> [UInt8] {
        let digits = text.utf8.map { UInt8($0 < 97 ? $0 - 48 : $0 - 87) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [python, "-B"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(python) \(arguments) exited with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

extension Reference.Case {
    /// What this library says about the same bytes, in the reference's words.
    var actual: String {
        bytes.withUnsafeBufferPointer { bytes in
            do throws(PhoneNumberError) {
                let number = try PhoneNumber(utf8: bytes, region: RegionCode(region))
                return "\(number.e164) \(number.region?.description ?? "001") \(number.type.rawValue)"
            } catch {
                return error.code
            }
        }
    }
}
