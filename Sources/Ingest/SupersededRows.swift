import Contacts

/// Which rows of a file longer than one batch are followed by another row for the same contact.
///
/// Keys are kept as 128-bit hashes: tens of bytes a row, and no chance worth naming that two keys meet.
struct SupersededRows {
    private struct Key: Hashable {
        var high: Int
        var low: Int
    }

    private var lastRow: [Key: UInt32] = [:]
    private var rows: Set<UInt32> = []

    mutating func note(_ batch: [PlacedContact]) {
        for placed in batch {
            let row = UInt32(truncatingIfNeeded: placed.row)
            for key in Self.keys(of: placed.contact) {
                if let earlier = lastRow.updateValue(row, forKey: key), earlier != row { rows.insert(earlier) }
            }
        }
    }

    /// Forgets the keys, which are the most of it: every row has been noted.
    mutating func settle() { lastRow = [:] }

    /// The batch without the rows that a later row of the file replaces.
    func current(_ batch: [PlacedContact]) -> [PlacedContact] {
        rows.isEmpty ? batch : batch.filter { !rows.contains(UInt32(truncatingIfNeeded: $0.row)) }
    }

    private static func keys(of contact: Contact) -> [Key] {
        [contact.id.map { hash($0, 0) }, contact.externalID.map { hash($0, 1) }].compactMap(\.self)
    }

    private static func hash(_ value: some Hashable, _ kind: UInt8) -> Key {
        func half(_ seed: UInt8) -> Int {
            var hasher = Hasher()
            hasher.combine(seed)
            hasher.combine(kind)
            hasher.combine(value)
            return hasher.finalize()
        }
        return Key(high: half(0), low: half(1))
    }
}
