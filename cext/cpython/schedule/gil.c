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
        rr_event_lock(me, false, (const void *)(uintptr_t)RR_GIL_ADDRESS);
    }
}

void
rr_gil_taken(rr_runner *me)
{
    rr_gil_holder = me->number;
    rr_clock_acquire_gil(me);
    rr_event_lock(me, true, (const void *)(uintptr_t)RR_GIL_ADDRESS);
}

/* Between two bytecodes: there the interpreter gives the GIL to who waits for it. */
void
rr_schedule_give_way(void)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return;
    }
#ifdef Py_GIL_DISABLED
    rr_point_at(me, RR_POINT_CALL, 0, 0, RR_CALLER, "Python code");
#else
    rr_point_at(me, RR_POINT_GIL_RELEASE, 0, 0, RR_CALLER, "Python code");
    PyThreadState *state = PyEval_SaveThread();
    rr_gil_left(me);
    rr_point_wait(me, RR_WANTS_GIL, NULL, RR_POINT_GIL_TAKE, RR_CALLER, "Python code");
    rr_gil_taken(me);
    PyEval_RestoreThread(state);
#endif
}

void
rr_schedule_hand_over(int runner)
{
    rr_choose_next(runner);
    rr_schedule_give_way();
}
