// What Swift cannot call itself, since it takes a variable number of arguments.
#pragma once
#include <sqlite3.h>

// Before SQLite's first use: it stops counting memory, which takes a lock for every allocation. Returns SQLITE_OK, or
// SQLITE_MISUSE when it comes too late.
static inline int rollcall_sqlite_counts_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
