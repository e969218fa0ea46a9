import ArgumentParser
import Foundation
import Spool

@main
enum Main {
    /// Not async, which would want a thread at once: where memory is limited too far for one, that is said instead.
    static func main() {
        do {
            let limits = MemoryLimits.atStart
            // Handed over to the task, and not touched again.
            nonisolated(unsafe) let command = try Rollcall.parseAsRoot()
            if let service = command as? RunCommand {
                try service.require(limits)
            } else if let shortage = limits.shortage(for: .init(threads: 2, heap: 16 << 20)) {
                Output.complain(shortage)
                throw ExitCode(Status.noMemory)
            }
            // On no main queue: the main thread serves none.
            Task.detached { await run(command) }
        } catch {
            exit(after: error)
        }
        // The task ends the process.
        while true { pause() }
    }

    private static func run(_ command: sending any ParsableCommand) async {
        do {
            var command = command
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(after: error)
        }
        Foundation.exit(0)
    }

    /// The library's own errors keep its wording and codes; any other is one line and the code of its kind.
    private static func exit(after error: any Error) -> Never {
        if error is ExitCode || Rollcall.exitCode(for: error) != .failure {
            Rollcall.exit(withError: error)
        }
        Output.complain("\(error)")
        Foundation.exit(error is SettingError ? Status.badSetting : Status.failure)
    }
}

/// Exit statuses beside 0, after BSD's sysexits where they have one.
enum Status {
    /// At least one file was refused.
    static let refused: Int32 = 1
    static let failure: Int32 = 70
    /// A limit of the system leaves too little memory.
    static let noMemory: Int32 = 71
    static let badSetting: Int32 = 78
}
