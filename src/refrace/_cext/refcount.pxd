# refcount.pxd -- mirrors cext/cpython/refcount.h; no code, no defaults, no renaming.
from libc.stdint cimport int64_t

cdef extern from "cpython/refcount.h":
    ctypedef struct PyFrameObject:
        pass

    ctypedef struct rr_refcount:
        bint is_immortal
        bint is_split
        bint is_owned_here
        bint is_merged
        int64_t local
        int64_t shared
        int64_t deferred

    void rr_refcount_read(object object, rr_refcount *out)
    int rr_frame_local_is(
        PyFrameObject *frame, Py_ssize_t index, object name, object target
    ) except -1
