import ArgumentParser
import ContactStore
import Foundation
import Ingest
import Spool
import SystemPackage

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything that Rollcall needs, and say what to do about what is wrong.",
        discussion: """
            Run it as the service's user, with the service's settings: folders and their permissions, one file system, \
            inotify, disk, time zones, the clock, the store, the unit. Nothing is changed.

            EXAMPLES
              rollcall doctor
              sudo -u rollcall rollcall doctor --json | jq '.findings[] | select(.level != "ok")'

            EXIT STATUS
              0  all is well, or there are warnings only    1  something will not work
            """)

    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup(title: "Settings")
    var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        let findings = Examination(settings: settings).findings()
        if json {
            try Output.json(Answer(findings: findings))
        } else {
            for finding in findings {
                try Output.line("\(finding.level.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)) \(finding.subject): \(finding.message)")
                if let remedy = finding.remedy { try Output.line("        \(remedy)") }
            }
        }
        if findings.contains(where: { $0.level == .error }) { throw ExitCode(Status.refused) }
    }

    private struct Answer: Encodable {
        let findings: [Finding]
    }
}

/// One thing that was looked at.
struct Finding: Encodable {
    enum Level: String, Encodable { case ok, warning, error }

    let level: Level
    let subject: String
    let message: String
    /// What to do; `nil` when all is well.
    var remedy: String?
}
