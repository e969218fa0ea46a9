/* P5, the floor: a watcher on libsqlite3 with prepared statements and the best keys, which checks and normalises nothing.
 *
 *   floor SPOOL DATABASE         watch SPOOL/<campaign>/ until killed
 *   floor --once SPOOL DATABASE  take what lies there, then exit
 *
 * A file: claim (rename), upsert by (campaign, external id) with a commit every 1000 rows, manifest, archive; every step on disk
 * before the next, as Rollcall does it. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static sqlite3 *db;
static sqlite3_stmt *find_campaign, *add_campaign, *upsert;

static void must(int ok, const char *what) {
    if (!ok) { fprintf(stderr, "floor: %s: %s\n", what, db ? sqlite3_errmsg(db) : ""); exit(1); }
}
static void run(const char *sql) { must(sqlite3_exec(db, sql, 0, 0, 0) == SQLITE_OK, sql); }
static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, 0) == SQLITE_OK, sql);
    return statement;
}
static void sync_folder(const char *path) { int fd = open(path, O_RDONLY | O_DIRECTORY); fsync(fd); close(fd); }

static sqlite3_int64 campaign_key(const char *name) {
    sqlite3_bind_text(add_campaign, 1, name, -1, SQLITE_STATIC);
    must(sqlite3_step(add_campaign) == SQLITE_DONE, "campaign"); sqlite3_reset(add_campaign);
    sqlite3_bind_text(find_campaign, 1, name, -1, SQLITE_STATIC);
    must(sqlite3_step(find_campaign) == SQLITE_ROW, "campaign");
    sqlite3_int64 key = sqlite3_column_int64(find_campaign, 0);
    sqlite3_reset(find_campaign);
    return key;
}

/* A UUID of version 7: time first, so that new keys lie together in the index. */
static void new_id(unsigned char id[16]) {
    static uint64_t pool[512]; static int used = 512;
    if (used > 510) { must(getrandom(pool, sizeof pool, 0) == sizeof pool, "getrandom"); used = 0; }
    struct timespec now; clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = now.tv_sec * 1000ull + now.tv_nsec / 1000000;
    memcpy(id, &pool[used], 16); used += 2;
    for (int i = 0; i < 6; i++) id[i] = ms >> (40 - 8 * i);
    id[6] = (id[6] & 15) | 0x70; id[8] = (id[8] & 63) | 0x80;
}

/* Reads one field in place; returns its text, moves *at behind the delimiter or line end, tells whether the record ends. */
static char *field(char **at, char *end, size_t *length, int *last) {
    char *p = *at, *start = p, *out;
    if (p < end && *p == '"') {
        start = out = ++p;
        while (p < end) {
            if (*p == '"') { if (p + 1 < end && p[1] == '"') p++; else { p++; break; } }
            *out++ = *p++;
        }
        *length = out - start;
    } else {
        while (p < end && *p != ',' && *p != '\n' && *p != '\r') p++;
        *length = p - start;
    }
    if (p < end && *p == '\r') p++;
    *last = p >= end || *p == '\n';
    *at = p < end ? p + 1 : p;
    return start;
}

static void take(const char *spool, const char *campaign, const char *name) {
    char from[PATH_MAX], claimed[PATH_MAX], folder[PATH_MAX], path[2 * PATH_MAX], temporary[2 * PATH_MAX];
    snprintf(from, sizeof from, "%s/%s/%s", spool, campaign, name);
    snprintf(claimed, sizeof claimed, "%s/.processing/%s.%s", spool, campaign, name);
    if (rename(from, claimed)) return;
    int fd = open(claimed, O_RDONLY); struct stat facts; fstat(fd, &facts);
    char *bytes = mmap(0, facts.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), *at = bytes, *end = bytes + facts.st_size;
    must(bytes != MAP_FAILED, "mmap"); close(fd);
    size_t length; int last = 0, columns = 0, phone = 0, external = 0;
    char *names[64]; size_t lengths[64];
    while (!last && columns < 64) {
        char *text = field(&at, end, &length, &last);
        names[columns] = text; lengths[columns] = length;
        if (length == 5 && !memcmp(text, "Phone", 5)) phone = columns;
        if (length == 11 && !memcmp(text, "External ID", 11)) external = columns;
        columns++;
    }
    run("BEGIN IMMEDIATE");
    sqlite3_int64 key = campaign_key(campaign), rows = 0;
    static char data[1 << 20];
    while (at < end) {
        char *d = data; *d++ = '{';
        last = 0;
        for (int column = 0; !last && column < columns; column++) {
            char *text = field(&at, end, &length, &last);
            if (column == phone) sqlite3_bind_text(upsert, 4, text, length, SQLITE_STATIC);
            else if (column == external) sqlite3_bind_text(upsert, 3, text, length, SQLITE_STATIC);
            else {
                if (d[-1] != '{') *d++ = ',';
                *d++ = '"'; memcpy(d, names[column], lengths[column]); d += lengths[column]; memcpy(d, "\":\"", 3); d += 3;
                for (size_t i = 0; i < length; i++) { if (text[i] == '"' || text[i] == '\\') *d++ = '\\'; *d++ = text[i]; }
                *d++ = '"';
            }
        }
        *d++ = '}';
        unsigned char id[16]; new_id(id);
        sqlite3_bind_blob(upsert, 1, id, 16, SQLITE_STATIC); sqlite3_bind_int64(upsert, 2, key);
        sqlite3_bind_text(upsert, 5, data, d - data, SQLITE_STATIC);
        must(sqlite3_step(upsert) == SQLITE_DONE, "upsert"); sqlite3_reset(upsert);
        if (++rows % 1000 == 0 && at < end) { run("COMMIT"); run("BEGIN IMMEDIATE"); }
    }
    run("COMMIT");
    munmap(bytes, facts.st_size);
    snprintf(folder, sizeof folder, "%s/%s/results", spool, campaign); mkdir(folder, 0755);
    snprintf(temporary, sizeof temporary, "%s/.%s", folder, name);
    snprintf(path, sizeof path, "%s/%s.result.json", folder, name);
    FILE *manifest = fopen(temporary, "w");
    fprintf(manifest, "{\"status\":\"accepted\",\"rows\":{\"read\":%lld}}\n", rows);
    fflush(manifest); fsync(fileno(manifest)); fclose(manifest);
    rename(temporary, path); sync_folder(folder);
    snprintf(folder, sizeof folder, "%s/%s/archive", spool, campaign); mkdir(folder, 0755);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    rename(claimed, path); sync_folder(folder);
}

static int is_csv(const char *name) { size_t n = strlen(name); return name[0] != '.' && n > 4 && !strcmp(name + n - 4, ".csv"); }

int main(int argc, char **argv) {
    int once = argc == 4 && !strcmp(argv[1], "--once");
    if (argc != 3 + once) return 64;
    char *spool = argv[1 + once], path[PATH_MAX];
    must(sqlite3_open(argv[2 + once], &db) == SQLITE_OK, "open");
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
        "CREATE TABLE IF NOT EXISTS campaign (key INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);"
        "CREATE TABLE IF NOT EXISTS contact (key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, campaign INTEGER NOT NULL,"
        " external_id TEXT, phone_numbers TEXT NOT NULL, data TEXT NOT NULL);"
        "CREATE UNIQUE INDEX IF NOT EXISTS contact_external_id ON contact (campaign, external_id);");
    add_campaign = prepare("INSERT OR IGNORE INTO campaign (name) VALUES (?)");
    find_campaign = prepare("SELECT key FROM campaign WHERE name = ?");
    upsert = prepare("INSERT INTO contact (id, campaign, external_id, phone_numbers, data) VALUES (?,?,?,?,?)"
        " ON CONFLICT (campaign, external_id) DO UPDATE SET phone_numbers = excluded.phone_numbers, data = excluded.data"
        " WHERE phone_numbers <> excluded.phone_numbers OR data <> excluded.data");
    snprintf(path, sizeof path, "%s/.processing", spool); mkdir(path, 0755);
    int watch = inotify_init1(IN_CLOEXEC); static char *watched[1 << 20];
    DIR *root = opendir(spool); must(root != 0, spool);
    for (struct dirent *entry; (entry = readdir(root));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", spool, entry->d_name);
        int wd = inotify_add_watch(watch, path, IN_MOVED_TO | IN_CLOSE_WRITE);
        if (wd >= 0 && wd < 1 << 20) watched[wd] = strdup(entry->d_name);
        DIR *folder = opendir(path); if (!folder) continue;
        for (struct dirent *file; (file = readdir(folder));) if (is_csv(file->d_name)) take(spool, entry->d_name, file->d_name);
        closedir(folder);
    }
    static char events[1 << 16] __attribute__((aligned(8)));
    if (!once) puts("ready"), fflush(stdout);
    for (ssize_t got; !once && (got = read(watch, events, sizeof events)) > 0;)
        for (char *p = events; p < events + got;) {
            struct inotify_event *event = (void *)p;
            if (event->len && is_csv(event->name)) take(spool, watched[event->wd], event->name);
            p += sizeof *event + event->len;
        }
    sqlite3_finalize(upsert); sqlite3_finalize(add_campaign); sqlite3_finalize(find_campaign);
    return sqlite3_close(db) != SQLITE_OK;
}
