/* saturating.c -- a count that sticks at a value far from both ends once it overflows.
 *
 * Claim         CORRECT for counting up to the largest count; beyond it the object leaks
 *               and is never freed, by design.  It does not protect borrowed references.
 *               It does not catch an extra decref before an overflow either: that frees
 *               an object in use, as in atomic.
 * Follows       Linux, include/linux/refcount.h and lib/refcount.c.
 * State         ob_refcnt: a signed word.  1 to the largest count: the number of
 *               references.  0: none.  Below 0: saturated, by an overflow or by an extra
 *               decref.  The saturated value is the middle of the negative half.  Threads
 *               that count between an overflow and the store that repairs it therefore
 *               move it neither back to valid counts nor past the end of the word.  `max
 *               n` in a program makes n the largest count.
 * Steps         incref, decref, try_incref, unique 1; one more when they saturate.
 * Memory order  as atomic.c; the saturating store is relaxed: it publishes nothing.
 * Invariant     from 0 to the largest count ob_refcnt equals the number of references.
 *               After an overflow no decref finds 1 again, unless half as many operations
 *               as the largest count run between an addition and the saturating store
 *               that repairs it (2^28 here; 2 for `max 3` in a program).
 * Differs       the word has 30 bits, as the explorer's has, not 32.  A try_incref at the
 *               largest count stores the saturated value instead of wrapping first.
 *               Linux warns about a decref at zero and about an incref of a dead object;
 *               the explorer ends the run there with `underflow` or `revival`.
 */
#include "modes/count_cell.h"
#include "modes/mode.h"

RR_MODE_CARD(saturating, .place = 10, .claim = RR_CORRECT,
    .title = "saturating count",
    .summary =
        "atomic, but a count that overflows stays where it is, and the object leaks",
    .incref_steps = 1, .decref_steps = 1,
    .layout =
        "ob_refcnt: sign? rest = set after an overflow: the count no longer changes "
        "| count 29 = the number of references",
    .limits =
        "a borrowed reference; and an extra decref, which frees the object as in any "
        "mode",
    .source = "Linux refcount_t: include/linux/refcount.h, lib/refcount.c");

/* The counterpart of INT_MIN / 2. */
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
