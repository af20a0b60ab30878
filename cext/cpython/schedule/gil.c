/* gil.c -- which runner holds the GIL, as the hooks see it.
 *
 * The real GIL goes where this one goes: a runner takes it only when this one is free, so
 * taking the real one never waits.
 */
#include "cpython/schedule/internal.h"

int rr_gil_holder = RR_NO_RUNNER;

void
rr_gil_left(rr_runner *me)
{
    rr_clock_release_gil(me);
    if (rr_gil_holder == me->number) {
        rr_gil_holder = RR_NO_RUNNER;
    }
}

void
rr_gil_taken(rr_runner *me)
{
    rr_gil_holder = me->number;
    rr_clock_acquire_gil(me);
}
