import Crypto
import SystemPackage

/// SHA-256 of a whole file (FIPS 180-4), read in pieces from its start.
func sha256(of descriptor: FileDescriptor) throws -> [UInt8] {
    var digest = SHA256()
    var offset: Int64 = 0
    try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
        while true {
            let count = try descriptor.read(fromAbsoluteOffset: offset, into: buffer)
            if count == 0 { break }
            digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
        }
    }
    return Array(digest.finalize())
}

extension [UInt8] {
    var hexadecimal: String { map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined() }
}
