/* mixed_width.c -- incref accesses the low part of the word, decref the whole word.
 *
 * Claim         BROKEN without a lock around it, as unlocked is.  Correct while only one
 *               thread at a time runs an operation.
 * Follows       CPython 3.12 and 3.13, Include/object.h, Py_INCREF and Py_DECREF of the
 *               build with a GIL: 32 bits are incremented and 64 decremented.
 * State         ob_refcnt: the number of references; from 1 << 27 on the object is
 *               immortal.  Both operations check this in the low 28 bits: incref by their
 *               carry, decref by their highest bit.
 * Steps         incref 2, decref 2, try_incref 2 (1 when it fails), unique 1; 1 if the
 *               object is immortal.
 * Memory order  relaxed everywhere, as unlocked.c.
 * Invariant     none, as in unlocked.  A decref overwrites increments between its load
 *               and its store; an incref does not overwrite the high part.
 * Differs       the low part has 28 bits, to fit the explorer's word.  A native write of
 *               a part is a compare-and-swap of the whole word, because C does not define
 *               races on a part of an object.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(mixed_width, .place = 15, .claim = RR_BROKEN,
    .title = "mixed widths",
    .summary =
        "one plain word; increments access its low part, decrements the whole word",
    .incref_steps = 2, .decref_steps = 2,
    .layout =
        "ob_refcnt: high? rest = the bits that increments neither read nor write "
        "| immortal? 1 = the object is not counted | count 27 = the number of "
        "references",
    .limits = "anything another thread does between the load and the store",
    .source = "CPython 3.12 and 3.13: Include/object.h, ob_refcnt_split");

enum { RR_MIXED_WIDTH_IMMORTAL = 1 << (RC_LOW_BITS - 1) };

static inline void
rr_mixed_width_incref(rr_object *o)
{
    int64_t n = rc_load_low_relaxed(&o->ob_refcnt) + 1;
    if (n >> RC_LOW_BITS == 0) {
        /* Another thread may run here, as in unlocked. */
        rc_store_low_relaxed(&o->ob_refcnt, n);
    }
}

static inline void
rr_mixed_width_decref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if (n & RR_MIXED_WIDTH_IMMORTAL) {
        return;
    }
    /* The same gap. */
    rc_store_relaxed(&o->ob_refcnt, n - 1);
    if (n == 1) {
        rc_dealloc(o);
    }
}

static inline bool
rr_mixed_width_try_incref(rr_object *o)
{
    int64_t n = rc_load_low_relaxed(&o->ob_refcnt);
    if (n != 0 && (n + 1) >> RC_LOW_BITS == 0) {
        rc_store_low_relaxed(&o->ob_refcnt, n + 1);
    }
    return n != 0;
}

static inline bool
rr_mixed_width_unique(rr_object *o)
{
    return rc_load_relaxed(&o->ob_refcnt) == 1;
}

/* All bits of the low part: increments stop there. */
static inline void
rr_mixed_width_immortalise(rr_object *o)
{
    if ((rc_load_relaxed(&o->ob_refcnt) & RR_MIXED_WIDTH_IMMORTAL) == 0) {
        rc_store_relaxed(&o->ob_refcnt, RC_LOW_MASK);
    }
}

static inline int
rr_mixed_width_standing(const rr_words *words, int64_t most)
{
    (void)most;
    bool is_immortal = words->refcnt >= 0 && words->refcnt & RR_MIXED_WIDTH_IMMORTAL;
    return is_immortal ? RR_IMMORTAL : RR_COUNTED;
}

RR_MODE_TABLE(mixed_width, RR_COUNT_IS_A_CELL, .standing = rr_mixed_width_standing,
              .immortalise = rr_mixed_width_immortalise);
