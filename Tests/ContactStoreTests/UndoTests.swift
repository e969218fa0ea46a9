import ContactStore
import Contacts
import Foundation
import Testing

@Suite("Undoing an ingest") struct UndoTests {
    let temporary: TemporaryStore
    var store: ContactStore { temporary.store }

    init() throws { temporary = try TemporaryStore() }

    /// Applies `contacts` as an ingest of its own and settles it.
    private func deliver(_ contacts: [Contact], sha256: [UInt8]? = nil) throws -> UUID {
        let ingest = IngestRecord.any(sha256: sha256)
        _ = try store.apply(contacts.placed, batch: 0, of: ingest, conflicts: .refuse)
        try store.record(ingest, outcome: IngestOutcome(status: .accepted, code: 200, detail: ""))
        return ingest.id
    }

    @discardableResult
    private func undo(_ ingest: UUID) throws -> UndoResult {
        try store.undo(ingest, as: .any()) { _ in IngestOutcome(status: .accepted, code: 200, detail: "undone") }
    }

    private func contacts() throws -> [StoredContact] { try store.contacts(campaign: "spring", limit: 100, offset: 0) }

    @Test("What it brought is gone, what it changed is as it was, to the last field")
    func puts() throws {
        var full = Contact.make(external: "a", data: #"{"n":1}"#, timezone: "UTC", at: 5)
        full.overrides = AgentOverrides()
        full.overrides?.agentID = "one"
        _ = try deliver([full, .make(external: "b"), .make(external: "c")])
        let before = try contacts()
        var changed = Contact.make(external: "a", phone: "+14155550199", data: "{}", timezone: "Europe/Paris", at: 6)
        changed.overrides = AgentOverrides()
        changed.overrides?.agentID = "two"
        let second = try deliver([changed, .make(external: "b"), .make(external: "new"), .make()])
        #expect(try undo(second) == UndoResult(removed: 2, restored: 1))
        #expect(try contacts() == before)
        #expect(try store.ingest(second)?.undoneBy != nil)
    }

    @Test("External IDs that two contacts exchanged are given back; one that a new contact took over keeps an undo out")
    func exchanged() throws {
        _ = try deliver([.make(external: "a"), .make(external: "b")])
        let before = try contacts()
        let (a, b) = (before[0].id, before[1].id)
        let moved = try deliver([.make(id: a, external: "x")])
        let taken = try deliver([.make(external: "a")])
        #expect(throws: UndoRefused.self) { try undo(moved) }
        #expect(try undo(taken) == UndoResult(removed: 1, restored: 0))
        #expect(try undo(moved) == UndoResult(removed: 0, restored: 1))
        let swap = [try deliver([.make(id: a, external: "t")]), try deliver([.make(id: b, external: "a")])]
        for ingest in swap.reversed() { try undo(ingest) }
        #expect(try contacts() == before)
    }

    @Test("The same bytes may be delivered again afterwards")
    func again() throws {
        let first = try deliver([.make(external: "a")], sha256: [1])
        #expect(try store.acceptedIngest(sha256: [1], campaign: "spring", except: UUID()) == first)
        try undo(first)
        #expect(try store.acceptedIngest(sha256: [1], campaign: "spring", except: UUID()) == nil)
    }

    enum Obstacle: CaseIterable {
        case laterFile, dialler, undone, unknown, changedNothing, forgotten
    }

    @Test("It is refused, and nothing changes", arguments: Obstacle.allCases)
    func refused(by obstacle: Obstacle) throws {
        _ = try deliver([.make(external: "a")])
        var ingest = try deliver([.make(external: "a", phone: "+14155550102"), .make(external: "b")])
        switch obstacle {
        case .laterFile: _ = try deliver([.make(external: "b", phone: "+14155550103")])
        case .dialler: _ = try store.next(campaign: "spring", limit: 1, lease: .seconds(60))
        case .undone: try undo(ingest)
        case .unknown: ingest = UUID()
        case .changedNothing: ingest = try deliver([.make(external: "a", phone: "+14155550102")])
        case .forgotten: try store.forgetImages(before: .max)
        }
        let before = try contacts()
        #expect(throws: UndoRefused.self) { try undo(ingest) }
        #expect(try contacts() == before)
    }

    @Test("A store that keeps no before-images refuses to undo updates, and still undoes what was brought")
    func withoutImages() throws {
        let bare = try ContactStore(at: temporary.path, keepsImages: false)
        func deliver(_ contact: Contact) throws -> UUID {
            let ingest = IngestRecord.any()
            _ = try bare.apply([contact].placed, batch: 0, of: ingest, conflicts: .refuse)
            try bare.record(ingest, outcome: IngestOutcome(status: .accepted, code: 200, detail: ""))
            return ingest.id
        }
        let brought = try deliver(.make(external: "a"))
        let changed = try deliver(.make(external: "a", phone: "+14155550102"))
        #expect(throws: UndoRefused.self) { try undo(changed) }
        #expect(throws: UndoRefused.self) { try undo(brought) }
        #expect(try undo(deliver(.make(external: "b"))) == UndoResult(removed: 1, restored: 0))
    }
}
