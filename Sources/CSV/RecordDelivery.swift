/// From a settled record's ranges to the caller's record: text unescaped, sound UTF-8, and what is wrong with the row.
extension CSVReader {
    /// Delivers a record that was settled, with what was said of it.
    mutating func deliver(_ settled: SettledRecord, into record: inout CSVRecord) {
        deliver(settled.record, into: &record, dialect: settled.dialect ?? dialect, reading: settled.reading)
        if let trouble = settled.repair { add(trouble.code, trouble.message, to: record) }
        if let trouble = settled.defect {
            record.defect = CSVDefect(
                code: trouble.code, message: trouble.message, hint: trouble.hint, byteOffset: record.byteOffset)
        }
        if settled.record.isCutOff { skipsLine = true }
    }

    /// Delivers a record whose quotes are as they should be.
    mutating func deliver(_ scanned: ScannedRecord, into record: inout CSVRecord) {
        deliver(scanned, into: &record, dialect: dialect, reading: .lenient)
    }

    @inline(__always)
    private mutating func deliver(
        _ scanned: ScannedRecord, into record: inout CSVRecord, dialect: Dialect, reading: QuoteReading
    ) {
        record.row = row
        record.line = position.line
        record.byteOffset = position.byteOffset
        record.count = scanned.count
        if record.hasDefect { record.defect = nil }
        record.isEmpty = isBlank(scanned)
        record.isBlankLine = record.isEmpty && scanned.count <= 1 && !scanned.traits.contains(.quoted)
        copyText(scanned, into: &record)
        if !scanned.traits.isDisjoint(with: .toMend) {
            mendText(scanned.traits, in: &record, dialect: dialect, reading: reading)
        }
        if scanned.count != width, width > 0, !record.isEmpty { checkCount(&record) }
        if scanned.next - window.start > options.maximumFieldBytes { checkFieldSizes(&record) }
    }

    @inline(__always)
    private func copyText(_ scanned: ScannedRecord, into record: inout CSVRecord) {
        var length = 0
        if scanned.count > 0 { length = scanner.ranges[scanned.count - 1].cleanEnd }
        if record.bytes.count < length {
            record.bytes = [UInt8](repeating: 0, count: max(length, record.bytes.count * 2, 256))
        }
        if record.ranges.count < scanned.count {
            record.ranges = Array(
                repeating: FieldRange(start: 0, end: 0), count: max(scanned.count, record.ranges.count * 2, 16))
        }
        let source = window.base + window.start
        record.bytes.withUnsafeMutableBufferPointer { target in
            guard let base = target.baseAddress else { return }
            base.update(from: source, count: length)
        }
        let ranges = scanner.ranges
        record.ranges.withUnsafeMutableBufferPointer { target in
            guard let base = target.baseAddress else { return }
            base.update(from: ranges, count: scanned.count)
        }
    }

    private mutating func mendText(
        _ traits: ScannedRecord.Traits, in record: inout CSVRecord, dialect: Dialect, reading: QuoteReading
    ) {
        if traits.contains(.escaped) { resolveEscapes(in: &record, dialect: dialect, reading: reading) }
        if traits.contains(.zeros) { dropZeros(in: &record) }
        if traits.contains(.nonASCII) { checkEncoding(&record) }
    }

    private func resolveEscapes(in record: inout CSVRecord, dialect: Dialect, reading: QuoteReading) {
        for index in 0..<record.count where record.ranges[index].isEscaped {
            let range = record.ranges[index]
            let end = record.bytes.withUnsafeMutableBufferPointer { bytes -> Int in
                guard let base = bytes.baseAddress else { return range.cleanEnd }
                return CellText.unescape(
                    base, from: Int(range.start), to: range.cleanEnd, dialect: dialect, reading: reading)
            }
            record.ranges[index].end = UInt32(truncatingIfNeeded: end)
        }
    }

    private mutating func dropZeros(in record: inout CSVRecord) {
        var dropped = 0
        for index in 0..<record.count {
            let range = record.ranges[index]
            let end = record.bytes.withUnsafeMutableBufferPointer { bytes -> Int in
                guard let base = bytes.baseAddress else { return range.cleanEnd }
                return CellText.dropZeros(base, from: Int(range.start), to: range.cleanEnd)
            }
            dropped += range.cleanEnd - end
            record.ranges[index].end = UInt32(truncatingIfNeeded: end)
        }
        if dropped > 0 { add("nul_bytes_removed", "\(dropped) NUL bytes were removed from this row.", to: record) }
    }

    private mutating func checkCount(_ record: inout CSVRecord) {
        if record.count < width {
            return add(
                "missing_cells", "This row has \(record.count) cells where the header has \(width); the rest are empty.",
                to: record)
        }
        guard let first = (width..<record.count).first(where: { !record.ranges[$0].isBlank(in: record.bytes) }) else {
            return add("extra_empty_cells", "This row has \(record.count - width) empty cells too many.", to: record)
        }
        record.defect = CSVDefect(
            code: "too_many_cells",
            message: "This row has \(record.count) cells where the header has \(width).",
            hint: "Put quotes around a cell that holds the delimiter, or name the column in the header.",
            columnIndex: first, byteOffset: record.byteOffset)
    }

    private func checkFieldSizes(_ record: inout CSVRecord) {
        for index in 0..<record.count {
            let range = record.ranges[index]
            let size = range.cleanEnd - Int(range.start)
            guard size > options.maximumFieldBytes, record.defect == nil else { continue }
            record.defect = CSVDefect(
                code: "field_too_large",
                message: "A cell of \(size) bytes is longer than \(options.maximumFieldBytes).",
                hint: "Shorten the text, or check for a missing quote.", columnIndex: index,
                byteOffset: record.byteOffset + Int(range.start))
        }
    }

    mutating func add(_ code: String, _ message: String, to record: borrowing CSVRecord) {
        let (row, line) = (record.row, record.line)
        log.add(CSVNotice(code: code, message: message, row: row > 0 ? row : nil, line: line))
    }
}

extension FieldRange {
    func isBlank(in bytes: [UInt8]) -> Bool {
        bytes[Int(start)..<max(Int(start), cleanEnd)].allSatisfy { $0 <= 0x20 }
    }
}
