import ContactStore
import Contacts
import Foundation
import GRDB
import Testing

@Suite("Statuses and the dialler's queue") struct QueueTests {
    let temporary: TemporaryStore
    var store: ContactStore { temporary.store }

    init() throws { temporary = try TemporaryStore() }

    private func add(_ count: Int, at scheduledAt: Int64? = nil) throws -> [UUID] {
        try temporary.apply((0..<count).map { _ in .make(at: scheduledAt) }).ids
    }

    private func next(_ limit: Int = 10, lease: Duration = .seconds(60), now: Int64 = 1_000_000) throws -> [UUID] {
        try store.next(campaign: "spring", limit: limit, lease: lease, now: now).map(\.id)
    }

    private func status(_ id: UUID) throws -> ContactStatus? { try store.contact(id)?.status }

    @Test("Due contacts come longest due first, then in order of arrival, each once; later ones wait")
    func order() throws {
        let late = try add(1, at: 900_000)
        let now = try add(2)
        let early = try add(1, at: 100)
        _ = try add(1, at: 1_000_001)
        #expect(try next(3) == now + early)
        #expect(try next(3) == late)
        #expect(try next(3) == [])
        #expect(try status(now[0]) == .locked)
    }

    @Test("A lock that runs out returns its contact, one that does not is kept")
    func lease() throws {
        let ids = try add(2)
        #expect(try next(1, lease: .seconds(1), now: 0) == [ids[0]])
        #expect(try next(2, lease: .seconds(60), now: 999) == [ids[1]])
        #expect(try store.statusCounts(campaign: "spring", now: 999)[.locked] == 2)
        #expect(try store.statusCounts(campaign: "spring", now: 1000)[.pending] == 1)
        #expect(try next(2, now: 1000) == [ids[0]])
        #expect(throws: StatusRefused.self) { try store.mark(ids[1], .inProgress, now: 60_999) }
        #expect(try status(ids[1]) == .locked, "a refused change is taken back whole")
    }

    @Test("Nobody is handed out of a paused or closed campaign", arguments: [CampaignStatus.paused, .closed])
    func notActive(status: CampaignStatus) throws {
        let ids = try add(1)
        _ = try store.setStatus(status, of: "spring")
        #expect(try next() == [])
        _ = try store.setStatus(.active, of: "spring")
        #expect(try next() == ids)
        #expect(throws: CampaignUnknown.self) { try store.next(campaign: "nobody", limit: 1, lease: .seconds(1)) }
    }

    /// How to bring a new contact to each status.
    private static let ways: [ContactStatus: [ContactStatus]] = [
        .pending: [], .locked: [.locked], .inProgress: [.locked, .inProgress],
        .completed: [.locked, .inProgress, .completed], .exhausted: [.locked, .inProgress, .exhausted],
        .error: [.locked, .inProgress, .error],
    ]
    private static let allowed: Set<[ContactStatus]> = [
        [.pending, .locked], [.locked, .inProgress], [.locked, .pending], [.inProgress, .pending],
        [.inProgress, .completed], [.inProgress, .exhausted], [.inProgress, .error],
        [.completed, .pending], [.exhausted, .pending], [.error, .pending],
    ]

    private func bring(_ id: UUID, to status: ContactStatus) throws {
        for step in Self.ways[status] ?? [] {
            if step == .locked { #expect(try next(1) == [id]) } else { try store.mark(id, step, now: 0) }
        }
    }

    @Test("Plain SQL and mark follow the same order of statuses", arguments: ContactStatus.allCases, ContactStatus.allCases)
    func transitions(old: ContactStatus, new: ContactStatus) throws {
        let isAllowed = old == new || Self.allowed.contains([old, new])
        let bySQL = try add(1)[0]
        try bring(bySQL, to: old)
        let database = try DatabaseQueue(path: temporary.path)
        let change = Result {
            try database.write { try $0.execute(sql: "UPDATE contact SET status = ? WHERE id = ?", arguments: [new.rawValue, bySQL]) }
        }
        #expect(try status(bySQL) == (isAllowed ? new : old))
        #expect(((try? change.get()) != nil) == isAllowed)
        try database.write { try $0.execute(sql: "UPDATE contact SET scheduled_at = 9000000000000") }

        let marked = try add(1)[0]
        try bring(marked, to: old)
        if isAllowed, new != .locked || old == .locked {
            try store.mark(marked, new, now: 0)
            #expect(try status(marked) == new)
        } else {
            #expect(throws: StatusRefused.self) { try store.mark(marked, new, now: 0) }
            #expect(try status(marked) == old)
        }
    }

    @Test("A later file that updates a contact leaves its status", arguments: ContactStatus.allCases)
    func update(status: ContactStatus) throws {
        let id = try temporary.apply([.make(external: "k")]).ids[0]
        try bring(id, to: status)
        #expect(try temporary.apply([.make(external: "k", phone: "+14155550102")]).outcome.counts == [0, 1, 0, 0])
        #expect(try store.contact(id)?.status == status)
        #expect(try store.contact(id)?.phoneNumbers == ["+14155550102"])
    }

    @Test("The queue is read from its index, without sorting")
    func plan() throws {
        let database = try DatabaseQueue(path: temporary.path)
        let plan = try database.read { db in
            try Row.fetchAll(
                db,
                sql: "EXPLAIN QUERY PLAN SELECT rowid, scheduled_at FROM contact WHERE campaign = 1 AND status = 'pending' ORDER BY scheduled_at, rowid"
            ).map { $0["detail"] as String }
        }
        #expect(plan == ["SEARCH contact USING COVERING INDEX contact_queue (campaign=? AND status=?)"])
    }
}
