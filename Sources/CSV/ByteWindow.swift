/// A sliding piece of the file as UTF-8: what lies before `start` is done with, what lies past `end` is not read yet.
/// `padding` zero bytes follow `end`, so a scanner may load whole blocks near it.
struct ByteWindow: ~Copyable {
    static let chunk = 1 << 18
    static let padding = 128

    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    var start = 0
    private(set) var end = 0
    /// Whether nothing comes after `end`.
    private(set) var isFinal = false

    private var input: ByteInput
    private var decoder: TextDecoder?
    private let scratch: UnsafeMutablePointer<UInt8>

    init(_ input: ByteInput) {
        self.input = input
        capacity = Self.chunk
        base = .allocate(capacity: capacity + Self.padding)
        base.initialize(repeating: 0, count: Self.padding)
        scratch = .allocate(capacity: Self.chunk)
    }

    deinit {
        base.deallocate()
        scratch.deallocate()
    }

    /// Turns what was read so far, and all that follows, from `encoding` into UTF-8.
    mutating func decode(from encoding: CSVEncoding) throws(CSVError) {
        guard encoding != .utf8 else { return }
        decoder = TextDecoder(encoding)
        let raw = Array(UnsafeBufferPointer(start: base + start, count: end - start))
        let wasFinal = isFinal
        (start, end) = (0, 0)
        reserve(decoder?.longestOutput(for: raw.count) ?? 0)
        raw.withUnsafeBufferPointer { append(decoding: $0, isLast: wasFinal) }
    }

    /// Reads one more chunk behind what is there, moving it to the front first. Grows when there is no room.
    mutating func fill() throws(CSVError) {
        guard !isFinal else { return }
        compact()
        if decoder == nil {
            reserve(min(Self.chunk, max(Self.chunk / 4, capacity - end)))
            let got = try input.read(into: base + end, count: capacity - end)
            end += got
            isFinal = got == 0
        } else {
            let got = try input.read(into: scratch, count: Self.chunk)
            reserve(decoder?.longestOutput(for: got) ?? 0)
            append(decoding: UnsafeBufferPointer(start: scratch, count: got), isLast: got == 0)
        }
        (base + end).update(repeating: 0, count: Self.padding)
    }

    /// Drops a byte that ends nothing: DOS wrote 0x1A behind the last line.
    mutating func dropLastByte() {
        end -= 1
        (base + end).update(repeating: 0, count: Self.padding)
    }

    private mutating func append(decoding raw: UnsafeBufferPointer<UInt8>, isLast: Bool) {
        end += decoder?.decode(raw, to: base + end, isLast: isLast) ?? 0
        isFinal = isLast
        (base + end).update(repeating: 0, count: Self.padding)
    }

    private mutating func compact() {
        guard start > 0 else { return }
        base.update(from: base + start, count: end - start)
        end -= start
        start = 0
    }

    private mutating func reserve(_ room: Int) {
        guard capacity - end < room else { return }
        let wider = max(capacity * 2, end + room)
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: wider + Self.padding)
        new.initialize(from: base, count: end)
        base.deallocate()
        (base, capacity) = (new, wider)
    }
}
