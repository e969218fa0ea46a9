import GRDB

/// The tables and how they came to be: one migration a change, never edited after a release.
///
/// Rows are keyed by INTEGER rowids and refer to each other by them; what others see is a 16-byte UUID in time order
/// (RFC 9562, version 7) or a key. That makes inserts several times cheaper than text keys or random UUIDs.
enum Schema {
    /// Marks the file as Rollcall's (the letters "Roll").
    static let applicationID = 0x526F_6C6C

    static func migrate(_ pool: DatabasePool, path: String) throws {
        guard try !pool.read(migrator.hasBeenSuperseded) else { throw StoreError.tooNew(path: path) }
        guard try !pool.read(migrator.hasCompletedMigrations) else { return }
        do { try migrator.migrate(pool) } catch is DatabaseError {
            // Another process may have made the same change a moment before; then nothing is left to do.
            try migrator.migrate(pool)
        }
    }

    /// Throws before anything is changed in a file that has tables and not Rollcall's mark.
    ///
    /// The tables are asked for first: another process that is making them now commits the mark together with them.
    static func refuseForeignFile(_ db: Database, path: String) throws {
        let hasTables = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM sqlite_master
                    WHERE type = 'table' AND name NOT LIKE 'grdb\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\')
                """)
        guard hasTables == true, try Int.fetchOne(db, sql: "PRAGMA application_id") != applicationID else { return }
        throw StoreError.notOurs(path: path)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: campaigns, contacts, ledger") { db in try db.execute(sql: first) }
        migrator.registerMigration("2: notices") { db in try db.execute(sql: notices) }
        migrator.registerMigration("3: tokens, organisations, requests") { db in try db.execute(sql: api) }
        migrator.registerMigration("4: ids that carry their row") { db in try db.execute(sql: ids) }
        return migrator
    }

    private static let ids = """
        -- Whether somebody else made the contact's id: ours carry the rowid, and need no index.
        ALTER TABLE contact ADD COLUMN foreign_id INTEGER NOT NULL DEFAULT 1;
        DROP INDEX contact_id;
        CREATE UNIQUE INDEX contact_foreign_id ON contact (id) WHERE foreign_id;
        """

    private static let api = """
        -- Whose the campaign is; NULL: open to every organisation of the machine.
        ALTER TABLE campaign ADD COLUMN org TEXT;

        -- Who may use the API. `hash` is HMAC-SHA-256 of the secret under `salt`.
        CREATE TABLE token (
            id         TEXT    PRIMARY KEY,
            salt       BLOB    NOT NULL,
            hash       BLOB    NOT NULL,
            org        TEXT    NOT NULL,
            scopes     TEXT    NOT NULL,
            campaigns  TEXT,
            created_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) WITHOUT ROWID;

        -- Requests that may be repeated under their key; `ids`: 16 bytes a contact, in the order of the request.
        CREATE TABLE request (
            campaign TEXT    NOT NULL,
            key      TEXT    NOT NULL,
            ingest   INTEGER NOT NULL REFERENCES ingest,
            ids      BLOB    NOT NULL,
            PRIMARY KEY (campaign, key)
        ) WITHOUT ROWID;
        """

    private static let notices = """
        -- What is still to be told of ingests that are done, and by which way.
        CREATE TABLE notice (
            ingest  INTEGER NOT NULL REFERENCES ingest,
            channel TEXT    NOT NULL,
            tries   INTEGER NOT NULL DEFAULT 0,
            due_at  INTEGER NOT NULL,
            PRIMARY KEY (ingest, channel)
        ) WITHOUT ROWID;
        CREATE INDEX notice_due ON notice (channel, due_at);
        """

    private static let first = """
        PRAGMA application_id = \(applicationID);

        CREATE TABLE campaign (
            rowid            INTEGER PRIMARY KEY,
            key              TEXT    NOT NULL UNIQUE,
            name             TEXT    NOT NULL,
            status           TEXT    NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'closed')),
            default_region   TEXT,
            default_timezone TEXT,
            column_rules     TEXT    NOT NULL DEFAULT '[]',
            on_invalid       TEXT    NOT NULL DEFAULT 'refuse' CHECK (on_invalid IN ('refuse', 'skip')),
            max_invalid      REAL,
            refused_types    TEXT    NOT NULL DEFAULT '[]',
            file_rules       TEXT    NOT NULL DEFAULT '{}',
            limits           TEXT    NOT NULL DEFAULT '{}',
            agent_defaults   TEXT    NOT NULL DEFAULT '{}',
            created_at       INTEGER NOT NULL,
            updated_at       INTEGER NOT NULL
        );

        -- One row for each delivered file. `campaign` is the key: a file may be refused because there is no such campaign.
        CREATE TABLE ingest (
            rowid        INTEGER PRIMARY KEY,
            id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
            campaign     TEXT    NOT NULL,
            file_name    TEXT    NOT NULL,
            bytes        INTEGER NOT NULL,
            sha256       BLOB,
            received_at  INTEGER NOT NULL,
            state        TEXT    NOT NULL CHECK (state IN ('applying', 'recorded', 'done')),
            status       TEXT    CHECK (status IN ('accepted', 'rejected', 'duplicate', 'failed')),
            code         INTEGER,
            detail       TEXT,
            manifest     TEXT,
            duplicate_of BLOB,
            rows         INTEGER,
            rejected     INTEGER,
            undone_by    BLOB,
            CHECK (state = 'applying' OR status IS NOT NULL)
        );
        CREATE INDEX ingest_digest ON ingest (campaign, sha256);

        CREATE TABLE batch (
            ingest     INTEGER NOT NULL REFERENCES ingest,
            number     INTEGER NOT NULL,
            -- The delivery's row that it begins with: another where the batches were cut otherwise.
            first_row  INTEGER NOT NULL,
            contacts   INTEGER NOT NULL,
            inserted   INTEGER NOT NULL,
            updated    INTEGER NOT NULL,
            unchanged  INTEGER NOT NULL,
            superseded INTEGER NOT NULL,
            conflicts  TEXT,
            PRIMARY KEY (ingest, number)
        ) WITHOUT ROWID;

        -- `created_by` brought the contact, `ingest` last changed it.
        CREATE TABLE contact (
            rowid           INTEGER PRIMARY KEY,
            -- 16 bytes. No CHECK: one that calls a function has SQLite copy each page before a statement for several rows.
            id              BLOB    NOT NULL,
            campaign        INTEGER NOT NULL,
            external_id     TEXT,
            phone_numbers   TEXT    NOT NULL,
            data            TEXT,
            timezone        TEXT,
            scheduled_at    INTEGER,
            agent_id        TEXT,
            agent_config    TEXT,
            agent_number    TEXT,
            agent_version   TEXT,
            initial_context TEXT,
            -- No IN list: SQLite would make a table of more than two values anew for every insert.
            status          TEXT    NOT NULL DEFAULT 'pending' CHECK (
                status = 'pending' OR status = 'locked' OR status = 'in_progress'
                OR status = 'completed' OR status = 'exhausted' OR status = 'error'),
            locked_until    INTEGER,
            -- No foreign keys: no row leaves the ledger, nor a campaign that has contacts, and each look-up would be paid for
            -- every insert.
            ingest          INTEGER NOT NULL,
            created_by      INTEGER NOT NULL,
            created_at      INTEGER NOT NULL,
            updated_at      INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX contact_id ON contact (id);
        CREATE UNIQUE INDEX contact_external_id ON contact (campaign, external_id) WHERE external_id IS NOT NULL;
        CREATE INDEX contact_queue ON contact (campaign, status, scheduled_at);

        -- `ContactStatus.followers`, for whoever changes it by SQL.
        CREATE TRIGGER contact_status BEFORE UPDATE OF status ON contact
        WHEN NOT CASE old.status
            WHEN new.status THEN true
            WHEN 'pending' THEN new.status = 'locked'
            WHEN 'locked' THEN new.status IN ('in_progress', 'pending')
            WHEN 'in_progress' THEN new.status IN ('completed', 'exhausted', 'error', 'pending')
            ELSE new.status = 'pending' END
        BEGIN
            SELECT RAISE(ABORT, 'a contact goes from pending to locked to in_progress to completed, exhausted or error');
        END;

        -- Numbers that must not be dialled, for one campaign or, with 0, for all.
        CREATE TABLE suppression (
            number     TEXT    NOT NULL,
            campaign   INTEGER NOT NULL,
            reason     TEXT,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (number, campaign)
        ) WITHOUT ROWID;

        -- What a contact was before an ingest changed it, for `undo`.
        CREATE TABLE before_image (
            ingest          INTEGER NOT NULL REFERENCES ingest,
            contact         INTEGER NOT NULL,
            external_id     TEXT,
            phone_numbers   TEXT    NOT NULL,
            data            TEXT,
            timezone        TEXT,
            scheduled_at    INTEGER,
            agent_id        TEXT,
            agent_config    TEXT,
            agent_number    TEXT,
            agent_version   TEXT,
            initial_context TEXT,
            previous        INTEGER NOT NULL REFERENCES ingest,
            updated_at      INTEGER NOT NULL,
            PRIMARY KEY (ingest, contact)
        ) WITHOUT ROWID;
        """
}
