/* order.c -- what has happened in a run so far, up to the order of what commutes.
 *
 * A step of a runner depends on the runner's last step, on the last write of each place
 * that it touches and, if it writes, on the reads since then.  A number for each step is
 * made of those of the steps that it depends on; the sum of all of them is the same for
 * two runs in which the same steps happened in an order that makes no difference, and no
 * address goes into it.  After M. Musuvathi and S. Qadeer, Partial-order reduction for
 * context-bounded state exploration, MSR-TR-2007-12.
 *
 * What a call does is not seen, so it depends on all steps before it, and all later steps
 * depend on it.  So it is with large copies, and with each step of a function that a call
 * calls back, since the rest of the call may follow it.  Calls that touch nothing shared
 * (wrappers.c) depend on nothing, and nothing depends on them.
 *
 * Two readers of a lock commute, and so do two releases of a semaphore: each is to a lock
 * what a read is to a place.
 *
 * A copy from one place to another is the step of its write, which is why a write that
 * directly follows a read of as many bytes is taken for one.
 *
 * A reduced search (choose.c) preempts a runner before a step only if the step conflicts
 * with one of another runner.  Steps that conflict there must be those that depend on each
 * other here: a step that commutes there and does not here is an order that is never tried.
 */
#include "cpython/schedule/internal.h"
#include "cpython/schedule/table.h"

enum { PLACE_BITS = 16, MOST_PLACES = 3 << (PLACE_BITS - 2) };

typedef struct place {
    uintptr_t granule;
    uint64_t write, reads; /* the last write; the sum of the reads since */
    uint32_t generation;
} place;

static place places[1 << PLACE_BITS];
static uint32_t place_generation = 1, n_places;
static uint64_t last_of[RR_MOST_RUNNERS], gil, barrier, total;
static uint64_t total_quiet; /* the part of the total that calls do not depend on */
static bool is_lost; /* more places than the table holds */

void
rr_order_begin(void)
{
    place_generation++;
    n_places = 0;
    is_lost = false;
    gil = barrier = 0;
    total = 1;
    total_quiet = 0;
    for (int i = 0; i < RR_MOST_RUNNERS; i++) {
        last_of[i] = (uint64_t)i + 1;
    }
}

uint64_t
rr_order_now(void)
{
    return is_lost ? 0 : total;
}

static place *
find_place(uintptr_t granule)
{
    for (uint32_t at = rr_table_start(granule, PLACE_BITS);;
         at = rr_table_next(at, PLACE_BITS)) {
        place *found = &places[at];
        if (found->generation != place_generation) {
            if (n_places == MOST_PLACES) {
                return NULL;
            }
            n_places++;
            *found = (place){.granule = granule, .generation = place_generation};
            return found;
        }
        if (found->granule == granule) {
            return found;
        }
    }
}

static uint64_t
mixed(uint64_t a, uint64_t b)
{
    uint64_t x = (a ^ b * UINT64_C(0x9e3779b97f4a7c15)) + UINT64_C(0x2545f4914f6cdd1d);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 29;
}

static uintptr_t
granule_after(uintptr_t address, size_t n)
{
    return (address + (n == 0 ? 1 : n) + 7) >> RR_GRANULE_BITS;
}

static uint64_t
depend(uint64_t step, uintptr_t address, size_t n, bool writes)
{
    uintptr_t end = granule_after(address, n);
    for (uintptr_t g = address >> RR_GRANULE_BITS; g < end && !is_lost; g++) {
        const place *p = find_place(g);
        is_lost = p == NULL;
        if (p != NULL) {
            step = mixed(mixed(step, p->write), writes ? p->reads : 0);
        }
    }
    return step;
}

static void
note(uint64_t step, uintptr_t address, size_t n, bool writes)
{
    uintptr_t end = granule_after(address, n);
    for (uintptr_t g = address >> RR_GRANULE_BITS; g < end && !is_lost; g++) {
        place *p = find_place(g);
        p->reads = writes ? 0 : p->reads + step;
        p->write = writes ? step : p->write;
    }
}

static uint64_t
touch(uint64_t step, uintptr_t address, size_t n, bool writes)
{
    step = depend(step, address, n, writes);
    note(step, address, n, writes);
    return step;
}

/* Which of two locks is the first one may depend on their addresses: no number does. */
static uint64_t
touch_locks(uint64_t step, uintptr_t a, uintptr_t b, bool shares)
{
    if (b == 0 || b == a) {
        return touch(step, a, 0, !shares);
    }
    step = depend(step, a, 0, true) + depend(step, b, 0, true);
    note(step, a, 0, true);
    note(step, b, 0, true);
    return step;
}

/* It is not known what the step touches. */
static uint64_t
touch_anything(const rr_runner *me, uint64_t step)
{
    rr_epoch_calls(me);
    barrier = mixed(step, total - total_quiet);
    return barrier;
}

/* The GIL; without one, the locks of the critical sections that the thread is in, which
 * it gives up and takes again. */
static uint64_t
hand_over(const rr_runner *me, uint64_t step, uint8_t *kind)
{
#ifndef Py_GIL_DISABLED
    (void)me;
    *kind = RR_EVENT_TURN;
    gil = mixed(step, gil);
    return gil;
#else
    bool is_inside = me->state->critical_section != 0;
    *kind = is_inside ? RR_EVENT_ANYTHING : RR_EVENT_ALONE;
    return is_inside ? touch_anything(me, step) : step;
#endif
}

void
rr_order_step(const rr_runner *me, rr_point point, uintptr_t address, size_t n,
              uint64_t where)
{
    uint64_t step = mixed(last_of[me->number], where * RR_N_POINTS + point);
    if (point != RR_POINT_QUIET_CALL) {
        step = mixed(step, barrier);
    }
    uintptr_t from = rr_is_large(n) ? 0 : rr_copied_from(me, point, address, n);
    rr_event event = {
        .kind = RR_EVENT_ANYTHING, /* unless it is known better, below */
        .runner = (uint8_t)me->number,
        .point = (uint8_t)point,
        .where = where,
        .address = address,
        .size = n,
    };
    switch (rr_is_in_call(me) ? RR_POINT_CALL : point) {
    case RR_POINT_WRITE:
    case RR_POINT_READ:
    case RR_POINT_ATOMIC:
        if (rr_is_large(n)) {
            step = touch_anything(me, step);
            break;
        }
        event.kind = RR_EVENT_TOUCH;
        event.flags = point != RR_POINT_READ ? RR_WRITES : 0;
        event.other = from;
        step = from != 0 ? touch(step, from, n, false) : step;
        step = touch(step, address, n, point != RR_POINT_READ);
        break;
    case RR_POINT_LOCK:
    case RR_POINT_UNLOCK:
        event.kind = RR_EVENT_LOCKS;
        event.flags = me->shares ? 0 : RR_WRITES;
        event.other = me->second_lock;
        step = touch_locks(step, address, me->second_lock, me->shares);
        break;
    case RR_POINT_GIL_RELEASE:
    case RR_POINT_GIL_TAKE:
        step = hand_over(me, step, &event.kind);
        break;
    case RR_POINT_QUIET_CALL:
        event.kind = RR_EVENT_QUIET;
        total_quiet += step;
        break;
    default: {
        size_t freed =
            point == RR_POINT_FREE ? rr_block_kept_size((const void *)address) : 0;
        if (freed > 0 && !rr_is_large(freed)) {
            event.kind = RR_EVENT_TOUCH;
            event.flags = RR_WRITES;
            event.size = freed;
            step = touch(step, address, freed, true);
        }
        else {
            step = touch_anything(me, step);
        }
        break;
    }
    }
    rr_event_add(&event);
    last_of[me->number] = step;
    total += step;
}
