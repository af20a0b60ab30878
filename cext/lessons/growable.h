/* growable.h -- an array that grows while threads store into it.
 *
 * It grows by segments, each twice as long as the one before, that never move: unlike
 * with realloc, nobody can store through an old pointer.  So a lost item is lost by the
 * order of steps alone, and nothing here is undefined.
 */
#ifndef RR_GROWABLE_H
#define RR_GROWABLE_H

#include <stdatomic.h>
#include <stdint.h>

/* Slots of the first segment, and how many segments that makes for RR_MAX_SLOTS. */
enum { RR_FIRST_SEGMENT = 64, RR_MAX_SEGMENTS = 21 };

/* RR_FIRST_SEGMENT * (2**RR_MAX_SEGMENTS - 1) */
enum { RR_MAX_SLOTS = 134217664 };

typedef struct rr_growable {
    /* Set once, from NULL, by whoever first needs the segment. */
    _Atomic(_Atomic int32_t *) segments[RR_MAX_SEGMENTS];
} rr_growable;

/* pre: the array is zeroed, or was closed. */
void rr_growable_close(rr_growable *array);

/* Store at an index, growing the array if need be; RR_ENOMEM if it cannot grow.
 * Any thread may call it.  pre: 0 <= index < RR_MAX_SLOTS */
int rr_growable_store(rr_growable *array, int64_t index, int32_t item);

/* What was stored last at an index; 0 where nothing was. */
int32_t rr_growable_load(const rr_growable *array, int64_t index);

#endif
