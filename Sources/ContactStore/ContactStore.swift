import CSQLite
import Contacts
import Foundation
import GRDB
import Glibc

/// Campaigns, their contacts and the ledger of ingests, in one SQLite file.
///
/// A value that can be copied and used from any task: SQLite serialises the writers, of other processes too, and readers
/// never wait for them. Every call throws `StoreError` when SQLite cannot do its work.
package struct ContactStore: Sendable {
    package let path: String
    let pool: DatabasePool
    let commits: SharedCommits
    /// Whether an ingest keeps what it changes, so that it can be undone.
    let keepsImages: Bool
    /// Who is to be told of each ingest that is done.
    let notices: Set<NoticeChannel>

    /// Opens the store at `path`, makes it where there is none, and brings its schema up to date.
    ///
    /// - Throws: `StoreError`, naming the path and the remedy.
    package init(at path: String, keepsImages: Bool = true, notices: Set<NoticeChannel> = []) throws {
        self.path = path
        self.notices = notices
        self.keepsImages = keepsImages
        Self.prepareSQLite
        do {
            try Self.makePrivateFile(at: path)
            pool = try Self.retryingWhileBusy { try Self.open(path) }
            commits = SharedCommits(of: path)
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Moves committed pages from the write-ahead log into the database file, without waiting for readers.
    ///
    /// Call it when nothing is left to do: beside the work, `Checkpoints` does it.
    package func checkpoint() throws {
        try failingReadably { try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) } }
    }

    /// Returns when everything that was committed before is on disk; needed where an earlier flush may have failed.
    package func flush() throws {
        try failingReadably { try commits.flush(in: pool) }
    }

    func read<T>(_ body: (Database) throws -> T) throws -> T {
        try failingReadably { try pool.read(body) }
    }

    func write<T>(_ body: (Database) throws -> T) throws -> T {
        try failingReadably { try pool.write(body) }
    }

    func failingReadably<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError { throw StoreError(error, path: path) }
    }
}

// MARK: - Opening

extension ContactStore {
    /// Once in a process. Where something else has used SQLite before, it only stays slower.
    private static let prepareSQLite: Void = { _ = rollcall_sqlite_counts_no_memory() }()

    /// Makes an empty file that others cannot read; SQLite gives its log the same mode.
    ///
    /// By `mknod`, because closing a descriptor of a database file drops every lock that this process has on it.
    private static func makePrivateFile(at path: String) throws {
        guard mknod(path, S_IFREG | 0o640, 0) != 0, errno != EEXIST else { return }
        throw StoreError.cannotMake(path: path, reason: String(cString: strerror(errno)), mayPass: errno == ENOSPC)
    }

    private static func open(_ path: String) throws -> DatabasePool {
        let pool = try DatabasePool(path: path, configuration: configuration(path: path))
        try Schema.migrate(pool, path: path)
        // After opening: the pool sets NORMAL itself, later than `prepareDatabase`.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    private static func configuration(path: String) -> Configuration {
        var configuration = Configuration()
        configuration.label = "contacts"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            guard !db.configuration.readonly else { return }
            try Schema.refuseForeignFile(db, path: path)
            // Of a new file: half as many pages to write, and to copy, for each file of contacts as at SQLite's 4096.
            try db.execute(sql: "PRAGMA page_size = 8192")
            // 64 MiB: the unique indexes of some million contacts.
            try db.execute(sql: "PRAGMA cache_size = -65536")
            // Beyond what `Checkpoints` lets it become.
            _ = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = 32768")
            _ = try Int.fetchOne(db, sql: "PRAGMA journal_size_limit = 134217728")
        }
        return configuration
    }

    /// Two processes that open a new file at once may find each other changing its journal mode or its schema, for which
    /// SQLite's own waiting does not apply.
    private static func retryingWhileBusy<T>(_ body: () throws -> T) throws -> T {
        for _ in 0..<20 {
            do { return try body() } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                usleep(50_000)
            }
        }
        return try body()
    }
}
