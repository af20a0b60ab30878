/* hook.c -- on which object a hook of the mode runs. */
#include <string.h>

#include "conformance/internal.h"

/* Runs a hook in the machine to see which object it uses, and undoes it. */
static bool
try_hook(rr_round *r, int thread, int *object)
{
    size_t bytes = (size_t)r->m->layout.n_words * sizeof *r->before;
    memcpy(r->before, r->m->w, bytes);
    rr_progress progress;
    do {
        progress = rr_machine_step(r->m, thread, RR_STEP);
    } while (progress == RR_RAN && !r->m->seen.completes);
    *object = r->m->object;
    memcpy(r->m->w, r->before, bytes);
    return progress == RR_RAN;
}

/* A hook that finds no object may overlap with a thread that is about to push into its
 * queue.  So it runs at an object of its own thread, preferably one that others use. */
static int
own_object(const rr_round *r, int thread, rr_rng *rng)
{
    int found = -1;
    bool is_met = false;
    uint64_t n = 0;
    for (int i = 0; i < r->m->layout.n_objects; i++) {
        rr_words words = rr_machine_words(r->m, r->m->w, i);
        bool has_begun = r->batches[i].n > 0;
        if (words.tid != thread + 1 || rr_machine_is_freed(r->m, i) ||
            (is_met && !has_begun)) {
            continue;
        }
        n = has_begun && !is_met ? 1 : n + 1;
        is_met = has_begun;
        found = rr_rng_next(rng) % n == 0 ? i : found;
    }
    return found;
}

bool
rr_round_place_hook(rr_round *r, int thread, int *object, rr_rng *rng)
{
    if (!try_hook(r, thread, object)) {
        return false;
    }
    if (*object < 0) {
        *object = own_object(r, thread, rng);
    }
    return true;
}
