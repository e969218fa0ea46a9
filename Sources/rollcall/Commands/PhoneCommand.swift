import ArgumentParser
import PhoneNumbers

/// `rollcall phone`: explains numbers given as arguments, or filters numbers from standard input.
struct PhoneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phone",
        abstract: "Explain a phone number, or turn a stream of numbers into E.164.",
        discussion: """
            With NUMBER arguments, each is read as a cell of a contact file would be: its E.164 form, region and type; or \
            the rule that refuses it and what to do about it. The exit code is 1 if any is refused.

            Without arguments, lines from standard input are parsed exactly as libphonenumber parses them, one answer line \
            each, in order:

              in:   region<TAB>number           out:   E.164<TAB>            for a valid number
                                                       <TAB>reason           for any other

            A line without a tab is a number of the region given by --region. An empty or unknown region admits only \
            numbers with a plus. With --cells, the lines are read as cells: damage done by spreadsheets is repaired.
            """)

    @Option(
        name: .shortAndLong, help: "Region of numbers without a calling code, such as US.",
        transform: { text in
            guard let region = RegionCode(text) else { throw ValidationError("'\(text)' is no region. Use a code like US.") }
            return region
        })
    var region: RegionCode?

    @Flag(help: "Filter cells of a contact file instead of plain numbers.")
    var cells = false

    @Argument(help: "Numbers to explain. None: filter standard input.")
    var numbers: [String] = []

    mutating func run() throws {
        if numbers.isEmpty {
            var filter = PhoneFilter(region: region, readsCells: cells)
            try filter.run()
            return
        }
        let explanations = numbers.map { PhoneExplanation(text: $0, region: region) }
        print(explanations.map(\.description).joined(separator: "\n\n"))
        if explanations.contains(where: \.isRefused) { throw ExitCode.failure }
    }
}

/// What there is to say about one number.
struct PhoneExplanation: CustomStringConvertible {
    private let heading: String
    private let rows: [(name: String, value: String)]
    let isRefused: Bool

    init(text: String, region: RegionCode?) {
        do throws(PhoneNumberError) {
            let reading = try PhoneNumber.read(text, region: region)
            heading = reading.number.e164
            rows =
                [
                    ("number", text), ("region", reading.number.region?.description ?? "none, non-geographic"),
                    ("calling code", "+\(reading.number.callingCode)"), ("type", reading.number.type.rawValue),
                ] + reading.notices.map { ("notice", "\($0.code): \($0.message)") }
            isRefused = false
        } catch {
            heading = "refused"
            rows = [
                ("number", text), ("rule", error.code), ("why", error.message(value: text, region: region)),
                ("hint", error.hint(value: text, region: region)),
            ]
            isRefused = true
        }
    }

    var description: String {
        let width = 14
        return heading
            + rows.map { "\n  \($0.name)\(String(repeating: " ", count: width - $0.name.count))\($0.value)" }.joined()
    }
}
