import Configuration
import Foundation
import SystemPackage
import Yams

/// A YAML configuration file whose keys are all known.
struct ConfigurationFile {
    /// Read when no other file is named, and only if it is there.
    static let standard = FilePath("/etc/rollcall/rollcall.yaml")

    let path: FilePath
    let values: any ConfigSnapshot
    private var lines: [String: Int] = [:]

    init(_ path: FilePath) throws(SettingError) {
        self.path = path
        do {
            let data = try Data(contentsOf: URL(filePath: path.string))
            lines = try Self.keys(of: data, in: path)
            values = lines.isEmpty
                ? InMemoryProvider(values: [:]).snapshot()
                : try YAMLSnapshot(data: data.span.bytes, providerName: path.string, parsingOptions: .default)
        } catch let error as SettingError {
            throw error
        } catch let error as YamlError {
            throw SettingError("\(path) is no YAML: " + "\(error)".split(separator: "\n").joined(separator: " "))
        } catch {
            throw SettingError("\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// "in /etc/rollcall/rollcall.yaml, line 12"
    func place(of key: String) -> String {
        "in \(path)" + (lines[key].map { ", line \($0)" } ?? "")
    }

    /// Every key with its line; the library itself would pass over those it is not asked for.
    private static func keys(of data: Data, in path: FilePath) throws -> [String: Int] {
        guard let root = try Yams.compose(yaml: String(decoding: data, as: UTF8.self)), root.null == nil else { return [:] }
        guard let top = root.mapping else { throw SettingError("\(path) holds no keys: write \"spool: /some/folder\"") }
        return try lines(of: top, under: "", in: path)
    }

    private static func lines(of group: Node.Mapping, under prefix: String, in path: FilePath) throws(SettingError) -> [String: Int] {
        var lines: [String: Int] = [:]
        for (key, value) in group {
            let name = prefix + (key.string ?? "?")
            let isGroup = Setting.all.contains { $0.key.hasPrefix(name + ".") }
            if let inner = value.mapping, isGroup || Setting.byKey[name] == nil && prefix.isEmpty {
                lines.merge(try Self.lines(of: inner, under: name + ".", in: path)) { first, _ in first }
                continue
            }
            let known = try known(key, under: prefix, in: path)
            guard value.mapping == nil else { throw SettingError("\(known) (in \(path), line \(line(of: key))) takes one value, not keys") }
            lines[known] = line(of: key)
        }
        return lines
    }

    private static func known(_ node: Node, under prefix: String, in path: FilePath) throws(SettingError) -> String {
        let key = prefix + (node.string ?? "?")
        guard Setting.byKey[key] != nil else {
            throw SettingError("\(key) (in \(path), line \(line(of: node))) is no setting\(Set(Setting.byKey.keys).nearest(to: key))")
        }
        return key
    }

    private static func line(of node: Node) -> Int { node.mark?.line ?? 0 }
}
