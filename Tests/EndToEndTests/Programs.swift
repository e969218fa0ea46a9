import Foundation
import Subprocess
import SystemPackage

/// The built programs, beside the test bundle.
enum Programs {
    static let folder = FilePath((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/")
        .removingLastComponent()
    /// The one beside the tests, unless the surroundings name another, as `make soak` does.
    static let rollcall = FilePath(
        ProcessInfo.processInfo.environment["ROLLCALL_PROGRAM"] ?? folder.appending("rollcall").string)
    static let repository = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    static let python = FilePath(ProcessInfo.processInfo.environment["ROLLCALL_PYTHON"] ?? "/usr/bin/python3")

    struct Outcome {
        let status: TerminationStatus
        let output: String
        let errors: String

        var exitCode: Int32? { if case .exited(let code) = status { code } else { nil } }
    }

    /// Runs a program to its end.
    static func run(
        _ program: FilePath, _ arguments: [String], environment: [String: String] = [:], in folder: FilePath? = nil
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: self.environment(environment),
            workingDirectory: folder, output: .string(limit: 1 << 28), error: .string(limit: 1 << 24))
        return Outcome(
            status: result.terminationStatus, output: result.standardOutput, errors: result.standardError)
    }

    /// Nothing of the surroundings but the path, so that no setting comes from there.
    static func environment(_ values: [String: String]) -> Environment {
        let values = values.merging(["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"]) { own, _ in own }
        return .custom(Dictionary(uniqueKeysWithValues: values.map { (Environment.Key(stringLiteral: $0), $1) }))
    }
}

/// What a test waits for did not happen within a minute.
struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Looks again and again until `body` has an answer. The minute only bounds a failing test.
func eventually<T>(_ what: String, _ body: () throws -> T?) async throws -> T {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if let answer = try body() { return answer }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw TimedOut(description: "waited a minute for \(what)")
}
