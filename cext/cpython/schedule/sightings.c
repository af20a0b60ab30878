/* sightings.c -- what the hooks saw that no correct program does. */
#include "cpython/schedule/internal.h"

static rr_sighting sightings[RR_MOST_SIGHTINGS];
static int n_sightings;

void
rr_sightings_forget(void)
{
    n_sightings = 0;
}

rr_frames
rr_frames_of(const rr_runner *me, void *pc)
{
    rr_frames out = {.n = 1, .pc = {pc}};
    int depth = me->depth < RR_DEEPEST_STACK ? me->depth : RR_DEEPEST_STACK;
    for (int i = depth - 1; i >= 0 && out.n < RR_MOST_FRAMES; i--) {
        out.pc[out.n++] = me->frames[i];
    }
    return out;
}

/* The same two places count once. */
void
rr_sighting_add(const rr_sighting *seen)
{
    for (int i = 0; i < n_sightings; i++) {
        const rr_sighting *known = &sightings[i];
        if (known->kind == seen->kind && known->at.pc[0] == seen->at.pc[0] &&
            known->other_at.pc[0] == seen->other_at.pc[0]) {
            return;
        }
    }
    if (n_sightings < RR_MOST_SIGHTINGS) {
        sightings[n_sightings] = *seen;
        sightings[n_sightings++].step = rr_steps;
    }
}

const rr_sighting *
rr_schedule_sightings(int *n)
{
    *n = n_sightings;
    return sightings;
}
