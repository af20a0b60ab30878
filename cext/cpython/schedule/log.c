/* log.c -- the points of one run with the values at their places, for a trace.
 *
 * A run that is logged has all of them in this process.  The last ones of every run are in
 * memory that the parent shares, since the run may end the process.  A value is read only
 * where its runner is about to access it: later, the memory may be gone.
 */
#include "cpython/schedule/internal.h"

#include <stdatomic.h>
#include <string.h>

enum { LOWEST_ADDRESS = 4096 }; /* below is the page that a null pointer leads to */

static rr_logged logged[RR_MOST_LOGGED];
static uint32_t n_logged;
static bool is_on;

static uint64_t
value_at(uintptr_t address, size_t size)
{
    uint64_t value = 0;
    if (address >= LOWEST_ADDRESS) {
        memcpy(&value, (const void *)address, size);
    }
    return value;
}

void
rr_log_complete(void)
{
    if (!is_on || n_logged == 0) {
        return;
    }
    rr_logged *last = &logged[n_logged - 1];
    bool may_change = last->point == RR_POINT_WRITE || last->point == RR_POINT_ATOMIC;
    last->after =
        last->size > 0 && may_change ? value_at(last->address, last->size) : last->before;
}

void
rr_log_begin(bool on)
{
    is_on = on;
    n_logged = 0;
    if (rr_flight_recorder != NULL) {
        rr_flight_recorder->n_recorded = 0;
    }
}

static rr_recorded *
keep_entry(const rr_recorded *values, const char *name)
{
    rr_flight *flight = rr_flight_recorder;
    if (flight == NULL) {
        return NULL;
    }
    rr_recorded *entry = &flight->recorded[flight->n_recorded % RR_MOST_RECORDED];
    *entry = *values;
    if (name != NULL) {
        strncpy(entry->name, name, sizeof entry->name - 1);
    }
    flight->n_recorded++;
    return entry;
}

void
rr_log_point(const rr_runner *me, uint64_t step, rr_point point, uintptr_t address,
             size_t n, void *pc, const char *name, bool was_preempted)
{
    rr_log_complete();
    size_t size = n < 8 ? n : 8;
    rr_recorded *entry = keep_entry(
        &(rr_recorded){
            .step = step,
            .where = rr_image_place(pc),
            .place = rr_image_place((const void *)address),
            .address = address,
            .size = (uint8_t)size,
            .point = (uint8_t)point,
            .runner = (uint8_t)me->number,
            .gil = (uint8_t)rr_gil_holder,
            .was_preempted = was_preempted,
        },
        name);
    /* Only now: an access of memory that does not exist ends the process here. */
    atomic_signal_fence(memory_order_seq_cst);
    uint64_t before = size > 0 ? value_at(address, size) : 0;
    if (entry != NULL) {
        atomic_signal_fence(memory_order_seq_cst); /* the value was read before this */
        entry->before = before;
        entry->has_before = size > 0 && address >= LOWEST_ADDRESS;
    }
    if (is_on && n_logged < RR_MOST_LOGGED) {
        logged[n_logged++] = (rr_logged){
            .step = step,
            .pc = pc,
            .name = name,
            .address = address,
            .before = before,
            .size = (uint8_t)size,
            .point = (uint8_t)point,
            .runner = (uint8_t)me->number,
            .gil = (uint8_t)rr_gil_holder,
        };
    }
}

void
rr_log_waits(void)
{
    for (int i = 0; i < rr_n_runners; i++) {
        const rr_runner *runner = &rr_runners[i];
        int status = atomic_load(&runner->status);
        if (status == RR_RUNNER_DONE || runner->wants == RR_WANTS_NOTHING) {
            continue;
        }
        (void)keep_entry(
            &(rr_recorded){
                .step = rr_steps,
                .where = rr_image_place(runner->wants_at),
                .address = (uintptr_t)runner->wanted,
                .point = RR_POINT_WAITS,
                .runner = (uint8_t)i,
                .gil = (uint8_t)rr_gil_holder,
                .was_preempted = runner->is_preempted,
            },
            runner->wants_in);
    }
}

const rr_logged *
rr_schedule_log(uint32_t *n)
{
    *n = n_logged;
    return logged;
}
