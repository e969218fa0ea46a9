#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a byte stands in a text, one place after the other, found by the C library's fastest way.
struct BytePlaces: Sequence, IteratorProtocol {
    private let text: ArraySlice<UInt8>
    private let byte: UInt8
    private var at: Int

    fileprivate init(of byte: UInt8, in text: ArraySlice<UInt8>) {
        self.text = text
        self.byte = byte
        at = text.startIndex
    }

    mutating func next() -> Int? {
        let found = text[at...].withUnsafeBytes { rest -> Int? in
            guard let start = rest.baseAddress, let place = memchr(start, Int32(byte), rest.count) else { return nil }
            return at + (UnsafeRawPointer(place) - start)
        }
        at = found.map { $0 + 1 } ?? text.endIndex
        return found
    }
}

extension RandomAccessCollection<UInt8> where SubSequence == ArraySlice<UInt8> {
    func places(of byte: UInt8) -> BytePlaces { BytePlaces(of: byte, in: self[...]) }
}
