import ContactStore
import Contacts
import Foundation
import Spool
import Subprocess
import SystemPackage

/// Runs a program for each finished ingest, without a shell: no name can be taken for anything but an argument.
struct CommandHook: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// The program's full path, and its arguments.
    let command: [String]
    let timeout: Duration
    let folders: SpoolFolders

    /// The manifest's path is the last argument, the manifest itself standard input. What the program writes to standard
    /// error goes to the service's own.
    ///
    /// Throws when it cannot be run, ends with anything but 0, or takes too long; then it is ended with what it started.
    func deliver(_ notice: Notice) async throws {
        guard let program = command.first else { return }
        let path = folders.ownManifest(of: notice.ingest.text, file: notice.fileName, campaign: notice.campaign)
        var platform = PlatformOptions()
        // A group of its own, so that its children end with it.
        platform.processGroupID = 0
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let options = platform
        let status = try await withThrowingTaskGroup(of: TerminationStatus?.self) { group in
            group.addTask {
                try await run(
                    .path(FilePath(program)), arguments: Arguments(command.dropFirst() + [path.string]), platformOptions: options,
                    input: .array(Array(notice.manifest.utf8)), output: .discarded,
                    error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
                ).terminationStatus
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let status else { throw Failed(description: "\(program) took more than \(timeout)") }
        guard status.isSuccess else { throw Failed(description: "\(program) ended with \(status)") }
    }
}
