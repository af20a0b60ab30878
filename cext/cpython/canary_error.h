/* canary_error.h -- put the exception in flight aside, and bring it back. */
#ifndef RR_CPYTHON_CANARY_ERROR_H
#define RR_CPYTHON_CANARY_ERROR_H

#include <Python.h>

#if PY_VERSION_HEX >= 0x030C0000

typedef struct rr_saved_error {
    PyObject *error;
} rr_saved_error;

static inline rr_saved_error
rr_error_save(void)
{
    return (rr_saved_error){PyErr_GetRaisedException()};
}

static inline void
rr_error_restore(rr_saved_error saved)
{
    PyErr_SetRaisedException(saved.error);
}

#else

typedef struct rr_saved_error {
    PyObject *type, *value, *traceback;
} rr_saved_error;

static inline rr_saved_error
rr_error_save(void)
{
    rr_saved_error saved;
    PyErr_Fetch(&saved.type, &saved.value, &saved.traceback);
    return saved;
}

static inline void
rr_error_restore(rr_saved_error saved)
{
    PyErr_Restore(saved.type, saved.value, saved.traceback);
}

#endif

#endif
