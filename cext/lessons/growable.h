/* growable.h -- an array that grows while threads store into it.
 *
 * It grows by segments that never move, each twice as long as the one before.  Unlike
 * with realloc, no thread can store through an old pointer.  So only the order of steps
 * can lose an item, and nothing here is undefined behaviour.
 */
#ifndef RR_GROWABLE_H
#define RR_GROWABLE_H

#include <stdatomic.h>
#include <stdint.h>

/* Slots of the first segment, and the number of segments up to RR_MAX_SLOTS. */
enum { RR_FIRST_SEGMENT = 64, RR_MAX_SEGMENTS = 21 };

/* RR_FIRST_SEGMENT * (2**RR_MAX_SEGMENTS - 1) */
enum { RR_MAX_SLOTS = 134217664 };

typedef struct rr_growable {
    /* Set once, from NULL, by the thread that first needs the segment. */
    _Atomic(_Atomic int32_t *) segments[RR_MAX_SEGMENTS];
} rr_growable;

/* pre: the array is zeroed, or was closed. */
void rr_growable_close(rr_growable *array);

/* Stores at an index, growing the array if necessary; RR_ENOMEM if it cannot grow.
 * Any thread may call it.  pre: 0 <= index < RR_MAX_SLOTS */
int rr_growable_store(rr_growable *array, int64_t index, int32_t item);

/* The item stored last at an index; 0 if there is none. */
int32_t rr_growable_load(const rr_growable *array, int64_t index);

#endif
