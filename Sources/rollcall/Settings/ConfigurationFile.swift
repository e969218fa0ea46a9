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
        var lines: [String: Int] = [:]
        for (key, value) in top {
            guard let group = value.mapping else {
                lines[try known(key, under: "", in: path)] = line(of: key)
                continue
            }
            for (inner, value) in group {
                let name = try known(inner, under: (key.string ?? "?") + ".", in: path)
                guard value.mapping == nil else { throw SettingError("\(name) (in \(path), line \(line(of: inner))) takes one value, not keys") }
                lines[name] = line(of: inner)
            }
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
