/* sticky.c -- a count that stays at zero once it was seen there, without any loop.
 *
 * Claim         CORRECT for counting, and wait-free: no operation tries again, where the
 *               memory stays until no operation is at it any more: a decref that came to
 *               zero looks again, and a thread that has revived the object meanwhile may
 *               have dropped it too.  CDRC defers its frees; so does the explorer here.
 *               Not against a borrowed reference.
 * Follows       D. Anderson, G. Blelloch, Y. Wei, Turning manual concurrent memory
 *               reclamation into automatic reference counting, PLDI 2022: the sticky
 *               counter of cdrc/internal/utils.h.
 * State         ob_refcnt: 0 or more: so many references, and at 0 the object is not dead
 *               before somebody says so.  Below 0 the zero flag is set, for ever: there
 *               are none, whatever the bits below say.  The pending bit beside it: the
 *               flag was set by one who only looked, and whoever clears the bit by an
 *               exchange carries out the death.
 * Steps         incref, try_incref 1; decref 1, and where it comes to zero 2, or 3 if
 *               another thread has looked in between; unique 1, or 2 at zero.
 * Memory order  incref: relaxed, as in atomic.c.  try_incref: acquire and release, since
 *               the caller held nothing before.  decref: release; whoever carries the
 *               death out has read the word by an acquire after that.  Helping is both.
 * Invariant     while the flag is not set ob_refcnt equals the number of references.  The
 *               flag is set once, by a swap that finds 0, so one thread is told of it:
 *               the decref whose swap it was, or the one that takes the pending bit away.
 * Differs       the zero flag is the sign and the pending bit 28, for the word is the
 *               explorer's.  A try_incref of a dead object leaves its addition behind, as
 *               there; 2^28 of them would reach the pending bit.
 */
#include "modes/mode.h"

enum { RR_STICKY_PENDING = 1 << 28, RR_STICKY_ZERO = -(1 << 29) };

static inline void
rr_sticky_incref(rr_object *o)
{
    if (rc_fetch_add_relaxed(&o->ob_refcnt, 1) < 0) {
        rc_revived(o);
    }
}

/* The last reference has gone; is the death this thread's to carry out? */
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

/* At zero it has to be settled which: dead, or about to be counted again. */
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
