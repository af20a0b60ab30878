/* upgrade_and_drop.h -- a program of two threads that use the same object, and a round of
 * it.
 */
#ifndef RR_UPGRADE_AND_DROP_H
#define RR_UPGRADE_AND_DROP_H

#include "base/rr_status.h"
#include "conformance/internal.h"
#include "tests/testing.h"

/* T1 upgrades what is in S, which is null at first.  T2, which holds A, stores A there
 * and drops its reference. */
static rr_body bodies[] = {
    {.base = 0, .n_instrs = 2, .n_locals = 1, .arg = -1, .self = -1},
    {.base = 2, .n_instrs = 3, .n_locals = 1, .arg = -1, .self = -1},
};
static rr_instr instrs[] = {
    {.op = RR_OP_UPGRADE, .result = 0, .p = {-1, 0}},
    {.op = RR_OP_RETURN, .result = -1},
    {.op = RR_OP_STORE, .result = -1, .p = {-1, 0, 0}, .live = 1},
    {.op = RR_OP_DECREF, .result = -1, .p = {0}, .live = 1},
    {.op = RR_OP_RETURN, .result = -1},
};
static rr_value values[] = {{.kind = RR_VALUE_LOCAL, .x = 0}};
static rr_cell cells[] = {{.owning = 0, .initial = 0}};
static rr_template templates[] = {{.finaliser = -1, .count = 1}};
static rr_named_object objects[] = {{.type = 0, .count = 1}};
static rr_hold holds[] = {{.thread = 1, .local = 0, .object = 0, .owning = 1}};
static const rr_program program = {
    .n_threads = 2,
    .n_bodies = 2,
    .n_instrs = 5,
    .n_values = 1,
    .n_cells = 1,
    .n_objects = 1,
    .n_templates = 1,
    .n_holds = 1,
    .bodies = bodies,
    .instrs = instrs,
    .values = values,
    .cells = cells,
    .templates = templates,
    .objects = objects,
    .holds = holds,
};
enum { T1, T2 };

/* Capacity for what the modes read in between. */
static const int32_t capacity[RR_N_CAPACITIES] = {[RR_CAPACITY_READS] = 8,
                                                  [RR_CAPACITY_FRAMES] = 2};

static bool
open_round(int mode, rr_round *r)
{
    int status = rr_round_open(&program, mode, false, capacity, 100, NULL, r);
    if (status != RR_OK) {
        rr_test_failed(__FILE__, __LINE__, "the round does not open: %d", status);
        return false;
    }
    rr_test_about(rr_mode_card_of(mode)->name);
    rr_round_begin(r);
    return true;
}

#endif
