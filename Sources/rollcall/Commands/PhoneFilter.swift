import PhoneNumbers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lines of `region<TAB>number` on standard input to lines of `E.164<TAB>reason` on standard output.
///
/// Everything read at once is answered at once, so a writer that pauses to read the answers gets them.
struct PhoneFilter {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let region: RegionCode?
    let readsCells: Bool

    private static let chunk = 1 << 18
    private static let newline = UInt8(ascii: "\n")
    private static let tab = UInt8(ascii: "\t")

    /// What was read and is not answered yet: the beginning of a line, between chunks.
    private var input: [UInt8] = []
    private var output: [UInt8] = []

    init(region: RegionCode?, readsCells: Bool) {
        self.region = region
        self.readsCells = readsCells
        output.reserveCapacity(2 * Self.chunk)
    }

    /// Runs until the end of the input.
    mutating func run() throws {
        while try fill() {
            answerCompleteLines()
            try flush()
        }
        if !input.isEmpty {
            input.append(Self.newline)
            answerCompleteLines()
            try flush()
        }
    }

    /// Reads the next chunk; `false` at the end of the input.
    private mutating func fill() throws -> Bool {
        let held = input.count
        input.append(contentsOf: repeatElement(0, count: Self.chunk))
        var count = 0
        repeat {
            count = input.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress! + held, Self.chunk) }  // not empty
        } while count < 0 && errno == EINTR
        input.removeLast(Self.chunk - max(count, 0))
        guard count >= 0 else { throw Failure(description: "standard input: \(String(cString: strerror(errno)))") }
        return count > 0
    }

    private mutating func answerCompleteLines() {
        let end = input.withUnsafeBufferPointer { bytes in
            var start = 0
            while let length = UnsafeBufferPointer(rebasing: bytes[start...]).firstIndex(of: Self.newline) {
                answer(UnsafeBufferPointer(rebasing: bytes[start..<start + length]), &output)
                start += length + 1
            }
            return start
        }
        input.removeFirst(end)
    }

    private func answer(_ line: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) {
        var region = region
        var number = line
        if let tab = line.firstIndex(of: Self.tab) {
            region = RegionCode(String(decoding: line[..<tab], as: UTF8.self))
            number = UnsafeBufferPointer(rebasing: line[(tab + 1)...])
        }
        do throws(PhoneNumberError) {
            let valid =
                readsCells
                ? try PhoneNumber.read(utf8: number, region: region).number
                : try PhoneNumber(utf8: number, region: region)
            output.append(contentsOf: valid.e164.utf8)
            output.append(Self.tab)
        } catch {
            output.append(Self.tab)
            output.append(contentsOf: error.code.utf8)
        }
        output.append(Self.newline)
    }

    private mutating func flush() throws {
        var written = 0
        while written < output.count {
            let count = output.withUnsafeBytes { bytes in  // not empty
                write(STDOUT_FILENO, bytes.baseAddress! + written, bytes.count - written)
            }
            if count < 0 {
                guard errno == EINTR else {
                    throw Failure(description: "standard output: \(String(cString: strerror(errno)))")
                }
                continue
            }
            written += count
        }
        output.removeAll(keepingCapacity: true)
    }
}
