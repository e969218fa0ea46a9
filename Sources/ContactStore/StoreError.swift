import GRDB

/// What SQLite could not do, in words for whoever runs Rollcall.
package struct StoreError: Error, CustomStringConvertible {
    /// The database file.
    package let path: String
    /// One clause, without the path.
    package let message: String
    /// The remedy, a sentence.
    package let hint: String
    /// Whether the same call may succeed later with nothing changed in Rollcall: a full disk, a lock, a permission.
    package let mayPass: Bool
    /// Whether the file's content is at fault: every call will fail until another file is in its place.
    package private(set) var isDamaged = false

    package var description: String { "\(path): \(message). \(hint)" }
}

/// A campaign of this key exists already.
package struct CampaignExists: Error, CustomStringConvertible {
    package let key: String
    package var description: String { "a campaign \"\(key)\" exists already" }
}

/// The store has no campaign of this key.
package struct CampaignUnknown: Error, CustomStringConvertible {
    package let key: String
    package var description: String { "there is no campaign \"\(key)\"" }
}

/// The campaign takes no contacts; the contact API answers 400.
package struct CampaignClosed: Error, CustomStringConvertible {
    package let key: String
    package var description: String { "the campaign \"\(key)\" is closed" }
}

extension StoreError {
    init(_ error: DatabaseError, path: String) {
        let reason = Reason(error.resultCode)
        self.init(
            path: path, message: reason.message ?? "SQLite: \(error.message ?? "error \(error.resultCode.rawValue)")",
            hint: reason.hint, mayPass: reason.mayPass)
        isDamaged = reason.isDamaged
    }

    static func cannotMake(path: String, reason: String, mayPass: Bool) -> StoreError {
        StoreError(
            path: path, message: "the database file cannot be made: \(reason)",
            hint: "Make its folder, and give Rollcall's user the right to write there.", mayPass: mayPass)
    }

    static func notOurs(path: String) -> StoreError {
        StoreError(
            path: path, message: "this is the database of another program",
            hint: "Give Rollcall a file of its own.", mayPass: false)
    }

    static func tooNew(path: String) -> StoreError {
        StoreError(
            path: path, message: "a newer Rollcall has changed this database",
            hint: "Run that version, or restore the copy made before it.", mayPass: false)
    }
}

/// What is said about each kind of failure; a `nil` message leaves SQLite's own.
private struct Reason {
    var message: String?
    var hint: String
    var mayPass = true
    var isDamaged = false

    init(_ code: ResultCode) {
        switch code {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            (message, hint) = ("another process keeps the database locked", "Wait for it, or end it.")
        case .SQLITE_FULL:
            (message, hint) = ("no space is left for the database", "Free some space on its file system.")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            message = "the database file cannot be opened"
            hint = "Rollcall's user must be able to read and write it and its folder."
        case .SQLITE_READONLY:
            message = "the database can only be read"
            hint = "Rollcall's user must be able to write the file and its folder, and the file system must be writable."
        case .SQLITE_NOMEM:
            (message, hint) = ("no memory is left for the database", "Raise the memory limit (MemoryMax=).")
        case .SQLITE_IOERR:
            hint = "Look into the system's log for errors of the disk."
        case .SQLITE_CORRUPT:
            (message, hint) = ("the database is damaged", "Restore a copy, or try sqlite3's .recover.")
            (mayPass, isDamaged) = (false, true)
        case .SQLITE_NOTADB:
            (message, hint) = ("this is no SQLite database", "Name another file, or move this one away.")
            (mayPass, isDamaged) = (false, true)
        default:
            hint = "This should not happen; please report it."
            mayPass = false
        }
    }
}
