/* refcount.h -- what CPython stores in an object's count, and the locals of a frame.
 *
 * Both differ between versions; only this file knows how.  It only reads.
 *
 * pre (all functions): the caller holds the GIL, or is attached in a build without one.
 */
#ifndef RR_CPYTHON_REFCOUNT_H
#define RR_CPYTHON_REFCOUNT_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#if PY_VERSION_HEX < 0x030C0000
/* Before 3.12 no function reads a single local.  They make a dictionary of all of them,
 * which the frame would keep, with a reference to each. */
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#endif
#include <internal/pycore_frame.h>
#endif

typedef struct rr_refcount {
    bool is_immortal;   /* references are not counted */
    bool is_split;      /* a free-threaded build: the rest is meaningful */
    bool is_owned_here; /* the calling thread counts in `local` */
    bool is_merged;     /* no thread does: all references are in `shared` */
    int64_t local;
    int64_t shared;
    int64_t deferred; /* added to `shared` so that the count never reaches zero */
} rr_refcount;

static inline bool
rr_is_immortal(PyObject *object)
{
#if PY_VERSION_HEX >= 0x030E0000
    return PyUnstable_IsImmortal(object) != 0;
#elif PY_VERSION_HEX >= 0x030C0000
    return _Py_IsImmortal(object) != 0;
#else
    (void)object;
    return false;
#endif
}

static inline void
rr_refcount_read(PyObject *object, rr_refcount *out)
{
    *out = (rr_refcount){.is_immortal = rr_is_immortal(object)};
#ifdef Py_GIL_DISABLED
    const int64_t deferred = PY_SSIZE_T_MAX / 8;
    const uintptr_t owner = _Py_atomic_load_uintptr_relaxed(&object->ob_tid);
    const Py_ssize_t shared = _Py_atomic_load_ssize_relaxed(&object->ob_ref_shared);

    out->is_split = true;
    out->is_owned_here = owner == _Py_ThreadId();
    out->is_merged = owner == 0;
    out->local = _Py_atomic_load_uint32_relaxed(&object->ob_ref_local);
    out->shared = Py_ARITHMETIC_RIGHT_SHIFT(Py_ssize_t, shared, 2); /* flags below */
    /* The real count is far below; what the reading thread adds does not matter. */
    if (out->shared >= deferred / 2) {
        out->deferred = deferred;
    }
#endif
}

/* Whether local number `index` of `frame`, named `name`, is `target`; -1 with an
 * exception set if that is unknown.  pre: it is not a cell variable, and the frame's
 * thread does not run. */
static inline int
rr_frame_local_is(PyFrameObject *frame, Py_ssize_t index, PyObject *name,
                  PyObject *target)
{
#if PY_VERSION_HEX >= 0x030C0000
    (void)index;
    PyObject *value = PyFrame_GetVar(frame, name);
    if (value == NULL) { /* not bound now */
        if (!PyErr_ExceptionMatches(PyExc_NameError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    const int same = value == target;
    Py_DECREF(value);
    return same;
#else
    (void)name;
    return frame->f_frame->localsplus[index] == target;
#endif
}

#endif
