// What glibc declares under _GNU_SOURCE alone or in malloc.h, which Swift's Glibc module leaves out.

#ifndef ROLLCALL_LINUX_H
#define ROLLCALL_LINUX_H

#include <malloc.h>
#include <sys/statfs.h>
#include <sys/types.h>

int renameat2(int old_folder, const char *old_name, int new_folder, const char *new_name, unsigned int flags);
ssize_t copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t length, unsigned int flags);

int memfd_create(const char *name, unsigned int flags);

static const unsigned int rename_no_replace = 1;
static const unsigned int memory_file_flags = 1;    // MFD_CLOEXEC

static const int set_signal = 10;    // F_SETSIG
static const int set_lease = 1024;   // F_SETLEASE

#endif
