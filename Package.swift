// swift-tools-version: 6.2
import PackageDescription

var settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
// For CI alone: a newer compiler's new warning must not stop anybody's build.
if Context.environment["WARNINGS_AS_ERRORS"] != nil {
    settings.append(.treatAllWarnings(as: .error))
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
// The handles under GRDB's statements, for those that run once a row.
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metricsCore = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "rollcall",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "rollcall", targets: ["rollcall"]),
        .executable(name: "rollcall-watch", targets: ["rollcall-watch"]),
        .library(name: "CSV", targets: ["CSV"]),
        .library(name: "PhoneNumbers", targets: ["PhoneNumbers"]),
    ],
    dependencies: [
        // SQLite with migrations, prepared statements and one serialised writer.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Commands, flags, help pages and shell completions.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Settings layered from flags, environment and a YAML file.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        // The parser under swift-configuration's YAML, asked directly for the keys that nobody asks for.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // SHA-256 of every delivered file.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // The one logging front of the service and its libraries.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // SIGTERM as a graceful shutdown of the running service.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // File paths that keep their bytes, whatever their encoding, and typed errno values.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // The one front for figures that the service and its libraries measure.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // Sends notices to webhooks, over TLS without a library of the system's.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // The bytes and headers that async-http-client takes.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // Starts rollcall-watch and talks to it over pipes.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // One header with the vector instructions that Swift does not reach.
        .systemLibrary(name: "CBlockMask", path: "Sources/CSV/CBlockMask"),
        .target(name: "CSV", dependencies: ["CBlockMask"], exclude: ["CBlockMask", "CSV.docc"], swiftSettings: settings),
        .target(
            name: "PhoneNumbers",
            exclude: ["README.md"]
                + ["automata.py", "generate.py", "lexical.py", "plans.py", "requirements.txt"].map { "Metadata/\($0)" },
            swiftSettings: settings),
        .target(name: "Contacts", dependencies: ["PhoneNumbers"], swiftSettings: settings),
        .systemLibrary(name: "CLinux", path: "Sources/Spool/CLinux"),
        .target(
            name: "Spool", dependencies: ["CLinux", logging, subprocess, systemPackage], exclude: ["CLinux", "Spool.docc"],
            swiftSettings: settings),
        .target(name: "ContactStore", dependencies: ["Contacts", "PhoneNumbers", grdb, sqlite], swiftSettings: settings),
        .target(
            name: "Ingest",
            dependencies: ["CSV", "ContactStore", "Contacts", "PhoneNumbers", "Spool", crypto, logging, metricsCore, systemPackage],
            swiftSettings: settings),
        // GPL-2.0-only, and the only thing that links libinotifytools (Debian: libinotifytools0-dev).
        .executableTarget(
            name: "rollcall-watch", exclude: ["LICENSE", "README.md"],
            linkerSettings: [.linkedLibrary("inotifytools")]),
        .executableTarget(
            name: "rollcall",
            dependencies: [
                "CSV", "ContactStore", "Contacts", "Ingest", "PhoneNumbers", "Spool",
                argumentParser, configuration, crypto, httpClient, nioCore, nioHTTP, lifecycle, logging, metricsCore, subprocess, systemPackage, yams,
            ],
            exclude: ["rollcall.docc"],
            swiftSettings: settings),
        .testTarget(name: "CSVTests", dependencies: ["CSV"], swiftSettings: settings),
        .testTarget(name: "PhoneNumbersTests", dependencies: ["PhoneNumbers"], exclude: ["Differential", "Metadata"], swiftSettings: settings),
        .testTarget(name: "ContactsTests", dependencies: ["Contacts", "PhoneNumbers"], swiftSettings: settings),
        .testTarget(
            name: "SpoolTests", dependencies: ["Spool", "rollcall-watch", logging, subprocess, systemPackage], exclude: ["ftp.py"],
            swiftSettings: settings),
        .testTarget(
            name: "ContactStoreTests", dependencies: ["ContactStore", "Contacts", "PhoneNumbers", grdb],
            swiftSettings: settings),
        .testTarget(
            name: "IngestTests",
            dependencies: ["ContactStore", "Contacts", "Ingest", "PhoneNumbers", "Spool", metricsCore, systemPackage],
            swiftSettings: settings),
        .testTarget(
            name: "rollcallTests", dependencies: ["Contacts", "ContactStore", "Ingest", "rollcall", logging, metricsCore, systemPackage],
            swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests", dependencies: ["rollcall", "rollcall-watch", subprocess, systemPackage],
            exclude: ["powercut.py", "validate.py"], swiftSettings: settings),
    ]
)
