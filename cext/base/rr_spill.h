/* rr_spill.h -- large blocks that go on in a folder when their share of memory is used up.
 *
 * A block on disk is a mapped file without a name.  The system keeps in memory what of it
 * is used, as far as there is room, and its space on the disk is free again when the block
 * is released or the process ends, in whatever way.
 *
 * The space is allocated on the disk when the block is made, so that a disk without room
 * refuses the block.  (A disk that fails later is a SIGBUS, as for every mapped file.)
 */
#ifndef RR_SPILL_H
#define RR_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Smaller blocks are always in memory, and are not counted here. */
#define RR_LEAST_SPILLED ((size_t)1 << 15)

typedef struct rr_spill {
    int folder;          /* a descriptor */
    uint64_t most_bytes; /* of blocks in memory */
    /* Held now, as rr_alloc_held; one thread at a time changes them. */
    uint64_t in_memory, on_disk;
    uint64_t peak_on_disk;
    bool has_names; /* the file system has no files without names: they are removed */
    bool is_full;   /* the folder has refused a block */
} rr_spill;

/* Which blocks may have all of the memory, and which only half of it, so that there is
 * room for the others. */
typedef enum rr_spill_use {
    RR_SPILL_IN_ORDER, /* mostly read and written in order, or where it was last */
    RR_SPILL_ALL_OVER, /* read and written all over the place */
} rr_spill_use;

/* RR_EFOLDER: the folder cannot be opened, or there are no mapped files here. */
int rr_spill_open(const char *folder, uint64_t most_bytes, rr_spill *out);
/* pre: its blocks are released. */
void rr_spill_close(rr_spill *spill);

/* As rr_alloc, in memory while there is room there, else on disk.  Without a spill
 * (NULL), it is rr_alloc. */
void *rr_spill_alloc(rr_spill *spill, size_t n, size_t size, rr_spill_use use);

/* Releases a block of n * size bytes; NULL is allowed. */
void rr_spill_free(rr_spill *spill, void *block, size_t n, size_t size);

#endif
