/* biased_weak_queue.c -- biased, but the queue holds no reference.
 *
 * Claim         BROKEN: if the shared count of a queued object returns to zero, its
 *               owner's last decrement frees it while it is still in the queue.
 * Follows       J. Choi, T. Shull, J. Torrellas, "Biased Reference Counting", PACT 2018,
 *               as printed: the queued bit says that the count fell below zero, and the
 *               owner's list holds no reference.  CPython's queue does.
 * State         as biased.c; the queued bit stays set while the count changes.
 * Steps         as biased.c.
 * Memory order  as biased.c.
 * Invariant     ob_refcnt plus the shared count equals the references.
 */
#define RR_BIASED(name) rr_biased_weak_queue_##name
#define RR_BIASED_OWN_QUEUE
#define RR_BIASED_OWN_DROP
#define RR_BIASED_QUEUE_HOLDS 0

#include "modes/biased_family.h"

RR_MODE_CARD(biased_weak_queue, .place = 19, .claim = RR_BROKEN,
    .title = "biased, uncounted queue",
    .summary = "biased, but the owner's queue holds no references to the objects in it",
    .incref_steps = 3, .decref_steps = 3,
    .layout = RR_LAYOUT_BIASED,
    .limits = "an owner that frees an object that is still in its own queue",
    .source =
        "Choi, Shull, Torrellas, Biased Reference Counting, PACT 2018, as printed");

static RR_RARE void
RR_BIASED(queue)(rr_object *o)
{
    int64_t tid = rc_load_relaxed(&o->ob_tid);
    bool is_owned = tid != 0 && tid != RR_BIASED_UNOWNED_TID;
    if (is_owned && !rc_queue_push(o, tid) && RR_BIASED(merge)(o, 0) == 0) {
        rc_dealloc(o);
    }
}

static inline void
RR_BIASED(drop)(rr_object *o)
{
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared), now;
    bool goes_below;
    do {
        goes_below = shared == 0 || shared == RR_SHARED_MAYBE_TRIED;
        now = (goes_below ? RR_SHARED_QUEUED : shared) - RR_SHARED_ONE;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared, now));
    if (goes_below) {
        RR_BIASED(queue)(o);
    }
    else if (now == RR_SHARED_MERGED) {
        rc_dealloc(o);
    }
}

RR_MODE_TABLE(biased_weak_queue, RR_BIASED_WORDS,
              .quiesce = rr_biased_weak_queue_quiesce,
              .leave = rr_biased_weak_queue_leave,
              .resurrect_end = rr_biased_weak_queue_resurrect_end);

#undef RR_BIASED
