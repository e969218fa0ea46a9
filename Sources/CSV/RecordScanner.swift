internal import CBlockMask

/// Finds the cells of one record in UTF-8 bytes. The bytes must be followed by ``ByteWindow/padding`` readable ones.
/// Offsets in the ranges count from the record's start.
struct RecordScanner: ~Copyable {
    private(set) var ranges: UnsafeMutablePointer<FieldRange>
    private var capacity = 256

    init() { ranges = .allocate(capacity: capacity) }

    deinit { ranges.deallocate() }

    /// Scans the record at `start`. Gives nil when it needs bytes past `limit` to tell where the record ends, which
    /// cannot happen when `isFinal`.
    mutating func scan(
        _ bytes: UnsafePointer<UInt8>, from start: Int, limit: Int, isFinal: Bool, rules: QuoteRules
    ) -> ScannedRecord? {
        var record = ScannedRecord()
        var field = start
        if start < limit, rules.startsSpecially(bytes[start], at: start) {
            guard scanSpecialCells(bytes, from: start, at: &field, limit: limit, isFinal: isFinal, rules, &record)
            else { return nil }
            if record.next >= 0 { return record }
        }
        let delimiter = rules.delimiter
        var holdsOthers = false
        var block = field
        while block < limit {
            // Bit by bit, a loop over the hits is left once in 64 bytes; byte by byte, it would be mispredicted at every cell.
            var hits = block_mask(bytes + block, delimiter, &holdsOthers)
            if limit &- block < 64 { hits &= ~(~0 &<< UInt64(truncatingIfNeeded: limit &- block)) }
            reserve(record.count &+ 64)
            // Locals stay in registers.
            var (ranges, count) = (ranges, record.count)
            while hits != 0 {
                let at = block &+ hits.trailingZeroBitCount
                hits &= hits &- 1
                let byte = bytes[at]
                if byte == delimiter {
                    ranges[count] = FieldRange(field &- start, at &- start)
                    count &+= 1
                    field = at &+ 1
                    guard rules.mayStartSpecially(bytes[field]), rules.startsSpecially(bytes[field], at: field) else { continue }
                    record.count = count
                    guard scanSpecialCells(bytes, from: start, at: &field, limit: limit, isFinal: isFinal, rules, &record)
                    else { return nil }
                    if record.next >= 0 { return Self.marked(record, holdsOthers) }
                    count = record.count
                    reserve(count &+ 64)
                    ranges = self.ranges
                    hits = field &- block < 64 ? hits & (~0 &<< UInt64(truncatingIfNeeded: field &- block)) : 0
                } else if byte == 0x0A || byte == 0x0D {
                    guard let next = Self.lineEnd(bytes, at: at, limit: limit, isFinal: isFinal) else { return nil }
                    ranges[count] = FieldRange(field &- start, at &- start)
                    record.count = count &+ 1
                    record.next = next
                    return Self.marked(record, holdsOthers)
                } else if byte == 0 {
                    record.traits.insert(.zeros)
                }
            }
            record.count = count
            block = max(block &+ 64, field)
        }
        guard isFinal else { return nil }
        append(min(field, limit) - start, limit - start, at: record.count)
        record.count += 1
        record.next = limit
        return Self.marked(record, holdsOthers)
    }

    @inline(__always)
    private static func marked(_ record: ScannedRecord, _ holdsOthers: Bool) -> ScannedRecord {
        guard holdsOthers else { return record }
        var marked = record
        marked.traits.insert(.nonASCII)
        return marked
    }

    /// Scans cells at `field` that start with a quote, or with a space that belongs to the delimiter, up to one that does
    /// neither, where it leaves `field`; or up to the record's end: then it sets `record.next`. False: more bytes are needed.
    private mutating func scanSpecialCells(
        _ bytes: UnsafePointer<UInt8>, from start: Int, at field: inout Int, limit: Int, isFinal: Bool,
        _ rules: QuoteRules, _ record: inout ScannedRecord
    ) -> Bool {
        while field < limit, rules.startsSpecially(bytes[field], at: field) {
            if rules.skipsSpace, bytes[field] == 0x20 {
                field += 1
                guard field < limit, rules.isQuote(bytes[field], at: field) else { return true }
            }
            guard let cell = rules.scanCell(bytes, open: field, limit: limit, isFinal: isFinal) else { return false }
            record.traits.formUnion(cell.traits)
            record.innerBreaks += cell.breaks
            append(
                field + 1 - start, cell.end - start, at: record.count,
                bit: cell.traits.contains(.escaped) ? FieldRange.escapedBit : 0)
            record.count += 1
            field = cell.next
            guard field < limit, bytes[field] == rules.delimiter else {
                guard let next = Self.lineEnd(bytes, at: field, limit: limit, isFinal: isFinal) else { return false }
                record.next = next
                return true
            }
            field += 1
        }
        return true
    }

    @inline(__always)
    private mutating func append(_ start: Int, _ end: Int, at index: Int, bit: UInt32 = 0) {
        reserve(index &+ 1)
        ranges[index] = FieldRange(start, end, bit: bit)
    }

    @inline(__always)
    private mutating func reserve(_ count: Int) {
        if count > capacity { grow() }
    }

    @inline(never)
    private mutating func grow() {
        let wider = UnsafeMutablePointer<FieldRange>.allocate(capacity: capacity * 2)
        wider.update(from: ranges, count: capacity)
        ranges.deallocate()
        ranges = wider
        capacity *= 2
    }

    /// Where the next line starts when one ends at `position`; nil when a CR there may have its LF past `limit`.
    @inline(__always)
    static func lineEnd(_ bytes: UnsafePointer<UInt8>, at position: Int, limit: Int, isFinal: Bool) -> Int? {
        if position >= limit { return isFinal ? limit : nil }
        if bytes[position] == 0x0A { return position &+ 1 }
        if position &+ 1 >= limit { return isFinal ? limit : nil }
        return bytes[position &+ 1] == 0x0A ? position &+ 2 : position &+ 1
    }
}
