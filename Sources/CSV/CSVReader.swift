/// Reads a CSV file record by record. It finds encoding, dialect and header by itself (see ``format``), keeps memory flat
/// whatever the file's size, and never crashes on any bytes.
public struct CSVReader: ~Copyable {
    /// How the file is written, as found or told.
    public internal(set) var format: CSVFormat
    /// The columns; `Column 1`, … for a file without a header.
    public internal(set) var header: [CSVColumn]

    let options: CSVOptions
    var window: ByteWindow
    var scanner = RecordScanner()
    var dialect = Dialect.standard { didSet { rules = QuoteRules(dialect) } }
    var rules = QuoteRules(.standard)
    /// How many cells a row should have; 0 before that is known.
    var width = 0
    /// Where `window.start` lies in the file.
    var position = Position()
    var row = 0
    var log: NoticeLog
    var isFinished = false
    var wasBlank = false
    /// Whether the window's bytes are not the file's own.
    var isDecoded = false
    /// Whether the rest of the line at the window's start belongs to a record that was cut.
    var skipsLine = false

    struct Position: Sendable {
        var line = 1
        var byteOffset = 0
    }

    /// Reads the file behind a descriptor from offset 0, in chunks, whatever its own offset is; the descriptor stays the
    /// caller's to close.
    /// - Throws: ``CSVError`` when the file cannot be read or is nothing that can be read as CSV.
    public init(fileDescriptor: Int32, options: CSVOptions = CSVOptions()) throws(CSVError) {
        try self.init(ByteInput(.descriptor(fileDescriptor)), options: options)
    }

    /// Reads a file's bytes as they are on disk, byte-order mark and all.
    /// - Throws: ``CSVError`` when they are nothing that can be read as CSV.
    public init(bytes: [UInt8], options: CSVOptions = CSVOptions()) throws(CSVError) {
        try self.init(ByteInput(.bytes(bytes)), options: options)
    }

    private init(_ input: ByteInput, options: CSVOptions) throws(CSVError) {
        self.options = options
        window = ByteWindow(input)
        log = NoticeLog(limit: options.maximumNotices)
        header = []
        format = CSVFormat(
            encoding: .utf8, hasByteOrderMark: false, delimiter: 0x2C, quote: .double, escape: .doubled,
            skipsInitialSpace: false, lineEnd: .none, headerLine: nil, reasons: .init(), notices: [])
        try open()
    }

    /// Repairs and remarks so far: the first ``CSVOptions/maximumNotices`` of them.
    public var notices: [CSVNotice] { log.kept }

    /// How many notices there were in all.
    public var noticeCount: Int { log.total }

    /// Reads the next data row into `record`, whose memory is reused.
    /// - Returns: false at the end of the file; `record` is then unchanged.
    /// - Throws: ``CSVError`` `read_failed` when the descriptor cannot be read any more.
    public mutating func next(into record: inout CSVRecord) throws(CSVError) -> Bool {
        guard !isFinished, let scanned = try scanNext() else { return false }
        if isOdd(scanned) { return try deliverOdd(scanned, into: &record) }
        row += 1
        deliver(scanned, into: &record)
        consume(scanned)
        wasBlank = record.isEmpty
        return true
    }

    /// Whether the record needs more than copying: it does not fit the header, or may be the file's last.
    @inline(__always)
    private func isOdd(_ scanned: ScannedRecord) -> Bool {
        scanned.count != width || !scanned.traits.isDisjoint(with: .odd)
            || (window.isFinal && window.end - scanned.next <= 64)
    }

    private mutating func deliverOdd(_ scanned: ScannedRecord, into record: inout CSVRecord) throws(CSVError) -> Bool {
        guard let settled = try settled(scanned) else { return false }
        row += 1
        deliver(settled, into: &record)
        consume(settled.record)
        wasBlank = record.isEmpty
        return true
    }

    /// Reads the rest of the file without keeping any of it.
    /// - Returns: how many more data rows there are that are not empty.
    /// - Throws: ``CSVError`` `read_failed` when the descriptor cannot be read any more.
    public mutating func countRemaining() throws(CSVError) -> Int {
        log.isMuted = true
        defer { log.isMuted = false }
        var count = 0
        while !isFinished, var scanned = try scanNext() {
            if isOdd(scanned) {
                guard let settled = try settled(scanned) else { break }
                scanned = settled.record
                skipsLine = scanned.isCutOff
            }
            row += 1
            let isEmpty = isBlank(scanned)
            if !isEmpty { count += 1 }
            wasBlank = isEmpty
            consume(scanned)
        }
        return count
    }

    /// The record with its quotes settled; nil when it is furniture at the file's end.
    private mutating func settled(_ scanned: ScannedRecord) throws(CSVError) -> SettledRecord? {
        var settled = SettledRecord(record: scanned)
        if scanned.count != width || !scanned.traits.isDisjoint(with: .odd) { settled = try settle(scanned) }
        return isFinished || isTotals(settled.record) ? nil : settled
    }

    /// Scans the record at the window's start, reading on as far as that takes; nil at the end of the file.
    mutating func scanNext() throws(CSVError) -> ScannedRecord? {
        if skipsLine { try skipToLineEnd() }
        while true {
            if window.start < window.end {
                let length = window.end - window.start
                let isCut = length >= options.maximumRecordBytes + 2
                let limit = isCut ? window.start + options.maximumRecordBytes : window.end
                if let found = scanner.scan(
                    window.base, from: window.start, limit: limit, isFinal: window.isFinal && !isCut,
                    rules: rules)
                {
                    return found
                }
                if isCut { return cutRecord(limit: limit) }
            } else if window.isFinal {
                return nil
            }
            try fillWindow()
        }
    }

    /// A record that goes past the limit: what there is of it. The rest of its line is skipped on the way to the next.
    private mutating func cutRecord(limit: Int) -> ScannedRecord? {
        var record = scanner.scan(window.base, from: window.start, limit: limit, isFinal: true, rules: rules)
        record?.traits.insert(.cut)
        return record
    }

    /// Drops what is left of a line that was cut.
    private mutating func skipToLineEnd() throws(CSVError) {
        while true {
            let (end, next) = LineBreaks.lineEnd(window.base, from: window.start, limit: window.end)
            let isWhole = end < window.end && (next < window.end || window.isFinal)
            let text = UnsafeBufferPointer(
                start: window.base + window.start, count: (isWhole ? next : end) - window.start)
            position.byteOffset += TextDecoder.sourceLength(of: text, in: format.encoding)
            window.start = isWhole ? next : end
            if isWhole || window.isFinal { break }
            try fillWindow()
        }
        skipsLine = false
    }

    mutating func fillWindow() throws(CSVError) {
        try window.fill()
        guard window.isFinal, window.end > window.start, window.base[window.end - 1] == 0x1A else { return }
        window.dropLastByte()
        log.add(
            CSVNotice(
                code: "end_of_file_mark", message: "The control character 0x1A at the file's end was ignored."))
    }

    /// Moves past `record`.
    @inline(__always)
    mutating func consume(_ record: ScannedRecord) {
        let length = record.next - window.start
        if !isDecoded {
            position.byteOffset += length
        } else {
            let text = UnsafeBufferPointer(start: window.base + window.start, count: length)
            position.byteOffset += TextDecoder.sourceLength(of: text, in: format.encoding)
        }
        position.line += 1 + record.innerBreaks
        window.start = record.next
    }
}
