#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where the file's bytes come from, read in order from offset 0.
struct ByteInput: Sendable {
    enum Origin: Sendable {
        case descriptor(Int32)
        case bytes([UInt8])
    }

    let origin: Origin
    private(set) var offset = 0

    init(_ origin: Origin) { self.origin = origin }

    /// Reads up to `count` bytes to `target`. Gives how many; 0 at the end.
    mutating func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws(CSVError) -> Int {
        let got =
            switch origin {
            case .bytes(let bytes): copy(bytes, to: target, count: count)
            case .descriptor(let descriptor): try readDescriptor(descriptor, to: target, count: count)
            }
        offset += got
        return got
    }

    private func copy(_ bytes: [UInt8], to target: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        let got = min(count, bytes.count - offset)
        bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress, got > 0 else { return }
            target.update(from: base + offset, count: got)
        }
        return got
    }

    private func readDescriptor(
        _ descriptor: Int32, to target: UnsafeMutablePointer<UInt8>, count: Int
    ) throws(CSVError) -> Int {
        while true {
            let got = pread(descriptor, target, count, off_t(offset))
            if got >= 0 { return got }
            let code = errno
            if code == EINTR { continue }
            throw CSVError(
                code: "read_failed", message: "The file cannot be read: \(String(cString: strerror(code))).",
                hint: "Check the disk and the file's permissions, then try again.", byteOffset: offset)
        }
    }
}
