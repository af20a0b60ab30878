/* sign_split.c -- one word whose sign says whether threads share the object.
 *
 * Claim         CORRECT for counting up to the largest count; beyond it the object leaks
 *               and is never freed.  It relies on every object being published: whoever
 *               puts one where other threads look has to say so first, of it and of all
 *               that can be reached from it.  The machine does; a race begins shared what
 *               is shared.  Not against a borrowed reference.
 * Follows       Koka, kklib/src/refcount.c and kklib/include/kklib.h; Lean 4,
 *               src/include/lean/lean.h and src/runtime/object.cpp.
 *               tests/elab/rc_sticky_thresholds.lean there proves Lean's thresholds.
 * State         ob_refcnt, signed, with `most` the largest count:
 *                 n > 0                      n references, all of one thread
 *                 0                          none
 *                 -most to -1                so many references, of any threads, negated
 *                 -most - 2^20 to -most - 1  drops no more: there were too many to count
 *                 less                       changes no more
 * Steps         incref, decref 2, or 1 where they change nothing; try_incref 1, and 2 for
 *               an object of one thread; unique 1.
 * Memory order  of an object of one thread: relaxed loads and stores, plain ones but for
 *               what C says of races.  Of a shared one, the look at the sign is relaxed:
 *               it was published before, and what published the pointer publishes the
 *               sign.  incref is relaxed, as in atomic.c; decref acquire and release in
 *               one, as in Lean; try_incref acquire, as there; unique relaxed, as in
 *               both, for it is true only of an object of one thread.
 * Invariant     where the word is above 0 no other thread can reach the object, and where
 *               it is from -most to most its distance from 0 is the number of references.
 *               A word that has been below -most comes back only by drops that had looked
 *               before; each is one that is missing in what was dropped since, so the
 *               count is never too low.  Increments go on for 2^20 more, so that such a
 *               drop takes back none that was left out: that is far more than threads can
 *               be between their look and their addition, 64 here.
 * Differs       0 is nobody's (a sole reference in Koka, an immortal object in Lean).  Both
 *               have 2^28 where this has 2^20, in a word of 32 bits where this has 30, the
 *               explorer's.  A local count stops at the largest one and not at the end of
 *               the word, and a last local reference leaves 0 behind.
 */
#include "modes/mode.h"

/* Between the first threshold and the second, and beyond that, where an overflow of one
 * thread goes: in the middle of what changes no more. */
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

/* One more of a thread's own. */
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

/* An object at 0 is no thread's own: what comes to it then is a finding in the model, and
 * natively finds memory that changes no more. */
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

/* A shared object is nobody's to change, however few references it has: who may try to
 * count it is not known.  A local one needs no order. */
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
    int64_t n = start->count > 0 ? start->count : 0; /* there is no word for less */
    words->refcnt = start->is_shared ? -n : n;
}

RR_MODE_TABLE(sign_split, .count_of = rr_sign_split_count_of,
              .standing = rr_sign_split_standing, .begin = rr_sign_split_begin,
              .publish = rr_sign_split_publish, .keeps_its_width = true);
