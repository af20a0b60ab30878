/* canary_reading.c -- a record as plain values. */
#include <Python.h>

#include "cpython/canary_count.h"
#include "cpython/canary_record.h"

/* A protected page was not touched since it became inaccessible. */
static void
read_count(const rr_canary *c, rr_canary_reading *out)
{
    out->count = c->is_protected ? RR_POISON : rr_count_read(c->object);
    out->drift = out->count - (out->state == RR_CANARY_LIVE ? out->expected : RR_POISON);
}

static void
read_plan(const rr_canary *c, rr_canary_plan *out)
{
    *out = (rr_canary_plan){.supports = c->supports,
                            .is_tracked = c->is_tracked,
                            .is_merged = c->is_merged,
                            .is_trapped = c->is_trapped,
                            .has_value = c->has_value,
                            .value = c->value,
                            .n_hooks = c->n_hooks};
    for (int n = 0; n < c->n_hooks; n++) {
        out->hooks[n] = (rr_hook_plan){c->hooks[n].slot, c->hooks[n].action,
                                       c->hooks[n].nth};
    }
}

static const char *
slot_name(int slot)
{
    return slot == RR_SLOT_none ? NULL : rr_slot_names[slot];
}

uintptr_t
rr_canary_address(const rr_canary *canary)
{
    return (uintptr_t)canary->object;
}

void
rr_canary_read(const rr_canary *canary, rr_canary_reading *out)
{
    const int n_traps = canary->n_traps;
    *out = (rr_canary_reading){
        .state = canary->state,
        .expected = canary->held,
        .deaths = canary->deaths,
        .touches = canary->touches,
        .dead_touches = canary->dead_touches,
        .first_dead_slot = slot_name(canary->first_dead_slot),
        .died_in_slot = canary->died_in_slot,
        .died_detached = canary->died_detached,
        .died_while_held = canary->died_while_held,
        .n_traps = n_traps < RR_MOST_TRAP_IPS ? n_traps : RR_MOST_TRAP_IPS,
        .toucher = canary->toucher,
        .killer = canary->killer,
        .touch_stack = canary->touch_stack,
        .death_stack = canary->death_stack,
        .made_by = canary->made_by,
        .born_in = slot_name(canary->born_in),
    };
    for (int n = 0; n < out->n_traps; n++) {
        out->traps[n] = canary->trap_ips[n];
    }
    read_plan(canary, &out->plan);
    read_count(canary, out);
}
