/* canary_touch.c -- touches of canaries that have hooks, or that are not alive. */
#include <Python.h>
#include <pthread.h>

#include "cpython/canary_hooks.h"
#include "cpython/canary_stack.h"
#include "cpython/canary_touch.h"

void
rr_touch_dead(rr_canary *canary, int slot)
{
    RR_BUMP(canary->dead_touches);
    int none = RR_SLOT_none;
    if (!atomic_compare_exchange_strong(&canary->first_dead_slot, &none, slot)) {
        return;
    }
    uint64_t nobody = 0;
    atomic_compare_exchange_strong(&canary->toucher, &nobody,
                                   (uint64_t)pthread_self());
    rr_stack_note(&canary->touch_stack);
}

bool
rr_touch_slowly(rr_canary *canary, int slot)
{
    if (!rr_canary_is_live(canary)) {
        rr_touch_dead(canary, slot);
        return true; /* the hooks of the living object are over */
    }
    atomic_fetch_add(&canary->in_slot, 1);
    const bool goes_on = rr_hooks_run(canary, slot);
    atomic_fetch_sub(&canary->in_slot, 1);
    return goes_on;
}
