/* events.c -- all that a run did, as far as its schedule and its order depend on it.
 *
 * A search (hunting/schedules/foresight.py) replays it in a model and predicts what other
 * schedules would do.  Addresses differ between runs, so the search names memory by the
 * blocks that are noted here.
 */
#include "cpython/schedule/internal.h"

static rr_event events[RR_MOST_EVENTS];
static uint32_t n_events;
static bool is_partial; /* something is not noted, or not followed by the model */

void
rr_events_begin(void)
{
    n_events = 0;
    is_partial = false;
}

void
rr_event_add(const rr_event *event)
{
    if (n_events == RR_MOST_EVENTS) {
        is_partial = true;
        return;
    }
    events[n_events++] = *event;
}

void
rr_events_give_up(void)
{
    is_partial = true;
}

void
rr_event_block(uint8_t runner, uintptr_t base, size_t size)
{
    rr_event_add(&(rr_event){
        .kind = RR_EVENT_BLOCK, .runner = runner, .address = base, .size = size});
}

static void
event_of_lock(const rr_runner *me, rr_event_kind kind, rr_way way, const void *lock,
              size_t left)
{
    if (rr_is_running) {
        rr_event_add(&(rr_event){
            .kind = (uint8_t)kind,
            .way = (uint8_t)way,
            .runner = (uint8_t)me->number,
            .address = (uintptr_t)lock,
            .size = left,
        });
    }
}

static rr_event_kind
changes_hands(bool takes)
{
    return takes ? RR_EVENT_TAKES : RR_EVENT_LEAVES;
}

void
rr_event_lock(const rr_runner *me, bool takes, const void *lock)
{
    event_of_lock(me, changes_hands(takes), RR_WAY_OWNS, lock, 0);
}

void
rr_event_shared(const rr_runner *me, bool takes, const void *lock)
{
    event_of_lock(me, changes_hands(takes), RR_WAY_SHARES, lock, 0);
}

void
rr_event_unit(const rr_runner *me, bool takes, const void *lock, int left)
{
    event_of_lock(me, changes_hands(takes), RR_WAY_COUNTS, lock, (size_t)left);
}

void
rr_event_signal(const rr_runner *me, rr_event_kind kind, const void *condition)
{
    event_of_lock(me, kind, RR_WAY_SIGNAL, condition, 0);
}

/* What a runner waits for; 0: nothing. */
static uintptr_t
wanted_by(const rr_runner *me)
{
    switch (me->wants) {
    case RR_WANTS_NOTHING:
        return 0;
    case RR_WANTS_GIL:
#ifdef Py_GIL_DISABLED
        return 0;
#else
        return RR_GIL_ADDRESS;
#endif
    default:
        return (uintptr_t)me->wanted;
    }
}

static rr_way
way_of_wait(const rr_runner *me)
{
    switch (me->wants) {
    case RR_WANTS_TO_READ:
        return RR_WAY_SHARES;
    case RR_WANTS_SEMAPHORE:
        return RR_WAY_COUNTS;
    case RR_WANTS_SIGNAL:
        return RR_WAY_SIGNAL;
    default:
        return RR_WAY_OWNS;
    }
}

void
rr_event_point(const rr_runner *me, rr_point point, uintptr_t address, size_t n,
               uint64_t where)
{
    rr_event_add(&(rr_event){
        .kind = RR_EVENT_POINT,
        .runner = (uint8_t)me->number,
        .point = (uint8_t)point,
        .flags = (uint8_t)((rr_is_in_call(me) ? RR_IS_IN_CALL : 0) |
                           (me->has_limit ? RR_HAS_LIMIT : 0)),
        .way = (uint8_t)way_of_wait(me),
        .where = where,
        .address = address,
        .other = rr_copied_from(me, point, address, n),
        .size = n,
        .wants = wanted_by(me),
        .epoch = rr_epoch_now(me->number),
    });
}

/* The runner releases a lock now: at its last point it still held it. */
void
rr_event_before_unlock(int runner)
{
    for (uint32_t i = n_events; i-- > 0;) {
        if (events[i].kind == RR_EVENT_POINT && events[i].runner == runner) {
            events[i].flags |= RR_UNLOCKS;
            break;
        }
    }
}

static bool
may_conflict_at(const rr_event *e)
{
    return (e->flags & (RR_IS_IN_CALL | RR_UNLOCKS)) != 0 ||
           rr_may_conflict((rr_point)e->point, e->address, e->other, e->size, e->runner,
                           e->epoch);
}

void
rr_events_end(void)
{
    /* Only now is it known which places runners touched without an order. */
    for (uint32_t i = 0; i < n_events; i++) {
        if (events[i].kind == RR_EVENT_POINT && may_conflict_at(&events[i])) {
            events[i].flags |= RR_CONFLICTS;
        }
    }
}

const rr_event *
rr_schedule_events(uint32_t *n)
{
    *n = n_events;
    return is_partial ? NULL : events;
}
