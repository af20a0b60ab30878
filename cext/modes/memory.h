/* memory.h -- the memory that an object needs for its mode, per object and per thread.
 *
 * All modes share one rr_object, so its size says nothing about a single mode.  The sizes
 * here count what the mode uses of it, the cells, locks and links, at the sizes that they
 * have in this build.  What exists once per domain does not count.
 */
#ifndef RR_MEMORY_H
#define RR_MEMORY_H

#include "modes/native_modes.h"

typedef struct rr_memory {
    int words; /* cells, pointers to other objects, and the pointer to its lanes */
    int locks;
    int lanes; /* words per thread and object */
    int bytes; /* of the words and locks */
    int lane_bytes;
} rr_memory;

/* RR_EBUG: memory.c lacks the size of something that the mode keeps. */
int rr_memory_of(const rr_mode *mode, rr_memory *out);

/* The same by number.  RR_EINVAL: no mode has that number. */
int rr_mode_memory(int mode, rr_memory *out);

#endif
