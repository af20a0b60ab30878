/* clocks.c -- vector clocks of runners, locks and the GIL, for data races as hints. */
#include "cpython/schedule/internal.h"
#include "cpython/schedule/table.h"

#include <string.h>

enum { CLOCK_BITS = 12, MOST_CLOCKS = 3 << (CLOCK_BITS - 2) };

typedef struct lock_clock {
    uintptr_t lock;
    uint32_t generation;
    uint32_t clock[RR_MOST_RUNNERS];
} lock_clock;

static lock_clock locks[1 << CLOCK_BITS];
static uint32_t clock_generation = 1, n_locks;
static uint32_t gil_clock[RR_MOST_RUNNERS];

void
rr_clocks_forget(void)
{
    clock_generation++;
    n_locks = 0;
    memset(gil_clock, 0, sizeof gil_clock);
    for (int i = 0; i < RR_MOST_RUNNERS; i++) {
        memset(rr_runners[i].clock, 0, sizeof rr_runners[i].clock);
        rr_runners[i].clock[i] = 1;
    }
    rr_epochs_begin();
}

/* NULL: the table is full, and a false hint is possible. */
static lock_clock *
clock_of(const void *lock)
{
    uintptr_t key = (uintptr_t)lock;
    for (uint32_t at = rr_table_start(key, CLOCK_BITS);;
         at = rr_table_next(at, CLOCK_BITS)) {
        lock_clock *found = &locks[at];
        if (found->generation != clock_generation) {
            if (n_locks == MOST_CLOCKS) {
                return NULL;
            }
            n_locks++;
            *found = (lock_clock){.lock = key, .generation = clock_generation};
            return found;
        }
        if (found->lock == key) {
            return found;
        }
    }
}

static void
join(uint32_t *into, const uint32_t *from)
{
    for (int i = 0; i < RR_MOST_RUNNERS; i++) {
        into[i] = into[i] > from[i] ? into[i] : from[i];
    }
}

void
rr_clock_acquire(rr_runner *me, const void *lock)
{
    const lock_clock *found = clock_of(lock);
    if (found != NULL) {
        join(me->clock, found->clock);
        rr_epoch_next(me);
    }
}

void
rr_clock_release(rr_runner *me, const void *lock)
{
    lock_clock *found = clock_of(lock);
    if (found != NULL) {
        join(found->clock, me->clock);
    }
    me->clock[me->number]++;
    rr_epoch_next(me);
}

void
rr_clock_acquire_gil(rr_runner *me)
{
    join(me->clock, gil_clock);
    rr_epoch_next(me);
}

void
rr_clock_release_gil(rr_runner *me)
{
    join(gil_clock, me->clock);
    me->clock[me->number]++;
    rr_epoch_next(me);
}
