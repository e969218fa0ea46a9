// SPDX-License-Identifier: GPL-2.0-only
// Folders to watch in, events out, by pipe; README.md beside this file gives the two forms.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <inotifytools/inotifytools.h>

enum {
    interesting = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF,
    folder_lost = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED,
    events_a_turn = 4096,
};

// Indexed by watch descriptor. The library keeps a table too, but a renamed or deleted folder stays in it.
static char **folders;
static size_t capacity;

static void emit(const char *kind, const char *folder, const char *name) {
    fwrite(kind, 1, strlen(kind) + 1, stdout);
    fwrite(folder, 1, strlen(folder) + 1, stdout);
    fwrite(name, 1, strlen(name) + 1, stdout);
}

static void emit_failure(const char *folder, int error) {
    char number[16];
    snprintf(number, sizeof number, "%d", error);
    emit("failed", folder, number);
}

static void forget(size_t wd) {
    if (wd >= capacity) return;
    free(folders[wd]);
    folders[wd] = NULL;
}

static int remember(size_t wd, const char *folder) {
    if (wd >= capacity) {
        size_t wanted = wd * 2 + 64;
        char **grown = realloc(folders, wanted * sizeof *grown);
        if (!grown) return 0;
        memset(grown + capacity, 0, (wanted - capacity) * sizeof *grown);
        folders = grown;
        capacity = wanted;
    }
    forget(wd);
    folders[wd] = strdup(folder);
    return folders[wd] != NULL;
}

// The library finds a watch by the path's spelling alone and never forgets one, so each watch gets a
// spelling of its own: its number in binary, "./" for one and "/" for zero, neither of which leads elsewhere.
static void spell(char *out, size_t size, const char *folder) {
    static uint32_t number = 0;
    size_t length = (size_t)snprintf(out, size, "%s/", folder);
    for (uint32_t rest = ++number; rest && length + 3 < size; rest >>= 1)
        length += (size_t)snprintf(out + length, size - length, rest & 1 ? "./" : "/");
}

static void add(const char *folder) {
    char spelling[PATH_MAX + 128];
    spell(spelling, sizeof spelling, folder);
    if (!inotifytools_watch_file(spelling, interesting | IN_ONLYDIR)) {
        emit_failure(folder, inotifytools_error());
        return;
    }
    int wd = inotifytools_wd_from_filename(spelling);
    if (wd < 1 || !remember((size_t)wd, folder)) {
        emit_failure(folder, ENOMEM);
        return;
    }
    emit("armed", folder, "");
}

static void drop(const char *folder) {
    for (size_t wd = 1; wd < capacity; wd++) {
        if (!folders[wd] || strcmp(folders[wd], folder) != 0) continue;
        forget(wd);
        inotifytools_remove_watch_by_wd((int)wd);
    }
}

static void lose(size_t wd, uint32_t mask) {
    emit("gone", folders[wd], "");
    forget(wd);
    // A renamed folder is still watched, under a name that is no longer its own.
    if (mask & IN_MOVE_SELF) inotifytools_remove_watch_by_wd((int)wd);
}

static void report(const struct inotify_event *event) {
    if (event->mask & IN_Q_OVERFLOW) {
        emit("overflow", "", "");
        return;
    }
    if (event->wd < 1 || (size_t)event->wd >= capacity || !folders[event->wd]) return;
    const char *folder = folders[event->wd];
    if (event->mask & folder_lost) lose((size_t)event->wd, event->mask);
    else if (event->len == 0) return;
    else if (event->mask & IN_ISDIR) emit("folder", folder, event->name);
    else if (event->mask & IN_MOVED_TO) emit("moved-in", folder, event->name);
    else if (event->mask & IN_CLOSE_WRITE) emit("written", folder, event->name);
    else if (event->mask & IN_CREATE) emit("created", folder, event->name);
}

static void obey(const char *command) {
    if (command[0] == '+') add(command + 1);
    else if (command[0] == '-') drop(command + 1);
}

// Commands arrive in pieces; one that is longer than any path is answered and passed over.
static int read_commands(void) {
    static char command[PATH_MAX + 2];
    static size_t length = 0;
    static int too_long = 0;
    char piece[65536];
    ssize_t count = read(STDIN_FILENO, piece, sizeof piece);
    if (count <= 0) return count < 0 && errno == EINTR;
    for (ssize_t i = 0; i < count; i++) {
        if (length < sizeof command) command[length++] = piece[i];
        else too_long = 1;
        if (piece[i] != '\0') continue;
        if (too_long) emit_failure("", ENAMETOOLONG);
        else obey(command);
        length = 0;
        too_long = 0;
    }
    return 1;
}

// The library reads ahead and blocks once its buffer is empty, unless it is asked with a timeout of zero.
// Returns whether there may be more.
static int read_events(void) {
    for (int turn = 0; turn < events_a_turn; turn++) {
        const struct inotify_event *event = inotifytools_next_events(0, 1);
        if (!event) return 0;
        report(event);
    }
    return 1;
}

// The library does not tell its descriptor: it is the only inotify one that this process has.
static int inotify_descriptor(void) {
    DIR *descriptors = opendir("/proc/self/fd");
    int found = -1;
    for (struct dirent *entry; descriptors && (entry = readdir(descriptors));) {
        char target[32] = "";
        if (readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target - 1) < 0) continue;
        if (strcmp(target, "anon_inode:inotify") == 0) found = atoi(entry->d_name);
    }
    if (descriptors) closedir(descriptors);
    return found;
}

int main(void) {
    if (!inotifytools_initialize()) {
        emit_failure("", inotifytools_error());
        return 1;
    }
    struct pollfd inputs[2] = {{STDIN_FILENO, POLLIN, 0}, {inotify_descriptor(), POLLIN, 0}};
    if (inputs[1].fd < 0) {
        emit_failure("", ENODEV);
        return 1;
    }
    for (int more = 0;;) {
        if (poll(inputs, 2, more ? 0 : -1) < 0) {
            if (errno == EINTR) continue;
            return 1;
        }
        more = read_events();
        if (inputs[0].revents && !read_commands()) return 0;
        if (fflush(stdout) != 0) return 1;
    }
}
