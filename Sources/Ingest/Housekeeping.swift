import Foundation
import Logging
import Spool

/// What a service does beside the files: claims that were left behind, and what it tells about itself.
extension IngestService {
    private static let interval = Duration.seconds(1)

    /// Until the task is cancelled.
    func keepHouse(_ intake: Intake, _ left: Leftovers, _ lock: SpoolLock) async {
        var note: ServiceNote?
        var told: [UInt8] = []
        var nextRecovery = ContinuousClock.now + options.rescanInterval
        while !Task.isCancelled {
            if stopping.isSet { await intake.stop() }
            troubles.forget(after: .seconds(120))
            if note == nil { note = try? ServiceNote(folders) }
            let state = ServiceState(await intake.status, troubles: troubles.all).json()
            if state != told { note?.write(state) }
            told = state
            if ContinuousClock.now >= nextRecovery {
                await recover(left, intake, lock)
                nextRecovery = .now + options.rescanInterval
            }
            try? await Task.sleep(for: Self.interval)
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
    func takeUp(_ ids: [String], _ left: Leftovers, _ intake: Intake) async {
        for id in ids {
            // One whose campaign cannot be told is held back by nothing and says itself what is wrong with it.
            let campaign = ((try? Claim.campaign(of: id, in: folders)) ?? nil) ?? ""
            await intake.hold(campaign)
            left.add(Job(id: id, campaign: campaign))
        }
        if !ids.isEmpty { await intake.wake() }
    }
}
