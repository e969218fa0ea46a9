// Usage: CSVBenchmark [ROWS] [ROUNDS] [NAME]. Runs every reader once a round, in turn, and prints medians and ratios.
// NAME takes only the readers whose name holds it.
import Foundation

let rows = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 1_000_000 : 1_000_000
let rounds = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 5 : 5
let folder = FileManager.default.temporaryDirectory.path
let large = try ContactFile(path: "\(folder)/contacts-\(rows).csv", rows: rows)
// SwiftCSV is so slow that it gets a tenth of the rows.
let small = try ContactFile(path: "\(folder)/contacts-\(rows / 10).csv", rows: rows / 10)

struct Contestant {
    let name: String
    let file: ContactFile
    let run: () throws -> Double?
}

func timed(_ name: String, _ file: ContactFile, _ body: @escaping (String) throws -> Int) -> Contestant {
    Contestant(name: name, file: file) {
        var found = 0
        let seconds = try InProcess.seconds { found = try body(file.path) }
        return found > 0 ? seconds : nil
    }
}

let wanted = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : ""
let contestants = [
    timed("Rollcall, cell ranges", large, InProcess.ranges),
    timed("Rollcall, all Strings", large, InProcess.strings),
    timed("libcsv", large, InProcess.libcsv),
    Contestant(name: "DuckDB, one thread", file: large) { try OtherPrograms.python(OtherPrograms.duckDB, large.path) },
    Contestant(name: "Python csv", file: large) { try OtherPrograms.python(OtherPrograms.pythonCSV, large.path) },
    Contestant(name: "Miller", file: large) { try OtherPrograms.miller(large.path) },
    timed("SwiftCSV", small, InProcess.swiftCSV),
].filter { wanted.isEmpty || $0.name.contains(wanted) }

var rates: [String: [Double]] = [:]
for _ in 0..<rounds {
    for contestant in contestants {
        guard let seconds = try contestant.run() else { continue }
        rates[contestant.name, default: []].append(Double(contestant.file.bytes) / seconds / 1e9)
    }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

let best = median(rates["Rollcall, cell ranges"] ?? [1])
let rowBytes = Double(large.bytes) / Double(rows)
for contestant in contestants {
    guard let rate = rates[contestant.name].map(median) else {
        print("\(contestant.name): not installed")
        continue
    }
    let records = rate * 1e9 / rowBytes / 1e6
    print(
        contestant.name.padding(toLength: 24, withPad: " ", startingAt: 0),
        String(format: "%7.3f GB/s  %6.2f M records/s  ranges are %6.1f times as fast", rate, records, best / rate))
}
print("Largest memory of this process, SwiftCSV's included: \(Memory.peakMegabytes) MiB")
