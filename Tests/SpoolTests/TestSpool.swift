import Foundation
import Logging
import SystemPackage
import Testing

@testable import Spool

/// A spool of its own, on the real file system, removed at the end.
final class TestSpool: Sendable {
    let base: String
    let folders: SpoolFolders
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init(_ campaigns: String...) throws {
        var template = Array((NSTemporaryDirectory() + "/spool-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw Errno(rawValue: errno) }
        base = String(cString: made)
        folders = SpoolFolders(root: FilePath(base + "/spool"))
        try folders.prepare()
        for campaign in campaigns { try folders.makeCampaign(campaign) }
    }

    deinit { try? FileManager.default.removeItem(atPath: base) }

    func path(_ name: String) -> String { folders.root.string + "/" + name }
    /// Outside the spool, on the same file system.
    func outside(_ name: String) -> String { base + "/" + name }

    func drop(_ name: String, _ content: String = "phone\n+14155550101\n") throws {
        let target = path(name)
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(fileURLWithPath: target))
    }

    func content(_ name: String) -> String? {
        FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []).sorted()
    }

    /// Every file below the spool, but for folders.
    func files() -> [String] {
        let root = folders.root.string
        let all = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return all.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isFolder)
                ? !isFolder.boolValue : true
        }.sorted()
    }

    func dropped(_ name: FilePath.Component, in campaign: String = "c", isCheck: Bool = false) -> DroppedFile {
        DroppedFile(
            folder: DropFolder(campaign: campaign, isCheck: isCheck), name: name, size: 1,
            modified: FileTime(seconds: 0), seenAt: .now())
    }

    /// Claims a dropped file.
    func take(_ name: FilePath.Component, in campaign: String = "c", isCheck: Bool = false, id: String) throws -> Claim {
        guard let claim = try Claim.take(dropped(name, in: campaign, isCheck: isCheck), in: folders, id: id) else { throw NoClaim() }
        return claim
    }

    func reopen(_ id: String) throws -> Claim {
        guard let claim = try Claim.reopen(id: id, in: folders) else { throw NoClaim() }
        return claim
    }

    /// An intake without a watcher; the rescan is so far off that events or the first look must do.
    func intake(settle: Duration = .milliseconds(20), rescan: Duration = .seconds(3600)) -> Intake {
        Intake(folders: folders, settleTime: settle, rescanInterval: rescan, logger: logger)
    }

    static let watchProgram: FilePath = {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            let program = folder.appendingPathComponent("rollcall-watch").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: program, isDirectory: &isFolder), !isFolder.boolValue {
                return FilePath(program)
            }
            folder.deleteLastPathComponent()
        }
        return "rollcall-watch"
    }()

    func watcher(_ program: FilePath = watchProgram, retry: Duration = .seconds(60)) -> SpoolWatcher {
        SpoolWatcher(folders: folders, program: program, logger: logger, retry: retry)
    }

    /// rollcall-watch behind a script that notes its process id and runs `prefix` before.
    func wrappedProgram(_ prefix: String = "exec") throws -> FilePath {
        let script = outside("watch.sh")
        let text = "#!/bin/sh\necho $$ > '\(outside("pid"))'\n\(prefix) '\(Self.watchProgram)'\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: script))
        try shell("chmod +x '\(script)'")
        return FilePath(script)
    }

    /// Of the program that `wrappedProgram` gave.
    func watchProcess() throws -> pid_t {
        let text = try String(contentsOfFile: outside("pid"), encoding: .utf8)
        return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Takes the next file that can be claimed, archives it, and gives its bytes.
    func archiveNext(_ intake: Intake) async throws -> (name: String, bytes: [UInt8])? {
        while let file = await intake.next() {
            let id = UUID().uuidString.lowercased()
            guard let claim = try Claim.take(file, in: folders, id: id) else {
                await intake.finished(file)
                continue
            }
            var bytes = [UInt8](repeating: 0, count: claim.size)
            let count = try bytes.withUnsafeMutableBytes { try claim.fileDescriptor.read(into: $0) }
            try claim.archive()
            await intake.finished(file)
            let name = file.folder.campaign + (file.folder.isCheck ? "/check/" : "/") + file.name.string
            return (name, Array(bytes.prefix(count)))
        }
        return nil
    }
}

struct NoClaim: Error {}

let ids = (0..<10).map { "0199c0de-0000-7000-8000-00000000000\($0)" }

/// Runs a shell command and waits for it.
@discardableResult
func shell(_ command: String, in folder: String = "/") throws -> Int32 {
    // Foundation's Process tells an exit by a socket, which a program started beside it may inherit.
    var process = pid_t()
    let arguments: [UnsafeMutablePointer<CChar>?] = ["bash", "-c", "cd '\(folder)' && { \(command)\n}"].map { (word: String) in strdup(word) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let error = posix_spawn(&process, "/bin/bash", nil, nil, arguments, environ)
    guard error == 0 else { throw Errno(rawValue: error) }
    var status = Int32()
    while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { throw Errno(rawValue: errno) } }
    return status
}

let noEvents = AsyncStream<SpoolEvent> { $0.finish() }

extension Intake {
    /// One pass over what lies there, without events: the names in the order in which they were handed out.
    func emptied(_ folders: SpoolFolders, by handle: (DroppedFile) throws -> Void = { _ in }) async rethrows -> [String] {
        let running = Task { await self.run(noEvents) }
        defer { running.cancel() }
        drain()
        var names: [String] = []
        while let file = await next() {
            names.append(file.folder.campaign + (file.folder.isCheck ? "/check/" : "/") + file.name.string)
            try handle(file)
            finished(file)
        }
        return names
    }
}
