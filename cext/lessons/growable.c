/* growable.c -- which segment an index is in, and which thread allocates it. */
#include "lessons/growable.h"

#include <stddef.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

typedef struct rr_place {
    int segment;
    int64_t offset;
    int64_t size; /* of the segment, in slots */
} rr_place;

static rr_place
place_of(int64_t index)
{
    rr_place place = {0, index, RR_FIRST_SEGMENT};
    while (place.offset >= place.size) {
        place.offset -= place.size;
        place.size *= 2;
        place.segment++;
    }
    return place;
}

void
rr_growable_close(rr_growable *array)
{
    for (int s = 0; s < RR_MAX_SEGMENTS; s++) {
        rr_free((void *)atomic_load_explicit(&array->segments[s], memory_order_relaxed));
        atomic_store_explicit(&array->segments[s], NULL, memory_order_relaxed);
    }
}

int
rr_growable_store(rr_growable *array, int64_t index, int32_t item)
{
    rr_place place = place_of(index);
    /* Acquire, here and on failure below: sees the zeros of the allocating thread. */
    _Atomic int32_t *segment =
        atomic_load_explicit(&array->segments[place.segment], memory_order_acquire);
    if (segment == NULL) {
        _Atomic int32_t *fresh = rr_alloc((size_t)place.size, sizeof *fresh);
        if (fresh == NULL) {
            return RR_ENOMEM;
        }
        if (atomic_compare_exchange_strong_explicit(&array->segments[place.segment],
                                                    &segment, fresh,
                                                    memory_order_acq_rel,
                                                    memory_order_acquire)) {
            segment = fresh;
        }
        else {
            rr_free((void *)fresh); /* another thread was first */
        }
    }
    atomic_store_explicit(&segment[place.offset], item, memory_order_relaxed);
    return RR_OK;
}

int32_t
rr_growable_load(const rr_growable *array, int64_t index)
{
    rr_place place = place_of(index);
    _Atomic int32_t *segment =
        atomic_load_explicit(&array->segments[place.segment], memory_order_acquire);
    return segment == NULL
               ? 0
               : atomic_load_explicit(&segment[place.offset], memory_order_relaxed);
}
