import Foundation
import Subprocess
import Testing

@Suite("Killed right before and right after every durable step", .serialized)
struct StopTests {
    /// Each step in the order in which an ingest takes it, and how often the four files take it in all.
    private static let steps = [
        ("campaign", 1), ("claim", 4), ("batch", 10), ("rejected", 1), ("outcome", 4), ("manifest", 4), ("newest", 4),
        ("archive", 4), ("done", 4),
    ]

    private static var places: [String] {
        var places: [String] = []
        for (step, times) in steps {
            for time in 1...times where Soak.isOn || [1, 3, times].contains(time) {
                places += ["before:\(step):\(time)", "after:\(step):\(time)"]
            }
        }
        return places
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

    @Test("Started again, nothing is lost and nothing is there twice", arguments: places)
    func stopped(place: String) async throws {
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
