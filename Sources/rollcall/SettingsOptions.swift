import ArgumentParser
import Foundation
import SystemPackage

/// The options that every command takes.
struct SettingsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read settings from this YAML file.", valueName: "file"), completion: .file(extensions: ["yaml"]))
    var config: String?

    @Option(help: ArgumentHelp("The folder that holds the campaigns' folders.", valueName: "dir"), completion: .directory)
    var spool: String?

    @Option(help: ArgumentHelp("The contact store, one SQLite file.", valueName: "file"), completion: .file())
    var database: String?

    @Option(help: ArgumentHelp("Log this level and above: trace, debug, info, notice, warning, error, critical.", valueName: "level"))
    var logLevel: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Set any other key of the configuration, such as limits.rows=5000; may be repeated.", valueName: "key=value"))
    var assignments: [String] = []

    /// Flags over environment over file over defaults.
    ///
    /// - Throws: `SettingError`, one line that names the key, its place, and what would be right.
    func settings(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Settings {
        try SettingSources(flags: flags(), environment: environment, file: file(environment)).settings()
    }

    private func flags() throws -> [String: String] {
        var flags: [String: String] = [:]
        for assignment in assignments {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw SettingError("--set takes key=value, not \"\(assignment)\"") }
            guard Setting.byKey[parts[0]] != nil else {
                throw SettingError("\(parts[0]) (on the command line) is no setting\(Set(Setting.byKey.keys).nearest(to: parts[0]))")
            }
            flags[parts[0]] = parts[1]
        }
        for (key, value) in [("spool", spool), ("database", database), ("log.level", logLevel)] {
            if let value { flags[key] = value }
        }
        return flags
    }

    private func file(_ environment: [String: String]) throws -> ConfigurationFile? {
        if let named = config ?? environment["ROLLCALL_CONFIG"] { return try ConfigurationFile(FilePath(named)) }
        let standard = ConfigurationFile.standard
        return FileManager.default.fileExists(atPath: standard.string) ? try ConfigurationFile(standard) : nil
    }
}
