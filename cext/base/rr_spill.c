/* rr_spill.c -- decides where a block goes, and makes its file. */
#define _GNU_SOURCE /* O_TMPFILE */
#include "base/rr_spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

int
rr_spill_open(const char *folder, uint64_t most_bytes, rr_spill *out)
{
    *out = (rr_spill){.most_bytes = most_bytes};
    if (rr_alloc_file_bytes(0, 0) == 0) {
        return RR_EFOLDER; /* there are no mapped files here */
    }
    out->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return out->folder < 0 ? RR_EFOLDER : RR_OK;
}

void
rr_spill_close(rr_spill *spill)
{
    (void)close(spill->folder);
    *spill = (rr_spill){.folder = -1};
}

/* ---- files ------------------------------------------------------------------------ */

/* Another process may have a file of this name for a moment. */
enum { MOST_TRIES = 1000, MOST_NAME_BYTES = 64 };

static int
open_removed(int folder)
{
    char name[MOST_NAME_BYTES];
    int file = -1;
    for (int i = 0; i < MOST_TRIES && file < 0; i++) {
        (void)snprintf(name, sizeof name, ".refrace-%ld-%d", (long)getpid(), i);
        file = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file < 0 && errno != EEXIST) {
            return -1;
        }
    }
    if (file >= 0) {
        (void)unlinkat(folder, name, 0);
    }
    return file;
}

static int
open_file(rr_spill *spill)
{
#ifdef O_TMPFILE
    if (!spill->has_names) {
        int file = openat(spill->folder, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
        if (file >= 0) {
            return file;
        }
        spill->has_names = true;
    }
#endif
    return open_removed(spill->folder);
}

/* The file is closed once it is mapped.  NULL: there is no room in the folder, or for the
 * mapping. */
static void *
alloc_on_disk(rr_spill *spill, size_t n, size_t size, rr_spill_use use)
{
    int file = open_file(spill);
    if (file < 0) {
        spill->is_full = true;
        return NULL;
    }
    void *block = NULL;
    int status = 0;
    do {
        status = posix_fallocate(file, 0, (off_t)rr_alloc_file_bytes(n, size));
    } while (status == EINTR);
    if (status == 0) {
        block = rr_alloc_file(file, n, size, use == RR_SPILL_ALL_OVER);
    }
    else {
        spill->is_full = true;
    }
    (void)close(file);
    return block;
}

/* ---- blocks ----------------------------------------------------------------------- */

static bool
has_room(const rr_spill *spill, uint64_t bytes, rr_spill_use use)
{
    uint64_t most = use == RR_SPILL_ALL_OVER ? spill->most_bytes : spill->most_bytes / 2;
    return spill->in_memory <= most && bytes <= most - spill->in_memory;
}

void *
rr_spill_alloc(rr_spill *spill, size_t n, size_t size, rr_spill_use use)
{
    bool is_too_large = size != 0 && n > SIZE_MAX / size; /* rr_alloc refuses it */
    if (spill == NULL || is_too_large || n * size < RR_LEAST_SPILLED) {
        return rr_alloc(n, size);
    }
    uint64_t bytes = rr_alloc_held(n, size);
    if (has_room(spill, bytes, use)) {
        void *block = rr_alloc(n, size);
        if (block != NULL) {
            spill->in_memory += bytes;
            return block;
        }
    }
    void *block = alloc_on_disk(spill, n, size, use);
    if (block != NULL) {
        spill->on_disk += bytes;
        spill->peak_on_disk =
            spill->on_disk > spill->peak_on_disk ? spill->on_disk : spill->peak_on_disk;
    }
    return block;
}

void
rr_spill_free(rr_spill *spill, void *block, size_t n, size_t size)
{
    if (spill != NULL && block != NULL && n * size >= RR_LEAST_SPILLED) {
        uint64_t bytes = rr_alloc_held(n, size);
        *(rr_alloc_is_file(block) ? &spill->on_disk : &spill->in_memory) -= bytes;
    }
    rr_free(block);
}
