// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "rollcall", path: ".."),
        // What Swift programs read CSV with today.
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        // The C library most programs on Debian read CSV with.
        .systemLibrary(name: "CLibCSV", providers: [.apt(["libcsv-dev"])]),
        .executableTarget(
            name: "CSVBenchmark",
            dependencies: [
                "CLibCSV", .product(name: "CSV", package: "rollcall"), .product(name: "SwiftCSV", package: "SwiftCSV"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "PhoneBenchmark",
            dependencies: [.product(name: "PhoneNumbers", package: "rollcall")],
            swiftSettings: settings),
    ]
)
