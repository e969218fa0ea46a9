import CSV
import Testing

@Suite struct PollockTests {
    /// Debug builds take a smaller table and every tenth row of the row-level kinds.
    #if DEBUG
        static let (rows, step) = (40, 10)
    #else
        static let (rows, step) = (83, 1)
    #endif

    @Test("Polluted files are read as their clean versions, without a hint about the dialect")
    func scores() {
        let files = Pollution(rows: Self.rows).all(step: Self.step)
        var (simple, weighted, weights) = (0.0, 0.0, 0.0)
        var worst: [(String, Double)] = []
        for file in files {
            let score = PollockScore.of(file)
            simple += score
            weighted += score * file.weight
            weights += file.weight
            if score < 9.9 { worst.append((file.name, score)) }
        }
        simple /= Double(files.count)
        weighted /= weights
        print("Pollock's kinds, \(files.count) files: simple \(simple), weighted \(weighted)")
        for (name, score) in worst.prefix(60) { print("  \(name): \(score)") }
        #expect(simple >= 9.97)
        #expect(weighted >= 9.85)
    }
}
