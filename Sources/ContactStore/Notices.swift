package import Foundation
import GRDB

/// A way to tell of ingests that are done.
package enum NoticeChannel: String, Sendable, CaseIterable {
    case webhook, command
}

/// What is to be told to somebody: it is in the store from the moment when its ingest is done until it is delivered.
package struct Notice: Sendable, Hashable {
    package var ingest: UUID
    package var channel: NoticeChannel
    package var campaign: String
    package var fileName: String
    /// JSON text.
    package var manifest: String
    /// How often it was tried in vain.
    package var tries: Int
}

extension ContactStore {
    func addNotices(of ingest: UUID, _ db: Database) throws {
        // An ingest that is retried has another outcome to tell of.
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO notice (ingest, channel, due_at) SELECT rowid, ?, ? FROM ingest WHERE id = ?
                ON CONFLICT (ingest, channel) DO UPDATE SET tries = 0, due_at = excluded.due_at
                """)
        for channel in notices { try statement.execute(arguments: [channel.rawValue, Int64.now, ingest]) }
    }

    /// The notices that are due, the longest due first.
    ///
    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - longestPause: milliseconds; what is due later than so far ahead was noted before the clock was set back.
    package func dueNotices(_ channel: NoticeChannel, now: Int64 = .now, longestPause: Int64, limit: Int) throws -> [Notice] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, campaign, file_name, coalesce(manifest, '{}') AS manifest, tries
                        FROM notice JOIN ingest ON ingest.rowid = notice.ingest
                        WHERE channel = ?1 AND (due_at <= ?2 OR due_at > ?2 + ?3) ORDER BY due_at LIMIT ?4
                        """), arguments: [channel.rawValue, now, longestPause, limit]
            ).map {
                Notice(
                    ingest: $0["id"], channel: channel, campaign: $0["campaign"], fileName: $0["file_name"],
                    manifest: $0["manifest"], tries: $0["tries"])
            }
        }
    }

    /// The notice was delivered, or nobody waits for it any more.
    package func removeNotice(_ notice: Notice) throws {
        try write { db in
            try db.execute(
                sql: "DELETE FROM notice WHERE channel = ? AND ingest = (SELECT rowid FROM ingest WHERE id = ?)",
                arguments: [notice.channel.rawValue, notice.ingest])
        }
    }

    /// The notice was tried once more in vain, and is due again at `time`, in milliseconds since 1970.
    package func postponeNotice(_ notice: Notice, until time: Int64) throws {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE notice SET tries = tries + 1, due_at = ?
                    WHERE channel = ? AND ingest = (SELECT rowid FROM ingest WHERE id = ?)
                    """, arguments: [time, notice.channel.rawValue, notice.ingest])
        }
    }

    /// How many notices are not delivered.
    package func noticeCount() throws -> Int {
        try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM notice") ?? 0 }
    }

    /// Forgets notices of channels that this store does not tell: nobody would ever deliver them.
    package func removeOtherNotices() throws {
        try write { db in
            for channel in NoticeChannel.allCases where !notices.contains(channel) {
                try db.execute(sql: "DELETE FROM notice WHERE channel = ?", arguments: [channel.rawValue])
            }
        }
    }
}
