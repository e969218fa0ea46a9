import AsyncHTTPClient
import ContactStore
import Contacts
import Foundation
import Ingest
import Logging
import ServiceLifecycle

/// Tells one channel of each finished ingest, beside the pipeline and never in its way.
///
/// The store has what is still to be told, so a stop loses nothing; what was sent when the stop came may be sent again.
struct NoticeService: Service {
    /// Delivers one notice; throws what keeps it from being delivered.
    typealias Deliver = @Sendable (Notice) async throws -> Void

    let channel: NoticeChannel
    let deliver: Deliver
    let store: CurrentStore
    let metrics: ServiceMetrics
    let logger: Logger

    /// How long it may take until a new notice is seen.
    private static let interval = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await !deliverDue() { try? await Task.sleep(for: Self.interval) }
            }
        }
    }

    /// Whether there was any.
    private func deliverDue() async -> Bool {
        do {
            let store = store.value
            let longest = NoticePause.longest * 1000
            let notices = try store.dueNotices(channel, now: .now, longestPause: longest, limit: 16)
            for notice in notices where !Task.isCancelled { try await handle(notice, store) }
            return !notices.isEmpty
        } catch {
            // The pipeline itself tells of a store that is out of reach.
            logger.debug("notices wait: \(error)")
            return false
        }
    }

    private func handle(_ notice: Notice, _ store: ContactStore) async throws {
        let metadata: Logger.Metadata = [
            "campaign": "\(notice.campaign)", "ingest_id": "\(notice.ingest.text)", "file": "\(notice.fileName)",
        ]
        do {
            try await deliver(notice)
            try store.removeNotice(notice)
            metrics.countNotice(channel.rawValue, "sent")
        } catch let error as StoreError {
            throw error
        } catch {
            // Cut off by the stop: that says nothing about the other side.
            if Task.isCancelled { return }
            guard let pause = NoticePause.after(tries: notice.tries + 1) else {
                try store.removeNotice(notice)
                metrics.countNotice(channel.rawValue, "given_up")
                return logger.error("\(channel.rawValue) given up after \(notice.tries + 1) tries: \(error)", metadata: metadata)
            }
            try store.postponeNotice(notice, until: .now + pause * 1000)
            metrics.countNotice(channel.rawValue, "failed")
            // The first tells that something is wrong; the others would only repeat it.
            let level: Logger.Level = notice.tries == 0 ? .warning : .debug
            logger.log(level: level, "\(channel.rawValue) failed, trying again: \(error)", metadata: metadata)
        }
    }
}

extension NoticeService {
    /// One for each channel that is set.
    ///
    /// - Throws: `SettingError`.
    static func all(
        _ settings: Settings, _ client: HTTPClient?, _ store: CurrentStore, _ metrics: ServiceMetrics, _ logger: Logger
    ) throws -> [NoticeService] {
        var services: [NoticeService] = []
        func add(_ channel: NoticeChannel, _ deliver: @escaping Deliver) {
            services.append(NoticeService(channel: channel, deliver: deliver, store: store, metrics: metrics, logger: logger))
        }
        if let webhook = try Webhook(settings, client) { add(.webhook) { try await webhook.deliver($0) } }
        if !settings.notify.command.isEmpty {
            let hook = CommandHook(command: settings.notify.command, timeout: settings.notify.timeout, folders: settings.folders)
            add(.command) { try await hook.deliver($0) }
        }
        return services
    }
}

/// Growing pauses, doubled from a second up to an hour, for about a day in all.
enum NoticePause {
    /// Seconds.
    static let longest: Int64 = 3600
    private static let tries = 36

    /// Seconds until the next try, after so many in vain; `nil` when it is given up.
    static func after(tries: Int) -> Int64? {
        guard tries < Self.tries else { return nil }
        return min(1 << Int64(min(max(0, tries - 1), 12)), longest)
    }
}
