/* canary_hooks.c -- the actions of a canary inside its slots and its death. */
#include <Python.h>
#include <time.h>

#include "cpython/canary_hooks.h"

/* How long a thread stays detached: a thread that waits for the GIL needs some
 * microseconds to wake up and take it. */
enum { YIELD_NS = 20000 };

static PyObject *_Atomic handler;
static _Atomic bool is_armed = true;

void
rr_hooks_set_handler(PyObject *new_handler)
{
    Py_XINCREF(new_handler);
    PyObject *const old = atomic_exchange(&handler, new_handler);
    Py_XDECREF(old);
}

void
rr_hooks_arm(bool is_on)
{
    atomic_store(&is_armed, is_on);
}

static void
yield(void)
{
    Py_BEGIN_ALLOW_THREADS
    const struct timespec moment = {.tv_nsec = YIELD_NS};
    nanosleep(&moment, NULL);
    Py_END_ALLOW_THREADS
}

static bool
act(const rr_canary *canary, int slot, int action)
{
    if (action == RR_ACTION_YIELD) {
        yield();
        return true;
    }
    if (action == RR_ACTION_RAISE) {
        PyErr_Format(PyExc_RuntimeError, "raised by the hook of a canary in slot '%s'",
                     rr_slot_names[slot]);
        return false;
    }
    PyObject *const called = atomic_load(&handler);
    if (called == NULL) {
        return true;
    }
    Py_INCREF(called);
    PyObject *const result =
        PyObject_CallFunction(called, "iss", (int)rr_canary_number(canary),
                              rr_slot_names[slot], rr_action_names[action]);
    Py_DECREF(called);
    Py_XDECREF(result);
    return result != NULL;
}

static bool
run(const rr_canary *canary, rr_hook *hook, int slot)
{
    const uint32_t call = atomic_fetch_add(&hook->calls, 1) + 1;
    if (hook->nth != 0 && hook->nth != call) {
        return true;
    }
    if (atomic_exchange(&hook->is_running, true)) {
        return true;
    }
    const bool goes_on = act(canary, slot, hook->action);
    atomic_store(&hook->is_running, false);
    return goes_on;
}

bool
rr_hooks_run(rr_canary *canary, int slot)
{
    if (!atomic_load_explicit(&is_armed, memory_order_relaxed)) {
        return true;
    }
    for (int n = 0; n < canary->n_hooks; n++) {
        rr_hook *const hook = &canary->hooks[n];
        const bool is_meant =
            hook->slot == slot || (hook->slot == RR_SLOT_any && slot != RR_SLOT_death);
        if (is_meant && !run(canary, hook, slot)) {
            return false;
        }
    }
    return true;
}
