import Contacts

/// The fields of a batch's contacts as SQLite takes them, one behind the other, made beside whoever writes: in the writer's
/// turn it is only told where they lie.
final class ContactTexts: Sendable {
    /// Where a text lies: a delivery's `nil` has no place.
    private struct Place {
        var start: Int
        var count: Int
    }

    private struct Fields {
        var externalID: Place?
        var phoneNumbers: Place
        var data: Place?
        var timezone: Place?
        var scheduledAt: Int64?
    }

    /// Written before there is this object, and never again.
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer
    private let fields: [Fields]
    private let overrides: [Int: AgentOverrides]

    init(_ contacts: Span<PlacedContact>) throws {
        // What most contacts take.
        var room = Room(capacity: contacts.count * 320)
        var isKept = false
        defer { if !isKept { room.base.deallocate() } }
        var fields: [Fields] = []
        fields.reserveCapacity(contacts.count)
        var overrides: [Int: AgentOverrides] = [:]
        for position in contacts.indices {
            fields.append(Fields(
                externalID: room.keep(contacts[position].contact.externalID),
                phoneNumbers: try room.keep(phoneNumbers: contacts[position].contact.phoneNumbers),
                data: room.keep(contacts[position].contact.data), timezone: room.keep(contacts[position].contact.timezone),
                scheduledAt: contacts[position].contact.scheduledAt))
            if let own = contacts[position].contact.overrides { overrides[position] = own }
        }
        memory = room.base
        isKept = true
        self.fields = fields
        self.overrides = overrides
    }

    deinit { memory.deallocate() }

    func hasExternalID(_ position: Int) -> Bool { fields[position].externalID != nil }

    func hasOverrides(_ position: Int) -> Bool { !overrides.isEmpty && overrides[position] != nil }

    private func text(_ place: Place) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory + place.start, count: place.count)
    }
}

extension ContactTexts {
    /// Memory that grows as texts come in.
    private struct Room {
        private(set) var base: UnsafeMutableRawPointer
        private var capacity: Int
        private var used = 0

        init(capacity: Int) {
            self.capacity = max(1, capacity)
            base = .allocate(byteCount: self.capacity, alignment: 1)
        }

        mutating func keep(_ text: borrowing String?) -> Place? {
            guard var text = copy text else { return nil }
            return text.withUTF8 { keep($0) }
        }

        mutating func keep(phoneNumbers: [String]) throws -> Place {
            try JSONText.withPhoneNumbers(phoneNumbers) { keep($0) }
        }

        private mutating func keep(_ text: UnsafeBufferPointer<UInt8>) -> Place {
            if text.count > capacity - used { grow(for: text.count) }
            if let start = text.baseAddress { (base + used).copyMemory(from: start, byteCount: text.count) }
            defer { used += text.count }
            return Place(start: used, count: text.count)
        }

        private mutating func grow(for count: Int) {
            capacity = max(2 * capacity, used + count)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 1)
            larger.copyMemory(from: base, byteCount: used)
            base.deallocate()
            base = larger
        }
    }
}

extension ContactTexts {
    /// Ten parameters from `first` on: the fields that a delivery may carry; those that it does not are left as they are. Five,
    /// without the overrides, where it has none. The texts must outlive the statement's run.
    func bind(_ position: Int, to statement: RowStatement, from first: Int32) throws {
        let own = fields[position]
        if let externalID = own.externalID { try statement.bind(kept: text(externalID), at: first) }
        try statement.bind(kept: text(own.phoneNumbers), at: first + 1)
        if let data = own.data { try statement.bind(kept: text(data), at: first + 2) }
        if let timezone = own.timezone { try statement.bind(kept: text(timezone), at: first + 3) }
        try statement.bind(own.scheduledAt, at: first + 4)
        guard !overrides.isEmpty, let overrides = overrides[position] else { return }
        try statement.bind(overrides.agentID, at: first + 5)
        try statement.bind(overrides.agentConfig, at: first + 6)
        try statement.bind(overrides.agentNumber, at: first + 7)
        try statement.bind(overrides.agentVersion, at: first + 8)
        try statement.bind(overrides.initialContext, at: first + 9)
    }
}
