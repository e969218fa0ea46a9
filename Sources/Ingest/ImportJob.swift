import ContactStore
import Dispatch
import Logging
import Spool
import Synchronization
import SystemPackage

/// One claim on its way.
struct Job: Sendable {
    let id: String
    let campaign: String
    /// The same for every try to take the same file.
    let name: String
    /// What people know it by: the file's name, or the id of a claim that was left behind.
    let title: String
    /// Milliseconds from when the file was first seen until it was claimed.
    var waited = 0
    /// How often it failed for reasons of its own.
    var failures = 0
    /// How many processes came to a bad end with it in hand.
    var badEnds = 0

    init(_ file: DroppedFile) {
        id = Claim.makeID()
        campaign = file.folder.campaign
        name = "\(campaign)/\(file.folder.isCheck)/\(file.name.string)"
        title = file.name.string
        waited = file.seenAt.millisecondsAgo
    }

    /// A claim that was left behind.
    init(id: String, campaign: String) {
        self.id = id
        self.campaign = campaign
        name = id
        title = id
    }
}

/// Growing pauses: a quarter of a second, doubled up to half a minute.
enum Pause {
    static func after(_ failures: Int) -> Duration { min(.milliseconds(250 << min(max(0, failures - 1), 7)), .seconds(30)) }
}

extension IngestService {
    /// Imports one claim. What hinders every file is waited for here; a trouble of the file's own gives the job back,
    /// to be tried again, until it has failed so often that it is set aside.
    ///
    /// - Parameter take: makes the claim where there is none yet; `nil` when there is nothing to claim any more.
    func attempt(
        _ job: Job, _ lock: SpoolLock, orTake take: @escaping @Sendable () throws -> Claim?
    ) async -> Job? {
        var waits = 0
        repeat {
            let isLast = job.failures > 0 && job.failures >= options.attempts
            do {
                try lock.check()
                if let manifest = try await importOffPool(job, isLast ? lastFailure(of: job) : nil, orTake: take) {
                    troubles.end(job.name)
                    troubles.endCommon()
                    say(manifest)
                }
                return nil
            } catch is CancellationError {
                return nil
            } catch {
                switch Hindrance(error) {
                case .damage:
                    progress.damaged(error as? StoreError)
                    stopping.set()
                    return nil
                case .file:
                    options.metrics.countRetry(ofService: false)
                    var failed = job
                    failed.failures += 1
                    troubles.begin(
                        job.name, "\(error)", campaign: job.campaign, file: job.title, tries: failed.failures,
                        metadata: ["ingest_id": "\(job.id)"])
                    return failed
                case .service:
                    troubles.begin(Hindrance.cause(of: error), "\(error)")
                    options.metrics.countRetry(ofService: true)
                    waits += 1
                }
            }
        } while await stopping.sleep(Pause.after(waits))
        return nil
    }

    private func lastFailure(of job: Job) -> String {
        guard job.badEnds < options.attempts else {
            return "Rollcall was killed or crashed \(job.badEnds) times in a row with this file in hand"
        }
        let message = troubles.message(job.name) ?? "for an unknown reason"
        return "Rollcall could not finish this file, tried \(job.failures) times: \(message)"
    }

    /// File and database calls block; they stay off the threads that everything else needs.
    private func importOffPool(
        _ job: Job, _ setAside: String?, orTake take: @escaping @Sendable () throws -> Claim?
    ) async throws -> Manifest? {
        var importer = importer
        importer.settings = current.value
        importer.isStopping = { [stopping, pulse] in
            pulse.beat(job.id)
            return stopping.isSet
        }
        importer.isCareful = job.failures > 0 || job.badEnds > 0
        pulse.beat(job.id)
        defer { pulse.rest(job.id) }
        return try await withCheckedThrowingContinuation { [importer] continuation in
            // A queue of its own: the global one runs no more than a thread a core.
            DispatchQueue(label: "import").async {
                continuation.resume(with: Result {
                    guard let claim = try claim(job, orTake: take) else { return nil }
                    if let setAside { return try importer.setAside(claim, because: setAside) }
                    return try importer.run(claim, waited: job.waited)
                })
            }
        }
    }

    private func claim(_ job: Job, orTake take: () throws -> Claim?) throws -> Claim? {
        if let claim = try Claim.reopen(id: job.id, in: folders) { return claim }
        return try take()
    }
}

/// Claims that no process works on, in order, each campaign's one after the other.
final class Leftovers: Sendable {
    private struct State {
        var jobs: [Job] = []
        var busy: Set<String> = []
        var next: Int? { jobs.firstIndex { !busy.contains($0.campaign) } }
    }

    private let state = Mutex(State())

    var ids: [String] { state.withLock { $0.jobs.map(\.id) } }
    var isEmpty: Bool { state.withLock { $0.jobs.isEmpty } }
    var hasNext: Bool { state.withLock { $0.next != nil } }

    func add(_ job: Job) { state.withLock { $0.jobs.append(job) } }

    func next() -> Job? {
        state.withLock { state in
            guard let index = state.next else { return nil }
            state.busy.insert(state.jobs[index].campaign)
            return state.jobs.remove(at: index)
        }
    }

    func finished(_ job: Job) { state.withLock { _ = $0.busy.remove(job.campaign) } }
}

/// Which claims this process works on, and what ended its work.
final class Progress: Sendable {
    private struct State {
        var ids: Set<String> = []
        var damage: StoreError?
    }

    private let state = Mutex(State())

    var ids: Set<String> { state.withLock { $0.ids } }
    /// The first.
    var damage: StoreError? { state.withLock { $0.damage } }

    func begin(_ id: String) { state.withLock { _ = $0.ids.insert(id) } }
    func end(_ id: String) { state.withLock { _ = $0.ids.remove(id) } }
    func damaged(_ error: StoreError?) { state.withLock { $0.damage = $0.damage ?? error } }
}

/// Set once, read from any task.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }

    /// Sleeps, but not beyond the stop; returns whether to go on.
    func sleep(_ duration: Duration) async -> Bool {
        let end = ContinuousClock.now + duration
        while !isSet, !Task.isCancelled {
            let left = ContinuousClock.now.duration(to: end)
            if left <= .zero { return true }
            try? await Task.sleep(for: min(left, .milliseconds(100)))
        }
        return false
    }
}

extension FileTime {
    fileprivate var millisecondsAgo: Int {
        let now = FileTime.now()
        return max(0, Int(now.seconds - seconds) * 1000 + Int(now.nanoseconds - nanoseconds) / 1_000_000)
    }
}
