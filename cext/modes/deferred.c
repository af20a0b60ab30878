/* deferred.c -- a thread's increments and decrements between two quiescent points are not
 * counted until the second.
 *
 * Claim         CORRECT for counting by any thread.  It does not protect borrowed
 *               references and frees late: an object outlives its last reference until
 *               every thread that has touched it has reached a quiescent point.
 * Follows       L. P. Deutsch, D. G. Bobrow, "An efficient, incremental, automatic
 *               garbage collector", CACM 19(9), 1976: references from a stack are not
 *               counted, and a zero means nothing while there may be some.  CPython 3.14
 *               without a GIL does this for functions, code and modules
 *               (pycore_stackref.h); its collector stops the world to find them.  Here a
 *               thread pins the object to show that it has some, so no thread needs to be
 *               stopped.  Rust's crate trc counts threads in the same way.
 * State         ob_refcnt: settled references times 256, plus, in the low 8 bits, the
 *               number of threads with unsettled ones (pins).  One lane per thread: 0, or
 *               twice the unsettled count plus 1.
 * Steps         incref 2, decref 2; 3 at a thread's first use after it has settled.
 * Memory order  only its own thread writes a lane, so it is relaxed.  So is the pin: a
 *               thread that pins holds a reference.  Settling and unique are atomic adds
 *               with acquire-release: all earlier accesses happen before the free.
 * Invariant     the settled references plus all unsettled ones equal the references; a
 *               thread whose lane is not 0 has a pin, and an object with a pin lives.
 */
#include "modes/mode.h"

RR_MODE_CARD(deferred, .place = 22, .claim = RR_CORRECT,
    .title = "settled at quiescent points",
    .summary =
        "between quiescent points, a thread counts in its own word and pins the object",
    .incref_steps = 2, .decref_steps = 2,
    .layout =
        "ob_refcnt: settled rest = the references that are settled "
        "| pins 8 = the number of threads with unsettled ones; "
        RR_LAYOUT_LANES
        "lane: unsettled rest = increments minus decrements since a thread settled "
        "| pinned? 1 = the thread holds one of the pins",
    .limits = "a borrowed reference; and an object is freed late, at a quiescent point",
    .source = "Deutsch, Bobrow, CACM 1976; CPython 3.14: pycore_stackref.h; crate trc");

/* A pin is 1, so that try_incref can pin by an increment. */
enum { RR_DEFERRED_PIN = 1, RR_DEFERRED_PINS = 255, RR_DEFERRED_ONE = 256 };

static inline int64_t
rr_deferred_settled(int64_t word)
{
    return (word - (word & RR_DEFERRED_PINS)) / RR_DEFERRED_ONE;
}

static inline void
rr_deferred_add(rr_object *o, int64_t d)
{
    rc_cell *lane = rr_lane(o, 0);
    int64_t n = rc_load_relaxed(lane);
    if (n == 0) {
        (void)rc_fetch_add_relaxed(&o->ob_refcnt, RR_DEFERRED_PIN);
        n = 1;
    }
    rc_store_relaxed(lane, n + 2 * d);
}

static inline void
rr_deferred_incref(rr_object *o)
{
    rr_deferred_add(o, 1);
}

static inline void
rr_deferred_decref(rr_object *o)
{
    rr_deferred_add(o, -1);
}

/* The pin comes first, so that the attempt takes effect at its first step.  A thread that
 * has a pin already gives the second one back. */
static inline bool
rr_deferred_try_incref(rr_object *o)
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
        (void)rc_fetch_add_relaxed(&o->ob_refcnt, -RR_DEFERRED_PIN);
    }
    rc_store_relaxed(lane, n + 2);
    return true;
}

/* No other thread has a pin, and the settled references plus this thread's are 1.  Adding
 * 0 reads the newest word, in which no pin is missing; under C11, a load may read an older
 * one. */
static inline bool
rr_deferred_unique(rr_object *o)
{
    int64_t n = rc_load_relaxed(rr_lane(o, 0));
    int64_t word = rc_fetch_add_acq_rel(&o->ob_refcnt, 0);
    return (word & RR_DEFERRED_PINS) == (n != 0) &&
           rr_deferred_settled(word) + (n - (n != 0)) / 2 == 1;
}

/* Clears the lane first, because after the add another thread may free the object. */
static bool
rr_deferred_settle(rr_thread *me)
{
    rr_object *o = rc_lane_next(me, 0);
    if (o == NULL) {
        return false;
    }
    rc_cell *lane = rr_lane(o, 0);
    int64_t n = rc_load_relaxed(lane);
    rc_store_relaxed(lane, 0);
    int64_t d = (n - 1) / 2 * RR_DEFERRED_ONE - RR_DEFERRED_PIN;
    if (rc_fetch_add_acq_rel(&o->ob_refcnt, d) + d == 0) {
        rc_dealloc(o);
    }
    return true;
}

/* Each pin accounts for the 1 in some lane.  While a pin is being made its lane is still
 * 0; the division drops the resulting half. */
static inline int64_t
rr_deferred_count_of(const rr_words *words)
{
    int64_t pins = words->refcnt & RR_DEFERRED_PINS;
    return rr_deferred_settled(words->refcnt) + (words->lanes - pins) / 2;
}

static inline void
rr_deferred_begin(rr_words *words, const rr_start *start)
{
    words->refcnt = start->count * RR_DEFERRED_ONE;
}

RR_MODE_TABLE(deferred, .keeps = RR_KEEPS_LANES, .n_lanes = 1, .settles = true,
              .count_of = rr_deferred_count_of, .begin = rr_deferred_begin,
              .quiesce = rr_deferred_settle, .detach = rr_deferred_settle,
              .leave = rr_deferred_settle);
