import ArgumentParser
import Foundation

@main
enum Main {
    static func main() async {
        do {
            var command = try Rollcall.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(after: error)
        }
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
    static let badSetting: Int32 = 78
}
