import ArgumentParser
import CSV
import Foundation

/// `rollcall csv`: the CSV reader alone, without campaign or store.
struct CSVCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "csv", abstract: "Look at a CSV file as Rollcall reads it, or rewrite it plainly.",
        subcommands: [Normalize.self, Detect.self])
}

extension CSVCommand {
    struct Normalize: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rewrite any CSV file as UTF-8 with commas, double quotes and LF, the header first.",
            discussion: """
                Encoding, delimiter, quotes and header are found by themselves. The header's names stay as they are written; a file \
                without a header gets none. Rows keep as many cells as they have; blank lines, lines before the header and notes \
                below the data are left out. An empty file gives an empty file.

                Repairs and rows with defects are listed on standard error. The exit code is 0 when OUT was written, also with \
                defects, and 65 when the file is refused: then OUT is not written and the last line says why and what to do.
                """)

        @Argument(help: "The file to read.") var input: String
        @Argument(help: "The file to write; - for standard output.") var output: String
        @OptionGroup var hints: CSVHints
        @Flag(help: "Say nothing about repairs.") var quiet = false

        func run() throws {
            let written = try refusing { try CSVNormalizer(input: input, hints: hints, isQuiet: quiet).run() }
            if output == "-" {
                FileHandle.standardOutput.write(Data(written))
            } else {
                try Data(written).write(to: URL(fileURLWithPath: output))
            }
        }
    }

    struct Detect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how a CSV file is written, as JSON.",
            discussion: """
                Prints encoding, delimiter, quote (empty: none), escape, line end, header line (null: none), columns, the reason for \
                each, and what was noticed. The exit code is 65 when the file is refused.
                """)

        @Argument(help: "The file to read.") var input: String
        @OptionGroup var hints: CSVHints

        func run() throws {
            let report = try refusing { try DetectReport(input: input, hints: hints) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        }
    }
}

/// What a person knows of the file already.
struct CSVHints: ParsableArguments {
    @Option(help: "The encoding: utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, iso-8859-15 or macroman.")
    var encoding: String?
    @Option(help: "The delimiter: one character, or 'tab'.") var delimiter: String?
    @Option(help: "The quote character, or 'none'.") var quote: String?
    @Flag(inversion: .prefixedNo, help: "Whether the first row is a header.") var header: Bool?

    func options() throws -> CSVOptions {
        var options = CSVOptions()
        options.allowsMissingHeader = true
        options.hasHeader = header
        if let encoding {
            guard let known = CSVEncoding(name: encoding) else {
                throw ValidationError("--encoding \(encoding) is not one that can be read.")
            }
            options.encoding = known
        }
        if let delimiter { options.delimiter = try byte(delimiter == "tab" ? "\t" : delimiter, "--delimiter") }
        if let quote { options.quote = quote == "none" ? CSVQuote.none : .character(try byte(quote, "--quote")) }
        return options
    }

    private func byte(_ text: String, _ name: String) throws -> UInt8 {
        guard text.utf8.count == 1, let byte = text.utf8.first, byte != 0x0A, byte != 0x0D, byte < 0x80 else {
            throw ValidationError("\(name) takes one ASCII character.")
        }
        return byte
    }
}

/// Runs `body`; a refused file becomes exit code 65 (EX_DATAERR) and two sentences on standard error.
private func refusing<T>(_ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch let error as CSVError {
        CSVInput.complain("\(error.code): \(error.message) \(error.hint)")
        throw ExitCode(65)
    }
}
