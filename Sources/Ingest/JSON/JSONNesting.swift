/// Where one value ends, told by its brackets and quotes alone, whether it is well formed or not.
struct JSONNesting {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// What the value began with has been closed, or something stands next that is no part of it.
    private(set) var hasEnded = false
    /// Line feeds within it.
    private(set) var lineEnds = 0

    /// Goes on to the value's end, or to the end of `bytes`, where the next ones may go on. Returns the position behind.
    mutating func advance(over bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var at = start
        // A property is written back for each byte, a variable is not.
        var depth = depth
        defer { self.depth = depth }
        while at < bytes.count, !hasEnded {
            if isInString {
                at = advanceInString(over: bytes, from: at)
                hasEnded = !isInString && depth == 0
                continue
            }
            switch bytes[at] {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth > 0 { depth -= 1 } else { at -= 1 }
                hasEnded = depth == 0
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0D, 0x0A:
                // A number or a word ends before what follows it.
                hasEnded = depth == 0
                if hasEnded { return at }
                if bytes[at] == 0x0A { lineEnds += 1 }
            default: break
            }
            at += 1
        }
        return at
    }

    private mutating func advanceInString(over bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var at = isEscaped ? start : JSONBytes.firstMark(in: bytes, from: start)
        guard at < bytes.count else { return at }
        let byte = bytes[at]
        at += 1
        if byte == 0x0A { lineEnds += 1 }
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        }
        return at
    }
}
