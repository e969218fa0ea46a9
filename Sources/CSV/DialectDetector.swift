/// Finds delimiter, quote and escape by cutting a sample with each candidate and measuring how consistent the records are
/// and how much their cells look like something: the idea of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files
/// by detecting row and type patterns" (2019), with the most frequent row length in place of their row patterns.
struct DialectDetector {
    struct Finding: Sendable {
        var dialect: Dialect
        var reasons = CSVFormat.Reasons()
        var notices: [CSVNotice] = []
        /// The sample as the dialect cuts it.
        var table: SampleTable
    }

    struct Candidate {
        var dialect: Dialect
        var score: Double
        var table: SampleTable

        /// Whether quotes open cells time and again and never once close one.
        var quotesFail: Bool { table.broken >= 2 && !table.rows.contains { $0.isQuoted && !$0.isBroken } }
    }

    let sample: [UInt8]
    let length: Int
    let wholeFile: Bool
    let options: CSVOptions
    private let marks: MarkPlaces

    /// - Parameter text: UTF-8; cut at a line's end where the file goes on.
    init(_ text: [UInt8], wholeFile: Bool, options: CSVOptions) {
        sample = text + [UInt8](repeating: 0, count: ByteWindow.padding)
        length = text.count
        self.wholeFile = wholeFile
        self.options = options
        marks = MarkPlaces(text)
    }

    /// Those that programs write: the signs, and the two control characters that are made for it.
    private static let usual: [UInt8] = [",", ";", "\t", "|", "\u{1F}", "\u{01}"].map { UInt8(ascii: $0) }
    private static let unusual: [UInt8] = [":", " ", "^", "~", "#", "&", "*", "!", "%"].map { UInt8(ascii: $0) }

    func detect() -> Finding {
        var ranking = candidates(Self.usual).sorted { $0.score > $1.score }
        if (ranking.first?.score ?? 0) <= DialectScore.mostOfUnusual {
            ranking = (ranking + candidates(Self.unusual)).sorted { $0.score > $1.score }
            let plain = plainCandidate()
            if options.delimiter == nil, plain.score > (ranking.first?.score ?? 0) { ranking.insert(plain, at: 0) }
        }
        guard var best = ranking.first else { return finding(plainCandidate(), rival: nil) }
        best = spaced(best)
        let rival = ranking.dropFirst().first { $0.dialect.delimiter != best.dialect.delimiter && $0.table.width > 1 }
        return finding(best, rival: best.table.width > 1 ? rival : nil)
    }

    /// The cuts by those of some delimiters that the sample holds; a delimiter that was told is the only usual one.
    private func candidates(_ delimiters: [UInt8]) -> [Candidate] {
        let told = options.delimiter.map { delimiters == Self.usual ? [$0] : [] }
        return (told ?? delimiters.filter(marks.has)).flatMap { delimiter in
            let cut = quotes(delimiter).flatMap { quote in
                escapes(quote).flatMap { written(Dialect(delimiter: delimiter, quote: quote, escape: $0)) }
            }
            return cut.allSatisfy(\.quotesFail) && options.quote == nil
                ? cut + [candidate(Dialect(delimiter: delimiter, quote: nil))] : cut
        }
    }

    /// Apostrophes only where one could open a cell.
    private func quotes(_ delimiter: UInt8) -> [UInt8?] {
        if let told = options.quote { return [told.byte] }
        let quotes: [UInt8?] = [UInt8(ascii: "\"")]
        return marks.apostropheFollows(delimiter) ? quotes + [UInt8(ascii: "'")] : quotes
    }

    private func escapes(_ quote: UInt8?) -> [CSVEscape] {
        if let told = options.escape { return [told] }
        return quote.map(marks.isEscaped) == true ? [.doubled, .backslash] : [.doubled]
    }

    /// The dialect, and with it the same with a space after the delimiter where quoted cells come after one.
    private func written(_ dialect: Dialect) -> [Candidate] {
        let plain = candidate(dialect)
        guard let quote = dialect.quote, dialect.delimiter != 0x20, plain.table.filledRows >= 3 else { return [plain] }
        guard hasHabit(dialect.delimiter, quote) else { return [plain] }
        var spaced = dialect
        spaced.skipsInitialSpace = true
        return [plain, candidate(spaced)]
    }

    /// Whether a space stands between delimiter and quote, twice at least.
    private func hasHabit(_ delimiter: UInt8, _ quote: UInt8) -> Bool {
        var places = sample[..<length].places(of: quote).lazy
            .filter { $0 >= 2 && sample[$0 - 1] == 0x20 && sample[$0 - 2] == delimiter }.makeIterator()
        return places.next() != nil && places.next() != nil
    }

    private func candidate(_ dialect: Dialect) -> Candidate {
        let table = SampleTable(sample, length: length, dialect: dialect, wholeFile: wholeFile)
        return Candidate(dialect: dialect, score: DialectScore.of(table, dialect), table: table)
    }

    /// The file as one column. The delimiter is then the comma: a cell that holds one would have been quoted.
    private func plainCandidate() -> Candidate {
        var dialect = Dialect(
            delimiter: options.delimiter ?? UInt8(ascii: ","), quote: options.quote.map(\.byte) ?? UInt8(ascii: "\""),
            escape: options.escape ?? .doubled)
        let commas = SampleTable(sample, length: length, dialect: dialect, wholeFile: wholeFile)
        let lines = SampleTable(
            sample, length: length, dialect: Dialect(delimiter: 0, quote: dialect.quote), wholeFile: wholeFile)
        if commas.width > 1, options.delimiter == nil {
            dialect.delimiter = [0x09, UInt8(ascii: ";"), UInt8(ascii: "|")].first { !marks.has($0) } ?? 0x2C
        }
        return Candidate(dialect: dialect, score: DialectScore.ofOneColumn(lines), table: lines)
    }

    /// The same candidate with the space after each delimiter taken as part of it, where that is how the file is written.
    private func spaced(_ best: Candidate) -> Candidate {
        guard best.table.width > 1, best.dialect.delimiter != 0x20, !best.dialect.skipsInitialSpace else { return best }
        var all = 0, spaced = 0
        for row in best.table.rows {
            for cell in best.table.cells(of: row).dropFirst() where !cell.isEmpty {
                all += 1
                if cell.first == 0x20 { spaced += 1 }
            }
        }
        let isHabit = best.table.filledRows >= 4 && spaced * 100 >= all * 98 && all > 0
        guard isHabit else { return best }
        var dialect = best.dialect
        dialect.skipsInitialSpace = true
        let other = candidate(dialect)
        return other.score >= best.score * 0.999 ? other : best
    }

    private func finding(_ best: Candidate, rival: Candidate?) -> Finding {
        var finding = Finding(dialect: best.dialect, table: best.table)
        finding.reasons = DialectReasons.reasons(best, options: options)
        if let rival, options.delimiter == nil, rival.score >= best.score * 0.8,
            rival.table.fitting == rival.table.filledRows, Self.usual.prefix(4).contains(rival.dialect.delimiter)
        {
            finding.notices.append(
                CSVNotice(
                    code: "ambiguous_dialect",
                    message:
                        "\(DialectReasons.name(best.dialect.delimiter)) and \(DialectReasons.name(rival.dialect.delimiter)) fit as delimiters nearly equally well; the first was taken."
                ))
        }
        return finding
    }
}

/// Which bytes a sample holds, and what stands before its quotes: asked for every candidate.
private struct MarkPlaces {
    private let text: [UInt8]
    private let beforeApostrophe: Set<UInt8>
    private let afterBackslash: Set<UInt8>

    init(_ text: [UInt8]) {
        self.text = text
        beforeApostrophe = Set(text.places(of: UInt8(ascii: "'")).map { $0 > 0 ? text[$0 - 1] : 0x0A })
        afterBackslash = Set(text.places(of: UInt8(ascii: "\\")).compactMap { $0 + 1 < text.count ? text[$0 + 1] : nil })
    }

    func has(_ byte: UInt8) -> Bool { text.places(of: byte).contains { _ in true } }

    func isEscaped(_ quote: UInt8) -> Bool { afterBackslash.contains(quote) }

    func apostropheFollows(_ delimiter: UInt8) -> Bool {
        [delimiter, 0x20, 0x0A, 0x0D].contains { beforeApostrophe.contains($0) }
    }
}
