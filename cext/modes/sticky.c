/* sticky.c -- a count that stays at zero once a thread has seen zero, without any loop.
 *
 * Claim         CORRECT for counting, and wait-free: no operation retries.  It requires
 *               that memory stays until no operation uses it: a decref that reached zero
 *               looks again, and meanwhile another thread may have revived and dropped
 *               the object.  CDRC defers its frees, and so does the explorer for this
 *               mode.  It does not protect borrowed references.
 * Follows       D. Anderson, G. Blelloch, Y. Wei, Turning manual concurrent memory
 *               reclamation into automatic reference counting, PLDI 2022: the sticky
 *               counter of cdrc/internal/utils.h.
 * State         ob_refcnt: 0 or more: the number of references; at 0 the object is dead
 *               only once a thread has set the zero flag.  Below 0 the zero flag is set
 *               forever: there are no references, whatever the lower bits are.  The
 *               pending bit next to it: a thread that only looked has set the flag.  The
 *               thread whose exchange clears the bit frees the object.
 * Steps         incref, try_incref 1; decref 1, and at zero 2, or 3 if another thread has
 *               looked in between; unique 1, or 2 at zero.
 * Memory order  incref: relaxed, as in atomic.c.  try_incref: acquire and release,
 *               because the caller held no reference before.  decref: release; the thread
 *               that frees reads the word with acquire after that.  Helping is both.
 * Invariant     while the flag is not set ob_refcnt equals the number of references.  The
 *               flag is set once, by a swap that finds 0, so exactly one thread frees:
 *               the decref whose swap it was, or the one that clears the pending bit.
 * Differs       the zero flag is the sign and the pending bit is bit 28, to fit the
 *               explorer's word.  A try_incref of a dead object leaves its addition in
 *               the word, as in CDRC; 2^28 of them would reach the pending bit.
 */
#include "modes/mode.h"

RR_MODE_CARD(sticky, .place = 12, .claim = RR_CORRECT,
    .title = "sticky zero",
    .summary =
        "atomic, but zero is a flag that is never cleared, so no operation must retry",
    .incref_steps = 1, .decref_steps = 1,
    .layout =
        "ob_refcnt: zero? rest = the sign: the count reached 0 and stays there "
        "| pending? 1 = a reader, not a decref, set the zero flag "
        "| count 28 = the number of references",
    .limits =
        "a borrowed reference; and a program cannot read or write the count as a word",
    .source = "Anderson, Blelloch, Wei, PLDI 2022: CDRC, cdrc/internal/utils.h");

enum { RR_STICKY_PENDING = 1 << 28, RR_STICKY_ZERO = -(1 << 29) };

static inline void
rr_sticky_incref(rr_object *o)
{
    if (rc_fetch_add_relaxed(&o->ob_refcnt, 1) < 0) {
        rc_revived(o);
    }
}

/* The last reference is gone.  Must this thread free the object? */
static inline bool
rr_sticky_has_killed(rr_object *o)
{
    int64_t seen = 0;
    if (rc_cas_acq_rel(&o->ob_refcnt, &seen, RR_STICKY_ZERO)) {
        return true;
    }
    /* Above zero: an increment came first, and the object lives on. */
    return seen < 0 && (seen & RR_STICKY_PENDING) != 0 &&
           (rc_exchange_acq_rel(&o->ob_refcnt, RR_STICKY_ZERO) & RR_STICKY_PENDING) != 0;
}

static inline void
rr_sticky_decref(rr_object *o)
{
    int64_t old = rc_fetch_add_release(&o->ob_refcnt, -1);
    if (old <= 0) {
        rc_underflowed(o);
    }
    else if (old == 1 && rr_sticky_has_killed(o)) {
        rc_dealloc(o);
    }
}

static inline bool
rr_sticky_try_incref(rr_object *o)
{
    return rc_fetch_add_acq_rel(&o->ob_refcnt, 1) >= 0;
}

/* At zero it must be decided: either the object is dead, or it is about to be counted. */
static inline int64_t
rr_sticky_load(rr_object *o)
{
    int64_t n = rc_load_acquire(&o->ob_refcnt);
    if (n == 0 && rc_cas_acq_rel(&o->ob_refcnt, &n, RR_STICKY_ZERO + RR_STICKY_PENDING)) {
        return 0;
    }
    return n < 0 ? 0 : n;
}

static inline bool
rr_sticky_unique(rr_object *o)
{
    return rr_sticky_load(o) == 1;
}

static inline int64_t
rr_sticky_count_of(const rr_words *words)
{
    return words->refcnt < 0 ? 0 : words->refcnt;
}

static inline void
rr_sticky_begin(rr_words *words, const rr_start *start)
{
    words->refcnt = start->count == 0 ? RR_STICKY_ZERO : start->count;
}

RR_MODE_TABLE(sticky, .count_of = rr_sticky_count_of, .tries_first = true,
              .begin = rr_sticky_begin, .frees_late = true);
