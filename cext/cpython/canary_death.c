/* canary_death.c -- what the interpreter calls when a canary's count has become zero.
 *
 * The object does not go: its count becomes RR_POISON and its memory is kept.  A thread
 * that must not use reference counts may arrive here, since that is one of the bugs that
 * canaries find.  It has no thread state, so nothing here calls Python for it.
 */
#include <Python.h>
#include <pthread.h>

#include "cpython/canary_contents.h"
#include "cpython/canary_count.h"
#include "cpython/canary_death.h"
#include "cpython/canary_error.h"
#include "cpython/canary_hooks.h"
#include "cpython/canary_stack.h"
#include "cpython/canary_trap.h"

static bool
is_attached(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    return PyThreadState_GetUnchecked() != NULL;
#elif PY_VERSION_HEX >= 0x030C0000
    return _PyThreadState_UncheckedGet() != NULL;
#else
    /* The current thread state is that of the thread that holds the GIL. */
    return PyGILState_Check() != 0;
#endif
}

/* Notes who and how.  Returns whether this death is a finding. */
static bool
note_death(rr_canary *c, bool attached)
{
    const bool is_again = atomic_fetch_add(&c->deaths, 1) > 0;
    const bool is_held = c->held > 0;
    const bool is_in_slot = c->in_slot > 0;
    uint64_t nobody = 0;
    atomic_compare_exchange_strong(&c->killer, &nobody, (uint64_t)pthread_self());
    if (is_held) {
        c->died_while_held = true;
    }
    if (is_in_slot) {
        c->died_in_slot = true;
    }
    if (!attached) {
        c->died_detached = true;
    }
    return is_again || is_held || is_in_slot || !attached;
}

/* The destructor proper: what may run other code. */
static void
die_attached(rr_canary *c)
{
    const rr_saved_error saved = rr_error_save();
    rr_canary_drop_contents(c);
    if (c->n_hooks > 0 && !rr_hooks_run(c, RR_SLOT_death)) {
        PyErr_WriteUnraisable(NULL);
    }
    rr_error_restore(saved);
}

void
rr_canary_dealloc(PyObject *object)
{
    rr_canary *const c = rr_canary_at(object);
    if (c == NULL) {
        return;
    }
    const bool attached = is_attached();
    const bool is_finding = note_death(c, attached);
    int live = RR_CANARY_LIVE;
    if (!atomic_compare_exchange_strong(&c->state, &live, RR_CANARY_DYING)) {
        rr_count_write(object, RR_POISON);
        return;
    }
    /* The lists of the collector belong to the thread that holds the GIL.  Without it
     * the dead object stays in its list, where it looks like any object in use. */
    if (c->is_tracked && attached) {
        PyObject_GC_UnTrack(object);
    }
    /* Their callbacks run here; the interpreter insists on a count of zero. */
    if (attached && RR_HAS(c->supports, weakref)) {
        PyObject_ClearWeakRefs(object);
    }
    rr_count_write(object, RR_POISON);
    if (attached) {
        if (is_finding) {
            rr_stack_note(&c->death_stack);
        }
        die_attached(c);
    }
    atomic_store(&c->state, RR_CANARY_DEAD);
    if (c->is_trapped) {
        rr_trap_protect(c);
    }
}
