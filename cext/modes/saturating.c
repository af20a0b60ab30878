/* saturating.c -- a count that stands still, far from both ends, once it is too large.
 *
 * Claim         CORRECT for counting up to the largest count; beyond it the object leaks
 *               and is never freed, which is the point.  Not against a borrowed
 *               reference, and not against a drop too many before an overflow: that one
 *               frees an object in use, as in atomic.
 * Follows       Linux, include/linux/refcount.h and lib/refcount.c.
 * State         ob_refcnt: a signed word.  1 to the largest count: so many references.
 *               0: none.  Below 0: saturated, by an overflow or by a drop too many.
 *               The saturated value lies in the middle of the negative half, so that
 *               threads which come between an overflow and its mending move it neither
 *               back to where counts are nor past the end of the word.  In a program,
 *               `max n` says n is the largest count; the word is -(n + 1) to n.
 * Steps         incref, decref, try_incref, unique 1; one more where they saturate.
 * Memory order  as atomic.c; the saturating store is relaxed, for it publishes nothing.
 * Invariant     from 0 to the largest count ob_refcnt equals the number of references.
 *               Once it has been more, no decref finds 1 again, unless half as many
 *               operations as the largest count come between an addition and the
 *               saturating store that mends it (here 2^28; of `max 3` in a program 2).
 * Differs       the word is one of 30 bits, the explorer's, not of 32.  A try_incref at
 *               the largest count stores the saturated value instead of wrapping first.
 *               A drop at zero, or a count of a dead object, is warned of in Linux; here
 *               the explorer ends the run there: underflow, revival.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

/* What INT_MIN / 2 is to an int. */
static inline int64_t
rr_saturating_value(rr_object *o)
{
    return -((rc_count_max(o) + 2) / 2);
}

static inline void
rr_saturating_incref(rr_object *o)
{
    int64_t old = rc_fetch_add_relaxed(&o->ob_refcnt, 1);
    if (old <= 0 || old >= rc_count_max(o)) {
        rc_store_relaxed(&o->ob_refcnt, rr_saturating_value(o));
    }
}

static inline void
rr_saturating_decref(rr_object *o)
{
    int64_t old = rc_fetch_add_release(&o->ob_refcnt, -1);
    if (old == 1) {
        rc_fence_acquire(&o->ob_refcnt);
        rc_dealloc(o);
    }
    else if (old <= 0 || old > rc_count_max(o)) {
        rc_store_relaxed(&o->ob_refcnt, rr_saturating_value(o));
    }
}

static inline bool
rr_saturating_try_incref(rr_object *o)
{
    int64_t old = rc_increment_within_acquire(&o->ob_refcnt, 1, rc_count_max(o));
    if (old >= rc_count_max(o)) {
        rc_store_relaxed(&o->ob_refcnt, rr_saturating_value(o));
    }
    return old != 0;
}

static inline bool
rr_saturating_unique(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt) == 1;
}

static inline int
rr_saturating_standing(const rr_words *words, int64_t most)
{
    (void)most;
    return words->refcnt < 0 ? RR_SATURATED : RR_COUNTED;
}

RR_MODE_TABLE(saturating, RR_COUNT_IS_A_CELL, .standing = rr_saturating_standing,
              .is_signed = true);
