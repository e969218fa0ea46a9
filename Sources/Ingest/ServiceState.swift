package import Foundation
package import Spool
import SystemPackage

/// What a running service knows beyond what lies on disk: written by it, read by `rollcall status`.
package struct ServiceState: Sendable, Codable, Hashable {
    /// A file that waits, or that is none of ours.
    package struct Entry: Sendable, Codable, Hashable {
        package var campaign: String
        package var file: String
        package var reason: String
        /// When it was first seen; `nil` for what is none of ours.
        package var since: Date?
    }

    /// When the service started.
    package var since: Date?
    package var troubles: [Trouble] = []
    /// What is nearly used up of disk, inotify watches and open files.
    package var warnings: [String] = []
    /// Complete files, and those that settle.
    package var waiting = 0
    /// Files that are not complete, and the first of them.
    package var incomplete = 0
    package var firstIncomplete: [Entry] = []
    package var leftAlone: [Entry] = []
    /// Drop folders that are looked at from time to time only.
    package var unwatched = 0
    /// Why the last start was refused; `nil` once one was not.
    package var refusal: String?

    private enum CodingKeys: String, CodingKey {
        case since, troubles, warnings, waiting, incomplete, unwatched, refusal
        case firstIncomplete = "first_incomplete"
        case leftAlone = "left_alone"
    }

    private static let listed = 20

    private init(refusal: String) { self.refusal = refusal }

    init(_ status: IntakeStatus, troubles: [Trouble], warnings: [String]) {
        self.warnings = warnings
        self.troubles = Array((troubles + status.troubles.map(Trouble.init)).prefix(Self.listed))
        waiting = status.waiting
        incomplete = status.incomplete
        firstIncomplete = status.firstIncomplete.prefix(Self.listed).map(Entry.init)
        leftAlone = status.leftAlone.prefix(Self.listed).map(Entry.init)
        unwatched = status.unwatched
    }

    /// What the service that serves these folders wrote last; `nil` when there is none, or none that can be read.
    package init?(of folders: SpoolFolders) {
        for _ in 0..<3 {
            guard let text = ServiceNote.read(folders) else { return nil }
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            // It may just be being written.
            if let state = try? decoder.decode(Self.self, from: Data(text)) {
                self = state
                return
            }
        }
        return nil
    }

    /// Leaves word for `rollcall status` that the service does not start; a service that runs meanwhile is not disturbed.
    package static func refuse(_ reason: String, in folders: SpoolFolders) {
        guard (try? folders.prepare()) != nil, SpoolLock.holder(of: folders) == nil, let note = try? ServiceNote(folders) else { return }
        note.write(ServiceState(refusal: reason).json())
    }

    func json() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        return (try? encoder.encode(self)).map { [UInt8]($0) } ?? []
    }
}

extension ServiceState.Entry {
    fileprivate init(_ entry: IntakeStatus.Entry) {
        campaign = entry.folder.campaign
        file = entry.name.string
        reason = entry.reason
        since = entry.since.map(Date.init)
    }
}

extension Trouble {
    fileprivate init(_ trouble: SpoolTrouble) {
        self.init(message: "\(trouble.error)", since: Date(trouble.since), campaign: trouble.campaign)
    }
}

extension Date {
    fileprivate init(_ time: FileTime) { self.init(timeIntervalSince1970: TimeInterval(time.seconds)) }
}
