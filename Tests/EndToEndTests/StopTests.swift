import Foundation
import Subprocess
import Testing

@Suite("Killed at every durable step")
struct StopTests {
    /// Each step in the order in which an ingest takes it, and how often the four files take it in all.
    private static let steps = [
        ("campaign", 1), ("claim", 4), ("batch", 10), ("rejected", 1), ("outcome", 4), ("manifest", 4), ("newest", 4),
        ("archive", 4), ("done", 4),
    ]

    private static func places(_ side: String) -> [String] {
        steps.flatMap { step, times in
            (1...times).filter { Soak.isOn || [1, 3, times].contains($0) }.map { "\(side):\(step):\($0)" }
        }
    }

    @Test("An undisturbed run does what the others are compared with")
    func undisturbed() async throws {
        try await Site.with(Deliveries.settings) { site in
            let deliveries = Deliveries()
            try deliveries.drop(on: site)
            let run = try await site.rollcall("run", "--once")
            #expect(run.exitCode == 0, "\(run.errors)")
            try await deliveries.expectEachOnce(on: site, "undisturbed")
        }
    }

    /// Two suites, so that two places are tried at once.
    @Suite("Right before it", .serialized)
    struct Before {
        @Test("Started again, nothing is lost and nothing is there twice", arguments: places("before"))
        func stopped(place: String) async throws { try await startAgain(after: place) }
    }

    @Suite("Right after it", .serialized)
    struct After {
        @Test("Started again, nothing is lost and nothing is there twice", arguments: places("after"))
        func stopped(place: String) async throws { try await startAgain(after: place) }
    }

    private static func startAgain(after place: String) async throws {
        try await Site.with(Deliveries.settings, validating: false) { site in
            let deliveries = Deliveries()
            try deliveries.drop(on: site)
            let stopped = try await site.rollcall("run", "--once", environment: ["STOP_ROLLCALL_AT": place])
            #expect(stopped.status == .signaled(9), "\(place) was not reached: \(stopped.errors)")
            let run = try await site.rollcall("run", "--once")
            #expect(run.exitCode == 0, "\(run.errors)")
            try await deliveries.expectEachOnce(on: site, place)
        }
    }
}
