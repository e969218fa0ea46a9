import Synchronization
import Testing

@testable import Ingest

@Suite("Reading ahead") struct ReadAheadTests {
    private struct Damage: Error {}

    @Test("Values come in their order, then nothing, as often as is asked", arguments: [0, 1, 2, 500])
    func order(count: Int) throws {
        let ahead = ReadAhead<Int> { give in for value in 0..<count { try give(value) } }
        var values: [Int] = []
        while let value = try ahead.next() { values.append(value) }
        #expect(values == Array(0..<count))
        #expect(try ahead.next() == nil)
    }

    @Test("An error comes after the values before it")
    func error() throws {
        let ahead = ReadAhead<Int> { give in
            try give(1)
            throw Damage()
        }
        #expect(try ahead.next() == 1)
        #expect(throws: Damage.self) { try ahead.next() }
    }

    @Test("Whoever stops taking ends the making, before what it uses is gone", arguments: [0, 1, 3])
    func abandoned(taken: Int) throws {
        let flag = Flag()
        do {
            let ahead = ReadAhead<Int> { give in
                defer { flag.value.withLock { $0 = true } }
                for value in 0... { try give(value) }
            }
            for value in 0..<taken { #expect(try ahead.next() == value) }
        }
        #expect(flag.value.withLock { $0 })
    }

    private final class Flag: Sendable { let value = Mutex(false) }
}
