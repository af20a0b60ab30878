/* sign_split.c -- one word whose sign says whether threads share the object.
 *
 * Claim         CORRECT for counting up to the largest count; beyond it the object leaks
 *               and is never freed.  It relies on publication: a thread that stores an
 *               object where others can find it must first publish it and everything
 *               reachable from it.  The machine does so; a race starts its shared objects
 *               as shared.  It does not protect borrowed references.
 * Follows       Koka, kklib/src/refcount.c and kklib/include/kklib.h; Lean 4,
 *               src/include/lean/lean.h and src/runtime/object.cpp.
 *               tests/elab/rc_sticky_thresholds.lean there proves Lean's thresholds.
 * State         ob_refcnt, signed, with `most` the largest count:
 *                 n > 0                      n references, all of one thread
 *                 0                          none
 *                 -most to -1                the negated count, of any threads
 *                 -most - 2^20 to -most - 1  overflowed: no longer decremented
 *                 less                       stuck: no longer changed
 * Steps         incref, decref 2, or 1 if they change nothing; try_incref 1, or 2 for an
 *               object of one thread; unique 1.
 * Memory order  object of one thread: relaxed loads and stores, atomic only because C
 *               makes plain races undefined.  Shared object: the load of the sign is
 *               relaxed, because the release that published the pointer published the
 *               sign too.  incref is relaxed, as in atomic.c; decref is acquire-release,
 *               as in Lean; try_incref is acquire, as in atomic.c; unique is relaxed, as
 *               in Koka and Lean, because it is true only for an object of one thread.
 * Invariant     while the word is above 0 no other thread can reach the object; from
 *               -most to most its absolute value is the number of references.  A word
 *               below -most returns only through decrements whose load came before the
 *               overflow.  Later decrements are skipped, so the count is never too low.
 *               Increments continue for another 2^20, so that such a decrement cannot
 *               undo an increment that was skipped.  2^20 is far more than the number of
 *               threads between their load and their addition: 64 here.
 * Differs       0 is unused (a sole reference in Koka, an immortal object in Lean).  Both
 *               use 2^28 where this uses 2^20, in a word of 32 bits where this has 30, as
 *               the explorer's has.  A local count stops at the largest count and not at
 *               the end of the word, and the last local decrement leaves 0 behind.
 */
#include "modes/mode.h"

RR_MODE_CARD(sign_split, .place = 7, .claim = RR_CORRECT,
    .title = "split by sign",
    .summary =
        "plain while only one thread can reach the object, atomic once it is shared",
    .incref_steps = 2, .decref_steps = 2,
    .layout =
        "ob_refcnt: sign? rest = set if threads share the object, and the word is the "
        "count negated, or an overflowed count if it is -(1 << 29) or less "
        "| count 29 = the number of references",
    .limits =
        "a borrowed reference; and an object that is shared but not marked as shared",
    .source =
        "Koka: kklib/src/refcount.c; Lean 4: src/include/lean/lean.h, lean_mark_mt");

/* The distance between the two thresholds.  An overflow of one thread's count stores a
 * value as far again below the second one: well inside the stuck range. */
enum { RR_SPLIT_SLACK = 1 << 20 };

static inline int64_t
rr_sign_split_most(rr_object *o)
{
    int64_t most = rc_count_max(o);
    return most < RC_COUNT_MAX ? most : RC_COUNT_MAX;
}

static inline bool
rr_sign_split_is_stuck(rr_object *o, int64_t n)
{
    return n < -rr_sign_split_most(o) - RR_SPLIT_SLACK;
}

/* Adds a reference to an object of this thread alone. */
static inline void
rr_sign_split_add_local(rr_object *o, int64_t n)
{
    int64_t most = rr_sign_split_most(o);
    if (RR_EXPECTED(n < most)) {
        rc_store_relaxed(&o->ob_refcnt, n + 1);
    }
    else {
        rc_store_relaxed(&o->ob_refcnt, -most - 2 * RR_SPLIT_SLACK);
    }
}

static inline void
rr_sign_split_take_shared(rr_object *o, int64_t n)
{
    if (!rr_sign_split_is_stuck(o, n)) {
        (void)rc_fetch_add_relaxed(&o->ob_refcnt, -1);
    }
}

/* An object at 0 belongs to no thread.  An incref of it is a finding in the model;
 * natively it finds a word that no longer changes. */
static inline void
rr_sign_split_incref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if (RR_EXPECTED(n > 0)) {
        rr_sign_split_add_local(o, n);
    }
    else {
        rr_sign_split_take_shared(o, n);
    }
}

static inline void
rr_sign_split_drop_shared(rr_object *o, int64_t n)
{
    if (n == 0) {
        rc_underflowed(o);
    }
    else if (n >= -rr_sign_split_most(o)) {
        int64_t old = rc_fetch_add_acq_rel(&o->ob_refcnt, 1);
        if (old == -1) {
            rc_dealloc(o);
        }
        else if (old == 0) {
            rc_underflowed(o);
        }
    }
}

static inline void
rr_sign_split_decref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if (RR_EXPECTED(n > 0)) {
        rc_store_relaxed(&o->ob_refcnt, n - 1);
        if (n == 1) {
            rc_dealloc(o);
        }
    }
    else {
        rr_sign_split_drop_shared(o, n);
    }
}

static inline bool
rr_sign_split_try_incref(rr_object *o)
{
    int64_t old = rc_decrement_within_acquire(
        &o->ob_refcnt, -rr_sign_split_most(o) - RR_SPLIT_SLACK - 1, -1);
    if (old > 0) {
        rr_sign_split_add_local(o, old);
    }
    return old != 0;
}

/* A shared object is never unique, however few references it has, because any thread may
 * try to count it.  A local object needs no ordering. */
static inline bool
rr_sign_split_unique(rr_object *o)
{
    return rc_load_relaxed(&o->ob_refcnt) == 1;
}

static inline int64_t
rr_sign_split_count_of(const rr_words *words)
{
    return words->refcnt < 0 ? -words->refcnt : words->refcnt;
}

static inline int
rr_sign_split_standing(const rr_words *words, int64_t most)
{
    return words->refcnt < -most ? RR_SATURATED : RR_COUNTED;
}

static inline void
rr_sign_split_publish(rr_words *words)
{
    words->refcnt = words->refcnt > 0 ? -words->refcnt : words->refcnt;
}

static inline void
rr_sign_split_begin(rr_words *words, const rr_start *start)
{
    int64_t n = start->count > 0 ? start->count : 0; /* the word cannot express less */
    words->refcnt = start->is_shared ? -n : n;
}

RR_MODE_TABLE(sign_split, .count_of = rr_sign_split_count_of,
              .standing = rr_sign_split_standing, .begin = rr_sign_split_begin,
              .publish = rr_sign_split_publish, .keeps_its_width = true);
