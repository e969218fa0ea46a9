import Foundation

/// Readers that are programs of their own. Python times itself, so that its start does not count; Miller's start does.
enum OtherPrograms {
    static let pythonCSV = """
        import csv, sys, time
        start = time.perf_counter()
        cells = 0
        with open(sys.argv[1], newline="", encoding="utf-8") as file:
            for row in csv.reader(file): cells += len(row)
        print(time.perf_counter() - start)
        """

    static let duckDB = """
        import duckdb, sys, time
        connection = duckdb.connect()
        connection.execute("SET threads = 1; SET enable_progress_bar = false")
        start = time.perf_counter()
        connection.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{sys.argv[1]}', all_varchar = true)")
        print(time.perf_counter() - start)
        """

    static func python(_ script: String, _ path: String) throws -> Double? {
        let seconds = try run([ProcessInfo.processInfo.environment["ROLLCALL_PYTHON"] ?? "python3", "-c", script, path])
        return seconds.flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    static func miller(_ path: String) throws -> Double? {
        var output: String?
        let seconds = try InProcess.seconds { output = try run(["mlr", "--icsv", "--ocsv", "nothing", path]) }
        return output.map { _ in seconds }
    }

    /// What a program prints; `nil` when it is not there, or fails.
    private static func run(_ command: [String]) throws -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }
}
