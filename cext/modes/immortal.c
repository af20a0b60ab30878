/* immortal.c -- counts as atomic does, but leaves alone an object that nobody counts.
 *
 * Claim         CORRECT: mortal objects are counted, immortal ones are never freed.  Not
 *               against a borrowed reference.
 * Follows       CPython 3.14, Include/refcount.h, Py_INCREF and Py_DECREF of the build
 *               with a GIL (PEP 683; different thresholds: gh-125174).
 * State         ob_refcnt: below 1 << 29 the number of references; from there on the
 *               object is immortal.  It begins so at 3 << 28 or more: `rc 805306368`.
 * Steps         incref, decref: 1 on an immortal object (a load), 2 on another (a load,
 *               an addition); try_incref, unique 1.
 * Memory order  as atomic.c.  The load before is relaxed: whether the object is immortal
 *               was settled before the caller had its reference, and a count that it
 *               misses is a drift of one, which the thresholds allow for.
 * Invariant     below 1 << 29 ob_refcnt equals the number of references.  From there on
 *               decref does nothing, while incref still adds one up to 3 << 28: code that
 *               wrote the field by hand may have moved it down, and nothing moves it
 *               further, but every incref moves it up again.
 * Differs       CPython adds without an atomic operation, under its GIL; here threads are
 *               on their own, so mortal objects are counted as in atomic.  Its thresholds
 *               are 2^31 and 3 * 2^30, of a 32-bit word; these are a quarter of them, for
 *               they have to lie within the word of the explorer too.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

/* decref leaves alone what is at or above the first, incref and try_incref what is at or
 * above the second, where an immortal object begins. */
enum { RR_IMMORTAL_LEAST = 1 << 29, RR_IMMORTAL_BEGIN = 3 << 28 };

static inline void
rr_immortal_incref(rr_object *o)
{
    if (rc_load_relaxed(&o->ob_refcnt) < RR_IMMORTAL_BEGIN) {
        (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
    }
}

static inline void
rr_immortal_decref(rr_object *o)
{
    if (rc_load_relaxed(&o->ob_refcnt) >= RR_IMMORTAL_LEAST) {
        return;
    }
    if (rc_fetch_add_release(&o->ob_refcnt, -1) == 1) {
        rc_fence_acquire(&o->ob_refcnt);
        rc_dealloc(o);
    }
}

static inline bool
rr_immortal_try_incref(rr_object *o)
{
    return rc_increment_within_acquire(&o->ob_refcnt, 1, RR_IMMORTAL_BEGIN) != 0;
}

static inline bool
rr_immortal_unique(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt) == 1;
}

static inline int
rr_immortal_standing(const rr_words *words, int64_t most)
{
    (void)most;
    return words->refcnt >= RR_IMMORTAL_LEAST ? RR_IMMORTAL : RR_COUNTED;
}

RR_MODE_TABLE(immortal, RR_COUNT_IS_A_CELL, .standing = rr_immortal_standing);
