/* canary_names.c -- the names of slots, protocols and actions. */
#include "cpython/canary.h"

const char *const rr_slot_names[RR_N_SLOTS] = {
    "none",
#define RR_SLOT(name) #name,
#include "cpython/canary_slots.def"
    "argument",
    "any",
    "death",
};

const char *const rr_protocol_names[RR_N_PROTOCOLS] = {
#define RR_PROTOCOL(name) #name,
#include "cpython/canary_slots.def"
};

const char *const rr_action_names[RR_N_ACTIONS] = {
    [RR_ACTION_YIELD] = "yield",   [RR_ACTION_REENTER] = "reenter",
    [RR_ACTION_MUTATE] = "mutate", [RR_ACTION_RAISE] = "raise",
    [RR_ACTION_DROP] = "drop",
};
