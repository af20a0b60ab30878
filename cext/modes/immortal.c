/* immortal.c -- counts as atomic does, but does not count immortal objects.
 *
 * Claim         CORRECT: mortal objects are counted, immortal ones are never freed.  It
 *               does not protect borrowed references.
 * Follows       CPython 3.14, Include/refcount.h, Py_INCREF and Py_DECREF of the build
 *               with a GIL (PEP 683; different thresholds: gh-125174).
 * State         ob_refcnt: below 1 << 29, the number of references; from there on the
 *               object is immortal.  It starts at 3 << 28 or more: `rc 805306368`.
 * Steps         incref, decref: 1 on an immortal object (a load), otherwise 2 (a load and
 *               an addition); try_incref, unique 1.  immortalise: 1 on an immortal object,
 *               otherwise 2 (a load and a store).
 * Memory order  as atomic.c.  The load before the addition is relaxed: an object is made
 *               immortal before the caller gets its reference.  A concurrent update that
 *               the load misses shifts the count by one, which the thresholds tolerate.
 * Invariant     below 1 << 29 ob_refcnt equals the number of references.  From there on
 *               decref does nothing, while incref still adds one up to 3 << 28.  Code
 *               that writes the field by hand may have lowered it; decref lowers it no
 *               further, and every incref raises it again.
 * Differs       CPython adds without an atomic operation, under its GIL.  This mode runs
 *               without a GIL, so it counts mortal objects as atomic does.  CPython's
 *               thresholds are 2^31 and 3 * 2^30 in a 32-bit word; these are a quarter of
 *               them, because they must also fit into the explorer's word.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(immortal, .place = 11, .claim = RR_CORRECT,
    .title = "immortal objects",
    .summary =
        "atomic, but an object whose count exceeds a threshold is not counted at all",
    .incref_steps = 2, .decref_steps = 2,
    .layout =
        "ob_refcnt: immortal? rest = not 0 if the object is not counted, first 3 << 28 "
        "| count 29 = the number of references",
    .limits = "a borrowed reference; and an object that becomes immortal is never freed",
    .source = "CPython 3.14: Include/refcount.h, PEP 683, gh-125174");

/* decref ignores counts from the first on.  incref and try_incref ignore counts from the
 * second on, which is where an immortal object starts. */
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

/* _Py_SetImmortalUntracked.  A concurrent update that comes between the load and the store
 * is lost, and one that comes after the store shifts the count by one: the thresholds
 * tolerate both. */
static inline void
rr_immortal_immortalise(rr_object *o)
{
    if (rc_load_relaxed(&o->ob_refcnt) < RR_IMMORTAL_LEAST) {
        rc_store_relaxed(&o->ob_refcnt, RR_IMMORTAL_BEGIN);
    }
}

static inline int
rr_immortal_standing(const rr_words *words, int64_t most)
{
    (void)most;
    return words->refcnt >= RR_IMMORTAL_LEAST ? RR_IMMORTAL : RR_COUNTED;
}

RR_MODE_TABLE(immortal, RR_COUNT_IS_A_CELL, .standing = rr_immortal_standing,
              .immortalise = rr_immortal_immortalise);
