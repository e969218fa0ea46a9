/// The patterns of international and national prefixes, as programs that prefer the first alternative that matches.
/// Priority matters (`0|180020` or `00(?:1\d)?`), so an automaton that finds the longest match would be wrong.
struct PrefixPrograms: Sendable {
    /// The text that a program consumed, and its last group if that took part.
    struct Match {
        var end: Int
        var group: Range<Int>?
    }

    private struct Program: BitwiseCopyable {
        let start: Int
        let firstDigits: Int
        let matchesEmpty: Bool
    }

    private struct Instruction: BitwiseCopyable {
        let kind: Int
        let argument: Int
        let next: Int
    }

    private struct Pending {
        var instruction: Int
        var position: Int
        var groupStart: Int
        var groupEnd: Int

        var group: Range<Int>? {
            groupStart >= 0 && groupEnd >= groupStart ? groupStart..<groupEnd : nil
        }
    }

    /// Room for the alternatives that wait; the generator refuses a pattern that needs more.
    private static let pendingLimit = 32
    private let programs: ConstantArray<Program>
    private let code: ConstantArray<Instruction>

    init(_ reader: inout BlobReader) {
        var programs: [Program] = []
        for _ in 0..<reader.next() {
            programs.append(
                Program(start: reader.next(), firstDigits: reader.next(), matchesEmpty: reader.next() != 0))
        }
        var code: [Instruction] = []
        for _ in 0..<reader.next() {
            code.append(Instruction(kind: reader.next(), argument: reader.next(), next: reader.next()))
        }
        self.programs = ConstantArray(programs)
        self.code = ConstantArray(code)
    }

    /// Matches a program at the start of `digits`. Program 0 never matches.
    func match(_ number: Int, _ digits: UnsafeBufferPointer<UInt8>) -> Match? {
        guard number != 0 else { return nil }
        let program = programs[number]
        guard program.matchesEmpty || digits.first.map({ program.firstDigits >> Int($0) & 1 != 0 }) ?? false
        else { return nil }
        return withUnsafeTemporaryAllocation(of: Pending.self, capacity: Self.pendingLimit) { pending in
            run(program, digits, pending)
        }
    }

    private func run(
        _ program: Program, _ digits: UnsafeBufferPointer<UInt8>, _ pending: UnsafeMutableBufferPointer<Pending>
    ) -> Match? {
        var waiting = 0
        var at = Pending(instruction: program.start, position: 0, groupStart: -1, groupEnd: -1)
        while true {
            let instruction = code[at.instruction]
            var failed = false
            at.instruction = instruction.next
            switch instruction.kind {
            case 0:
                if at.position < digits.count, instruction.argument >> Int(digits[at.position]) & 1 != 0 {
                    at.position += 1
                } else {
                    failed = true
                }
            case 1:
                guard waiting < pending.count else { return nil }
                pending[waiting] = at
                waiting += 1
                at.instruction = instruction.argument
            case 2 where instruction.argument == 0: at.groupStart = at.position
            case 2: at.groupEnd = at.position
            case 3: failed = at.position != digits.count
            default: return Match(end: at.position, group: at.group)
            }
            if failed {
                guard waiting > 0 else { return nil }
                waiting -= 1
                at = pending[waiting]
            }
        }
    }
}
