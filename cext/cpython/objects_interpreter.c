/* objects_interpreter.c -- the running interpreter's own counting, for races. */
#include <Python.h>

#include "cpython/objects_interpreter.h"

extern const rr_mode rr_native_mode_cpython, rr_widened_mode_cpython,
    rr_round_mode_cpython;

/* The count of a dead object: see cpython/canary_count.h. */
#define POISON ((Py_ssize_t)1 << 28)

#ifdef Py_GIL_DISABLED

/* Of the words that have the names of rr_object, the first is ob_tid, the high half of
 * the second is ob_ref_local, and the third is ob_ref_shared. */
int64_t
rr_interpreter_count_of(const rr_words *words)
{
    const int64_t local = (int64_t)((uint64_t)words->shared >> 32);
    const int64_t queued = (words->tid & 3) == 2;
    return local + (words->tid >> 2) - queued;
}

void
rr_interpreter_begin(rr_words *words, const rr_start *start)
{
    words->refcnt = start->tid;
    words->shared = start->count << 32;
    words->tid = 0;
}

static void
poison(PyObject *object)
{
    object->ob_ref_shared = POISON * 4 + 3;
}

#else

static void
died(PyObject *object)
{
    rc_dealloc((rr_object *)(void *)object);
}

/* Only tp_dealloc of it is ever used, by _Py_Dealloc. */
static PyTypeObject counted_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "refrace.counted",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = died,
};

int64_t
rr_interpreter_count_of(const rr_words *words)
{
#if PY_VERSION_HEX >= 0x030E0000
    return words->refcnt & RC_LOW_MASK;
#else
    return words->refcnt;
#endif
}

void
rr_interpreter_begin(rr_words *words, const rr_start *start)
{
    words->refcnt = start->count;
    words->shared = (int64_t)(intptr_t)&counted_type; /* the place of ob_type */
}

static void
poison(PyObject *object)
{
#if PY_VERSION_HEX >= 0x030E0000
    object->ob_refcnt = (uint32_t)POISON;
#else
    object->ob_refcnt = POISON;
#endif
}

#endif

/* The thread that drops the last reference may have no thread state: no Python here. */
static void
on_end(rr_object *o)
{
    if (atomic_fetch_add_explicit(&o->deaths, 1, memory_order_acq_rel) == 0) {
        poison((PyObject *)(void *)o);
    }
}

const rr_own_mode *
rr_interpreter_mode(void)
{
#ifdef Py_REF_DEBUG
    return NULL;
#else
    static const rr_own_mode own = {
        .native = &rr_native_mode_cpython,
        .widened = &rr_widened_mode_cpython,
        .rounds = &rr_round_mode_cpython,
        .on_end = on_end,
    };
    return &own;
#endif
}
