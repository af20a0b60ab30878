/* deferred_stale_unique.c -- deferred counting, with a unique that may read an old word
 *
 * Claim         BROKEN under C11, and only there: the load of unique may read the word as
 *               it was before another thread pinned the object, so a sole owner writes
 *               while another thread still reads.
 * Follows       deferred.c, as it was until it was explored under C11
 * State         ob_refcnt: settled references times 256, plus the number of pins; one lane
 *               per thread, as in deferred.c.
 * Steps         incref 2, decref 2; 3 at a thread's first use after it has settled.
 * Memory order  as deferred.c, but unique loads where it should add 0.
 * Invariant     as in deferred.c.
 */
#include "modes/mode.h"

RR_MODE_CARD(deferred_stale_unique, .claim = RR_BROKEN,
    .title = "deferred, with a unique that may read an old word",
    .summary = "as deferred, but unique loads the word and may miss a pin",
    .incref_steps = 2, .decref_steps = 2,
    .layout =
        "ob_refcnt: settled rest = the references that are settled "
        "| pins 8 = the number of threads with unsettled ones; "
        RR_LAYOUT_LANES
        "lane: unsettled rest = increments minus decrements since a thread settled "
        "| pinned? 1 = the thread holds one of the pins",
    .limits = "only C11 shows it: a sole owner writes while another's last use is on its way.",
    .source = "deferred.c of refrace until its proof under C11");

/* A pin is 1, so that try_incref can pin by an increment. */
enum { RR_STALE_PIN = 1, RR_STALE_PINS = 255, RR_STALE_ONE = 256 };

static inline int64_t
rr_deferred_stale_unique_settled(int64_t word)
{
    return (word - (word & RR_STALE_PINS)) / RR_STALE_ONE;
}

static inline void
rr_deferred_stale_unique_add(rr_object *o, int64_t d)
{
    rc_cell *lane = rr_lane(o, 0);
    int64_t n = rc_load_relaxed(lane);
    if (n == 0) {
        (void)rc_fetch_add_relaxed(&o->ob_refcnt, RR_STALE_PIN);
        n = 1;
    }
    rc_store_relaxed(lane, n + 2 * d);
}

static inline void
rr_deferred_stale_unique_incref(rr_object *o)
{
    rr_deferred_stale_unique_add(o, 1);
}

static inline void
rr_deferred_stale_unique_decref(rr_object *o)
{
    rr_deferred_stale_unique_add(o, -1);
}

/* The pin comes first, so that the attempt takes effect at its first step.  A thread that
 * has a pin already gives the second one back. */
static inline bool
rr_deferred_stale_unique_try_incref(rr_object *o)
{
    if (!rc_increment_unless_zero_acquire(&o->ob_refcnt)) {
        return false;
    }
    rc_cell *lane = rr_lane(o, 0);
    int64_t n = rc_load_relaxed(lane);
    if (n == 0) {
        n = 1;
    }
    else {
        (void)rc_fetch_add_relaxed(&o->ob_refcnt, -RR_STALE_PIN);
    }
    rc_store_relaxed(lane, n + 2);
    return true;
}

/* No other thread has a pin, and the settled references plus this thread's are 1. */
static inline bool
rr_deferred_stale_unique_unique(rr_object *o)
{
    int64_t n = rc_load_relaxed(rr_lane(o, 0));
    int64_t word = rc_load_acquire(&o->ob_refcnt);
    return (word & RR_STALE_PINS) == (n != 0) &&
           rr_deferred_stale_unique_settled(word) + (n - (n != 0)) / 2 == 1;
}

/* Clears the lane first, because after the add another thread may free the object. */
static bool
rr_deferred_stale_unique_settle(rr_thread *me)
{
    rr_object *o = rc_lane_next(me, 0);
    if (o == NULL) {
        return false;
    }
    rc_cell *lane = rr_lane(o, 0);
    int64_t n = rc_load_relaxed(lane);
    rc_store_relaxed(lane, 0);
    int64_t d = (n - 1) / 2 * RR_STALE_ONE - RR_STALE_PIN;
    if (rc_fetch_add_acq_rel(&o->ob_refcnt, d) + d == 0) {
        rc_dealloc(o);
    }
    return true;
}

/* Each pin accounts for the 1 in some lane.  While a pin is being made its lane is still
 * 0; the division drops the resulting half. */
static inline int64_t
rr_deferred_stale_unique_count_of(const rr_words *words)
{
    int64_t pins = words->refcnt & RR_STALE_PINS;
    return rr_deferred_stale_unique_settled(words->refcnt) + (words->lanes - pins) / 2;
}

static inline void
rr_deferred_stale_unique_begin(rr_words *words, const rr_start *start)
{
    words->refcnt = start->count * RR_STALE_ONE;
}

RR_MODE_TABLE(deferred_stale_unique, .keeps = RR_KEEPS_LANES, .n_lanes = 1, .settles = true,
              .count_of = rr_deferred_stale_unique_count_of, .begin = rr_deferred_stale_unique_begin,
              .quiesce = rr_deferred_stale_unique_settle, .detach = rr_deferred_stale_unique_settle,
              .leave = rr_deferred_stale_unique_settle);
