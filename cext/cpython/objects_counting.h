/* objects_counting.h -- the running interpreter's own counting, as the operations of a
 * mode for races.
 *
 * The first words of an rr_object are the header of a PyObject.  Natively, the operations
 * are Py_INCREF and Py_DECREF themselves.  With widened gaps, the same accesses are
 * written out with the steps of the contract, so that a thread can wait between them.
 *
 * These are plain accesses, as in every extension, although threads race: what the
 * compiler makes of them is what the race shows.  The barrier after each operation keeps
 * the compiler from adding up the operations of a loop.
 */
#ifndef RR_CPYTHON_OBJECTS_COUNTING_H
#define RR_CPYTHON_OBJECTS_COUNTING_H

#include <Python.h>
#include <stddef.h>

#include "cpython/objects_interpreter.h"
#include "modes/mode.h"

#define RR_COMPILER_BARRIER() __asm__ volatile("" ::: "memory")

static inline PyObject *
rr_header(rr_object *o)
{
    return (PyObject *)(void *)o;
}

#ifdef Py_GIL_DISABLED

_Static_assert(offsetof(PyObject, ob_tid) == 0 && offsetof(PyObject, ob_ref_local) == 12 &&
                   offsetof(PyObject, ob_ref_shared) == 16,
               "the words of rr_object have these places");

/* The thread that made the object owns it.  It is known by its number in the race until
 * it gets here for the first time; no address is that small. */
static inline bool
rr_cpython_is_owner(rr_object *o)
{
    PyObject *const p = rr_header(o);
    const uintptr_t owner = _Py_atomic_load_uintptr_relaxed(&p->ob_tid);
    if (RR_EXPECTED(owner == _Py_ThreadId())) {
        return true;
    }
    if (owner == (uintptr_t)rc_self(o)) {
        _Py_atomic_store_uintptr_relaxed(&p->ob_tid, _Py_ThreadId());
        return true;
    }
    return false;
}

/* Only the referee drops a last reference, when no thread races.  The interpreter would
 * need a thread state here: it may have to put the object into the queue of its owner. */
RR_RARE static void
rr_cpython_drop_last(rr_object *o)
{
    PyObject *const p = rr_header(o);
    const Py_ssize_t left = (Py_ssize_t)p->ob_ref_local + (p->ob_ref_shared >> 2) - 1;
    p->ob_tid = 0;
    p->ob_ref_local = 0;
    p->ob_ref_shared = left * 4 + 3;
    if (left == 0) {
        rc_dealloc(o);
    }
}

static inline void
rr_cpython_incref(rr_object *o)
{
    (void)rr_cpython_is_owner(o);
    Py_INCREF(rr_header(o));
    RR_COMPILER_BARRIER();
}

static inline void
rr_cpython_decref(rr_object *o)
{
    PyObject *const p = rr_header(o);
    const bool is_last = rr_cpython_is_owner(o) ? p->ob_ref_local == 1
                                                : p->ob_ref_shared == 0;
    if (!RR_EXPECTED(!is_last)) {
        rr_cpython_drop_last(o);
        return;
    }
    Py_DECREF(p);
    RR_COMPILER_BARRIER();
}

#elif defined RC_WIDENED && PY_VERSION_HEX < 0x030C0000

static inline void
rr_cpython_incref(rr_object *o)
{
    const int64_t n = rc_load_relaxed(&o->ob_refcnt);
    rc_store_relaxed(&o->ob_refcnt, n + 1);
}

static inline void
rr_cpython_decref(rr_object *o)
{
    const int64_t n = rc_load_relaxed(&o->ob_refcnt);
    rc_store_relaxed(&o->ob_refcnt, n - 1);
    if (n == 1) {
        rc_dealloc(o);
    }
}

#elif defined RC_WIDENED

/* An incref reads and writes the low half only; so does a decref since 3.14. */
static inline void
rr_cpython_incref(rr_object *o)
{
    const int64_t n = rc_load_low_relaxed(&o->ob_refcnt);
#if PY_VERSION_HEX >= 0x030E0000
    const bool is_counted = n < (int64_t)_Py_IMMORTAL_INITIAL_REFCNT;
#else
    const bool is_counted = n != UINT32_MAX;
#endif
    if (is_counted) {
        rc_store_low_relaxed(&o->ob_refcnt, n + 1);
    }
}

static inline void
rr_cpython_decref(rr_object *o)
{
    const int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if ((int32_t)n < 0) {
        return;
    }
#if PY_VERSION_HEX >= 0x030E0000
    rc_store_low_relaxed(&o->ob_refcnt, (n & RC_LOW_MASK) - 1);
    const bool is_last = (n & RC_LOW_MASK) == 1;
#else
    rc_store_relaxed(&o->ob_refcnt, n - 1);
    const bool is_last = n == 1;
#endif
    if (is_last) {
        rc_dealloc(o);
    }
}

#else

static inline void
rr_cpython_incref(rr_object *o)
{
    Py_INCREF(rr_header(o));
    RR_COMPILER_BARRIER();
}

static inline void
rr_cpython_decref(rr_object *o)
{
#if PY_VERSION_HEX >= 0x030E0000
    /* As Py_DECREF, except that _Py_Dealloc needs a thread state. */
    PyObject *const p = rr_header(o);
    if (!_Py_IsImmortal(p) && --p->ob_refcnt == 0) {
        rc_dealloc(o);
    }
#else
    Py_DECREF(rr_header(o));
#endif
    RR_COMPILER_BARRIER();
}

#endif

/* Races do not use the other two operations. */
static inline bool
rr_cpython_unique(rr_object *o)
{
    const rr_words words = {.refcnt = rc_load_relaxed(&o->ob_refcnt),
                            .shared = rc_load_relaxed(&o->ob_ref_shared),
                            .tid = rc_load_relaxed(&o->ob_tid)};
    return rr_interpreter_count_of(&words) == 1;
}

static inline bool
rr_cpython_try_incref(rr_object *o)
{
    rr_cpython_incref(o);
    return true;
}

#define RR_INTERPRETER_TABLE \
    RR_MODE_TABLE(cpython, .count_of = rr_interpreter_count_of, \
                  .begin = rr_interpreter_begin)

#endif
