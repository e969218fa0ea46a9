import Foundation
import SystemPackage
import Testing

@Suite("The upload page of the running service")
struct PageTests {
    /// `page.py` has the steps; `ROLLCALL_SCREENSHOTS` keeps what they looked like.
    @Test("A person signs in, drops files good and bad, adjusts a mapping, works by keyboard alone and looks at what became of them")
    func upload() async throws {
        try await Site.with(APITests.settings) { site in
            try await site.rollcall("campaign", "create", "shut")
            try await site.rollcall("campaign", "close", "shut")
            try await site.rollcall("campaign", "create", "berlin", "--default-country-code", "DE")
            try await site.rollcall("campaign", "create", "skipping", "--on-invalid", "skip")
            let token = try await APITests.token(site)
            let folder = ProcessInfo.processInfo.environment["ROLLCALL_SCREENSHOTS"] ?? site.root.appending("page").string
            try await site.serving {
                let steps = FilePath(#filePath).removingLastComponent().appending("page.py").string
                let run = try await Programs.run(
                    "/usr/bin/timeout", ["--kill-after", "5", "180", Programs.python.string, steps, "\(APITests.address(site))/", token, "acme", folder],
                    environment: ["HOME": site.root.string])
                #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
            }
        }
    }
}
