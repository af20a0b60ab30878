/* biased_relaxed_look.c -- biased, whose owner looks at the others' count with a relaxed load.
 *
 * Claim         BROKEN under C11, and only there: the owner frees the object while the
 *               last use of another thread is on its way.
 * Follows       biased.c with one order weakened.
 * State         as biased.c.
 * Steps         as biased.c.
 * Memory order  the quick look at ob_ref_shared is relaxed; it has to acquire what the
 *               others released when they dropped their references.
 * Invariant     as biased.c.
 */
#define RR_BIASED(name) rr_biased_relaxed_look_##name
#define RR_BIASED_OWN_ZERO

#include "modes/biased_family.h"

RR_MODE_CARD(biased_relaxed_look, .claim = RR_BROKEN,
    .title = "biased, relaxed look",
    .summary = "biased, but at zero the owner looks at the others' count without acquire",
    .incref_steps = 3, .decref_steps = 3,
    .layout = RR_LAYOUT_BIASED,
    .limits = "only C11 shows it: another thread's last use may come after the free",
    .source = "biased.c with one order weakened");

static RR_RARE void
RR_BIASED(zero)(rr_object *o)
{
    if (rc_load_relaxed(&o->ob_ref_shared) == 0) {
        rc_dealloc(o);
        return;
    }
    rc_store_relaxed(&o->ob_tid, 0);
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared), merged;
    do {
        merged = shared | RR_SHARED_MERGED;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared, merged));
    if (merged == RR_SHARED_MERGED) {
        rc_dealloc(o);
    }
}

RR_MODE_TABLE(biased_relaxed_look, RR_BIASED_WORDS,
              .quiesce = rr_biased_relaxed_look_quiesce,
              .leave = rr_biased_relaxed_look_leave);

#undef RR_BIASED
