internal import Glibc
package import Logging
internal import Subprocess
package import SystemPackage

/// Watches the spool by running `rollcall-watch`, which may die at any moment: it is started again after a
/// growing pause, and everything is looked at again.
package struct SpoolWatcher: Sendable {
    private let folders: SpoolFolders
    private let program: FilePath
    private let logger: Logger
    private let retry: Duration

    /// - Parameters:
    ///   - program: where `rollcall-watch` is installed.
    ///   - retry: how often folders that could not be watched are tried again.
    package init(folders: SpoolFolders, program: FilePath, logger: Logger, retry: Duration = .seconds(60)) {
        self.folders = folders
        self.program = program
        self.logger = logger
        self.retry = retry
    }

    /// What happens in the spool, until the task that reads it is cancelled. A slow reader loses nothing: the
    /// kernel's queue overflows first, and says so.
    package func events() -> some AsyncSequence<SpoolEvent, Never> & Sendable {
        // Writing to a rollcall-watch that has just died must fail, not end this process.
        signal(SIGPIPE, SIG_IGN)
        let (events, continuation) = AsyncStream.makeStream(
            of: SpoolEvent.self, bufferingPolicy: .bufferingOldest(4096))
        let task = Task { await keepWatching(continuation) }
        continuation.onTermination = { _ in task.cancel() }
        return events
    }

    private func keepWatching(_ events: AsyncStream<SpoolEvent>.Continuation) async {
        var pauses = Pauses(from: .milliseconds(100), to: .seconds(30))
        var told: String?
        while !Task.isCancelled {
            let start = ContinuousClock.now
            let reason = await watchOnce(events)
            if Task.isCancelled { break }
            if start.duration(to: .now) > .seconds(10) { pauses.reset() }
            if told != reason { logger.warning("watching stopped, starting again", metadata: ["reason": "\(reason)"]) }
            told = reason
            await send([.rescan(.watcherStopped)], to: events)
            try? await Task.sleep(for: pauses.next())
        }
        events.finish()
    }

    /// Returns why it ended.
    private func watchOnce(_ events: AsyncStream<SpoolEvent>.Continuation) async -> String {
        do {
            let result = try await Subprocess.run(
                .path(program), input: .inputWriter, output: .sequence, error: .discarded
            ) { execution in
                try await talk(
                    to: execution.standardInputWriter, reading: execution.standardOutput, events)
            }
            return result.closureResult.map(Self.explain) ?? "rollcall-watch ended: \(result.terminationStatus)"
        } catch {
            return "\(error)"
        }
    }

    private static func explain(_ errno: Errno) -> String {
        switch errno {
        case .noSuchFileOrDirectory: "the spool's folder is gone"
        case .tooManyOpenFiles: "no inotify instance is left: raise fs.inotify.max_user_instances"
        default: "inotify: \(errno)"
        }
    }

    private func talk(
        to input: StandardInputWriter, reading output: SubprocessOutputSequence,
        _ events: AsyncStream<SpoolEvent>.Continuation
    ) async throws -> Errno? {
        let (commands, write) = AsyncStream.makeStream(of: [UInt8].self)
        var watched = WatchedFolders(folders)
        let begin = watched.begin
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await command in commands { _ = try await input.write(command) }
                try await input.finish()
            }
            group.addTask {
                while true {
                    write.yield(begin)
                    try await Task.sleep(for: retry)
                }
            }
            defer {
                write.finish()
                group.cancelAll()
            }
            return try await read(output, &watched, write, events)
        }
    }

    /// Reads to the end, or to what ends the watching.
    private func read(
        _ output: SubprocessOutputSequence, _ watched: inout WatchedFolders,
        _ write: AsyncStream<[UInt8]>.Continuation, _ events: AsyncStream<SpoolEvent>.Continuation
    ) async throws -> Errno? {
        var reader = WatchRecordReader()
        for try await piece in output {
            var steps: [WatchedFolders.Step] = []
            piece.withUnsafeBytes { bytes in reader.read(bytes) { steps.append(watched.take($0)) } }
            for step in steps {
                if !step.commands.isEmpty { write.yield(step.commands) }
                tell(step)
                await send(step.events, to: events)
                if let end = step.end { return end }
            }
        }
        return nil
    }

    private func tell(_ step: WatchedFolders.Step) {
        for name in step.leftAlone {
            logger.notice("left alone: no campaign's folder", metadata: ["name": "\(OneLine.text(name))"])
        }
        guard let (folder, errno) = step.failure else { return }
        let limits = errno == .noSpace ? InotifyLimits.current : nil
        let hint = limits.map { "; \($0.watchesKey) is \($0.watches): \($0.remedy())" } ?? ""
        logger.warning(
            "a folder cannot be watched, it is looked at from time to time instead\(hint)",
            metadata: ["folder": "\(folder.campaign)", "error": "\(errno)"])
    }

    /// Waits while the reader is behind: the pipe and then the kernel's queue hold what follows.
    private func send(_ new: [SpoolEvent], to events: AsyncStream<SpoolEvent>.Continuation) async {
        for event in new {
            while case .dropped = events.yield(event), !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

/// Pauses that double.
struct Pauses {
    private let shortest: Duration
    private let longest: Duration
    private var following: Duration

    init(from shortest: Duration, to longest: Duration) {
        self.shortest = shortest
        self.longest = longest
        following = shortest
    }

    mutating func next() -> Duration {
        defer { following = min(following * 2, longest) }
        return following
    }

    mutating func reset() { following = shortest }
}
