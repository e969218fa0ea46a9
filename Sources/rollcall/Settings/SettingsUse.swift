import ContactStore
import ContactsAPI
import Contacts
import Foundation
import Ingest
import Logging
import PhoneNumbers
import Spool
import SystemPackage

/// What the commands make of the settings.
extension Settings {
    /// Opens the store, which is made if it is not there.
    func store() throws -> ContactStore {
        try ContactStore(at: database.string, keepsImages: undoKeep > .zero, notices: noticeChannels)
    }

    private var noticeChannels: Set<NoticeChannel> {
        Set((notify.webhook == nil ? [] : [.webhook]) + (notify.command.isEmpty ? [] : [.command]))
    }

    var folders: SpoolFolders { SpoolFolders(root: spool) }

    var logger: Logger {
        var logger = Logger(label: "rollcall") { _ -> any LogHandler in
            JournalLogHandler.isAvailable ? JournalLogHandler() : LineLogHandler()
        }
        logger.logLevel = logLevel
        return logger
    }

    /// A campaign with the configured defaults.
    func campaign(key: String) throws -> Campaign {
        var campaign = Campaign(key: key)
        campaign.defaultRegion = try newCampaign.defaultCountryCode.map { try .defaultCountryCode($0) }
        campaign.defaultTimezone = newCampaign.defaultTimezone
        campaign.onInvalid = newCampaign.onInvalid
        return campaign
    }

    func importSettings() throws -> ImportSettings {
        var settings = ImportSettings()
        settings.limits = limits
        settings.unknownCampaign = unknownCampaign
        settings.newCampaign = try campaign(key: "")
        settings.redactsNumbers = redactsNumbers
        return settings
    }

    func serviceOptions() throws -> IngestService.Options {
        var options = IngestService.Options()
        options.watchProgram = watchMode == .events ? try watcher() : nil
        options.attempts = attempts
        options.settleTime = settle
        options.rescanInterval = rescan
        options.workers = workers > 0 ? workers : Self.usualWorkers
        return options
    }

    /// Fewer where stacks count: each takes two.
    private static var usualWorkers: Int {
        min((MemoryLimits.atStart.areSet ? 2 : 6) * ProcessInfo.processInfo.activeProcessorCount, 48)
    }

    /// What the service takes of memory: a file in hand is read and flushed beside its worker, an API's calls and its
    /// connections have threads of their own. Fewer workers than usual take little less.
    var memoryNeed: MemoryLimits.Need {
        .init(threads: 8 + 2 * max(workers, Self.usualWorkers) + (api.listen == nil ? 0 : APIService.threads + ProcessInfo.processInfo.activeProcessorCount))
    }

    /// `rollcall-watch`: as set, else beside this program, else in `../libexec/rollcall`.
    private func watcher() throws -> FilePath {
        if let watchProgram {
            if Self.isProgram(watchProgram) { return watchProgram }
            throw SettingError("watch.program is \(watchProgram), which is no program that can be run")
        }
        let own = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).removingLastComponent()
        let places = [own, own.removingLastComponent().appending("libexec/rollcall")].map { $0.appending("rollcall-watch") }
        guard let program = places.first(where: Self.isProgram) else {
            let names = places.map(\.string).joined(separator: " nor ")
            throw SettingError("watch.program is not set, and there is neither \(names): set it to the rollcall-watch program")
        }
        return program
    }

    private static func isProgram(_ path: FilePath) -> Bool {
        FileManager.default.isExecutableFile(atPath: path.string)
    }
}
