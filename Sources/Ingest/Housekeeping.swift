import ContactStore
import Foundation
import Logging
import Spool
import SystemPackage

/// What a service does beside the files: claims that were left behind, and what it tells about itself.
extension IngestService {
    private static let interval = Duration.seconds(1)
    /// The same where nothing goes on in many folders, each of which has to be asked.
    private static let idleInterval = Duration.seconds(5)
    private static let manyCampaigns = 1000
    /// Between two looks at disk and open files.
    private static let lookInterval = Duration.seconds(60)
    /// Looks until the watches are counted again, unless they are nearly used up: the kernel lists every one for it.
    private static let looksPerCount = 10

    /// Until the task is cancelled.
    func keepHouse(_ intake: Intake, _ left: Leftovers, _ lock: SpoolLock) async {
        var note: ServiceNote?
        var told: ServiceState?
        var nextRecovery = ContinuousClock.now + options.rescanInterval
        var nextLook = ContinuousClock.now
        var headroom = Headroom()
        var looks = 0
        while !Task.isCancelled {
            if stopping.isSet { await intake.stop() }
            troubles.forget(after: .seconds(120))
            if note == nil { note = try? ServiceNote(folders) }
            if ContinuousClock.now >= nextLook {
                let counted = headroom.watches.flatMap { looks % Self.looksPerCount == 0 || $0.isNearlyUsedUp ? nil : $0 }
                headroom = Headroom(spool: folders.root, database: FilePath(store.path), watches: counted)
                looks += 1
                options.metrics.observe(headroom)
                nextLook = .now + Self.lookInterval
            }
            let status = await intake.status
            options.metrics.observe(status, troubles: troubles.all.count)
            var now = ServiceState(status, troubles: troubles.all, warnings: headroom.warnings)
            now.since = began
            if let note, now != told {
                note.write(now.json())
                told = now
            }
            if ContinuousClock.now >= nextRecovery {
                await recover(left, intake, lock)
                nextRecovery = .now + options.rescanInterval
            }
            let isIdle = status.campaigns > Self.manyCampaigns && status.waiting == 0 && status.inHand.isEmpty
            try? await Task.sleep(for: isIdle ? Self.idleInterval : Self.interval)
        }
        note?.write(Array("{}".utf8))
    }

    /// Claims of a `rollcall ingest` or `rollcall retry` that was killed, and those that were out of reach for a while.
    private func recover(_ left: Leftovers, _ intake: Intake, _ lock: SpoolLock) async {
        do {
            try lock.check()
            troubles.end("spool")
        } catch {
            return troubles.begin("spool", "\(error)")
        }
        guard let found = try? Claim.recover(in: folders) else { return }
        let known = progress.ids.union(left.ids)
        await takeUp(found.filter { !known.contains($0) }, left, intake)
    }

    /// Claims are worked on before the files of their campaigns that wait in the drop folder.
    ///
    /// - Parameter isAfterBadEnd: whether the process that had them in hand was killed or crashed. Each may be what it
    ///   crashed at, and is set aside like one that failed when that has happened too often.
    func takeUp(_ ids: [String], _ left: Leftovers, _ intake: Intake, isAfterBadEnd: Bool = false) async {
        for id in ids {
            // One whose campaign cannot be told is held back by nothing and says itself what is wrong with it.
            let campaign = ((try? Claim.campaign(of: id, in: folders)) ?? nil) ?? ""
            await intake.hold(campaign)
            var job = Job(id: id, campaign: campaign)
            if isAfterBadEnd { job.badEnds = (try? Claim.noteBadEnd(of: id, in: folders)) ?? 0 }
            if job.badEnds >= options.attempts { job.failures = options.attempts }
            left.add(job)
        }
        if !ids.isEmpty { await intake.wake() }
    }
}
