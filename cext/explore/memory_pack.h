/* memory_pack.h -- the memory of a state under C11 as few bytes, and back. */
#ifndef RR_MEMORY_PACK_H
#define RR_MEMORY_PACK_H

#include <stddef.h>

#include "machine/machine.h"

/* The most bytes that a memory takes. */
size_t rr_memory_bytes(const rr_shape *s);

/* Packs the memory of a row of words; returns the bytes taken. */
size_t rr_pack_memory(const rr_shape *s, int32_t *w, char *out);
/* Unpacks what was packed, behind a row that has its words already. */
void rr_unpack_memory(const rr_shape *s, const char *in, int32_t *w);

#endif
