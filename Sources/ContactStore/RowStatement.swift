import Foundation
import GRDB
import GRDBSQLite

/// A prepared statement that runs once for every row: bound and stepped by SQLite's own calls.
///
/// GRDB's arguments and rows are boxed values, which for such a statement cost more than SQLite's work; everywhere else
/// they are the better choice. The statement stays GRDB's, in its cache and in its transaction.
struct RowStatement {
    private let statement: Statement
    private let db: Database
    private let blobs = BoundBytes()

    init(_ sql: String, _ db: Database) throws {
        statement = try db.cachedStatement(sql: sql)
        self.db = db
    }

    private var handle: SQLiteStatement { statement.sqliteStatement }

    /// Binds NULL to every parameter.
    func clear() { sqlite3_clear_bindings(handle) }

    /// Binds text, by its length, for one run; `nil` leaves what `clear` bound.
    func bind(_ text: String?, at index: Int32) throws {
        guard let text else { return }
        try check(sqlite3_bind_text(handle, index, text, Int32(clamping: text.utf8.count), Self.copied))
    }

    /// Binds UTF-8, at an address, that stays where it is until the statement has run.
    func bind(kept text: UnsafeRawBufferPointer, at index: Int32) throws {
        let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
        try check(sqlite3_bind_text(handle, index, start, Int32(clamping: text.count), nil))
    }

    func bind(_ number: Int64?, at index: Int32) throws {
        if let number { try check(sqlite3_bind_int64(handle, index, number)) }
    }

    func bind(_ id: UUID, at index: Int32) throws {
        try check(withUnsafeBytes(of: id.uuid) {
            let kept = blobs.keep($0)
            return sqlite3_bind_blob(handle, index, kept ?? $0.baseAddress, Int32($0.count), kept == nil ? Self.copied : nil)
        })
    }

    /// Runs the statement to its end; returns how many rows it changed.
    func run() throws -> Int {
        try first { nil as Void? }
        return Int(sqlite3_changes(db.sqliteConnection))
    }

    /// What `read` makes of the first row, by `integer` and `id`; `nil` when there is none.
    @discardableResult
    func first<Value>(_ read: () -> Value?) throws -> Value? {
        defer { end() }
        return try step() ? read() : nil
    }

    /// Calls `read` for each row.
    func forEach(_ read: () -> Void) throws {
        defer { end() }
        while try step() { read() }
    }

    /// Whether there is a row.
    private func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    private func end() {
        sqlite3_reset(handle)
        blobs.removeAll()
    }

    private func check(_ code: Int32) throws {
        if code != SQLITE_OK { throw error(code) }
    }

    private func error(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(db.sqliteConnection)),
            sql: statement.sql)
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// A UUID of 16 bytes; `nil` for anything else.
    func id(_ column: Int32) -> UUID? {
        guard sqlite3_column_bytes(handle, column) == 16, let bytes = sqlite3_column_blob(handle, column) else { return nil }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }

    /// SQLITE_TRANSIENT, which Swift does not import.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

/// Where bound bytes lie until their statement has run, so that SQLite need not allocate a copy of each.
private final class BoundBytes {
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 16)
    private var used = 0

    deinit { room.deallocate() }

    /// Where the copy is; `nil` when there is no room for it.
    func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        guard let source = bytes.baseAddress, let base = room.baseAddress, bytes.count <= room.count - used else { return nil }
        let copy = base + used
        copy.copyMemory(from: source, byteCount: bytes.count)
        used += bytes.count
        return UnsafeRawPointer(copy)
    }

    func removeAll() { used = 0 }
}
