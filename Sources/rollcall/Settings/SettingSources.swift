import Configuration
import SystemPackage

/// A setting that stops the start: one line that says which, where it stands and what would be right.
struct SettingError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The places where settings stand, strongest first.
struct SettingSources {
    private struct Source {
        let values: any ConfigSnapshot
        /// Where a key stands in it, for messages.
        let place: (Setting) -> String
        /// Whether a value can be a list; elsewhere it is a text that says so.
        var hasLists = false
    }

    private var sources: [Source] = []

    /// - Parameters:
    ///   - flags: Values given on the command line, by key.
    ///   - environment: The process's variables; those that begin with `ROLLCALL_` count.
    ///   - file: The configuration file; `nil` when there is none.
    init(flags: [String: String], environment: [String: String], file: ConfigurationFile?) throws(SettingError) {
        let settings = flags.map { (AbsoluteConfigKey($0.split(separator: ".").map(String.init)), ConfigValue(stringLiteral: $1)) }
        sources.append(
            Source(values: InMemoryProvider(values: Dictionary(uniqueKeysWithValues: settings)).snapshot()) { _ in
                "on the command line"
            })
        try Self.check(environment)
        let variables = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "rollcall")
        sources.append(Source(values: variables.snapshot()) { "in the environment, \($0.variable)" })
        if let file {
            sources.append(Source(values: file.values, place: { file.place(of: $0.key) }, hasLists: true))
        }
    }

    /// The defaults with everything that is set laid over them.
    func settings() throws(SettingError) -> Settings {
        var settings = Settings()
        for setting in Setting.all {
            guard let (text, source) = try text(of: setting) else { continue }
            guard setting.read(text, &settings) else {
                throw SettingError("\(setting.key) (\(source.place(setting))) takes \(setting.takes), not \"\(text)\"")
            }
        }
        return settings
    }

    private func text(of setting: Setting) throws(SettingError) -> (String, Source)? {
        let key = AbsoluteConfigKey(setting.key.split(separator: ".").map(String.init))
        for source in sources {
            do {
                if setting.isList, case .stringArray(let words)? = try? source.values.value(forKey: key, type: .stringArray).value?.content,
                    source.hasLists
                {
                    return (words.json, source)
                }
                guard let value = try source.values.value(forKey: key, type: .string).value else { continue }
                if case .string(let text) = value.content { return (text, source) }
            } catch {
                throw SettingError("\(setting.key) (\(source.place(setting))) takes \(setting.takes), not a list")
            }
        }
        return nil
    }

    /// A misspelt variable would be passed over in silence.
    private static func check(_ environment: [String: String]) throws(SettingError) {
        let known = Set(Setting.all.map(\.variable) + ["ROLLCALL_CONFIG"])
        for name in environment.keys.sorted() where name.hasPrefix("ROLLCALL_") && !known.contains(name) {
            throw SettingError("\(name) in the environment is no setting\(known.nearest(to: name))")
        }
    }
}
