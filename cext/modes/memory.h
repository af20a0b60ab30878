/* memory.h -- how much an object holds for its mode, and each thread that counts it.
 *
 * All modes share one rr_object, so its size says nothing of any of them.  What is told
 * here is what a mode keeps of it: the cells, locks and links that it uses, at the sizes
 * that they have in this build.  What there is one of in a domain is no object's.
 */
#ifndef RR_MEMORY_H
#define RR_MEMORY_H

#include "modes/native_modes.h"

typedef struct rr_memory {
    int words; /* cells, and pointers to others, and to its lanes */
    int locks;
    int lanes; /* words that each thread has for each object */
    int bytes; /* of the words and locks */
    int lane_bytes;
} rr_memory;

/* RR_EBUG: the mode keeps something that nobody has said the size of. */
int rr_memory_of(const rr_mode *mode, rr_memory *out);

/* The same by number.  RR_EINVAL: there is no such mode. */
int rr_mode_memory(int mode, rr_memory *out);

#endif
