/* biased_as_printed.c -- biased, but the owner is cleared last, as the paper prints it.
 *
 * Claim         BROKEN: once the owner has set the merged bit, another thread may drop
 *               the last reference and free the object, and the owner still writes to it.
 * Follows       J. Choi, T. Shull, J. Torrellas, "Biased Reference Counting", PACT 2018,
 *               figure of the decrement by the owner (the paper says that its code is
 *               written for readability).
 * State         as biased.c.
 * Steps         as biased.c; at zero always a compare-and-swap, then clearing the owner.
 * Memory order  as biased.c.
 * Invariant     as biased.c, unless a thread drops the last reference during a merge.
 */
#define RR_BIASED(name) rr_biased_as_printed_##name
#define RR_BIASED_OWN_ZERO

#include "modes/biased_family.h"

RR_MODE_CARD(biased_as_printed, .place = 17, .claim = RR_BROKEN,
    .title = "biased, owner cleared last",
    .summary =
        "biased, but at zero the owner gives the object up before it clears ob_tid",
    .incref_steps = 3, .decref_steps = 3,
    .layout = RR_LAYOUT_BIASED,
    .limits = "a thread that drops the last reference before ob_tid is cleared",
    .source = "Choi, Shull, Torrellas, Biased Reference Counting, PACT 2018");

static RR_RARE void
RR_BIASED(zero)(rr_object *o)
{
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared), merged;
    do {
        merged = shared | RR_SHARED_MERGED;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared, merged));
    if (merged == RR_SHARED_MERGED) {
        rc_dealloc(o);
    }
    else {
        /* Another thread may free the object before this. */
        rc_store_relaxed(&o->ob_tid, 0);
    }
}

RR_MODE_TABLE(biased_as_printed, RR_BIASED_WORDS,
              .quiesce = rr_biased_as_printed_quiesce,
              .leave = rr_biased_as_printed_leave,
              .resurrect_end = rr_biased_as_printed_resurrect_end);

#undef RR_BIASED
