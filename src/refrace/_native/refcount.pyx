# cython: language_level=3str
# cython: freethreading_compatible=True
# cython: embedsignature=True
"""The binding of the count that CPython stores, and of a frame's locals."""

from collections import namedtuple
from types import FrameType

from refrace._cext cimport refcount

CountReading = namedtuple("CountReading", [
    "is_immortal", "is_split", "is_owned_here", "is_merged", "local", "shared",
    "deferred",
])


def read_count(obj):
    """Return how CPython stores the count of `obj` now."""
    cdef refcount.rr_refcount reading
    refcount.rr_refcount_read(obj, &reading)
    return CountReading(**reading)


def count_identical(list values not None, target):
    """Return how many of the `values` are `target` itself; compares nothing else."""
    cdef Py_ssize_t n = 0
    for value in values:
        if value is target:
            n += 1
    return n


def locals_that_are(frame, target):
    """Return the names of the plain locals of `frame` that are `target` itself.

    Cell variables are left out: the cell holds their value.  The frame's
    thread must not run meanwhile.
    """
    if type(frame) is not FrameType:
        raise TypeError(f"a {type(frame).__name__} is no frame")
    code = frame.f_code
    cells = code.co_cellvars
    found = []
    for index, name in enumerate(code.co_varnames):
        if name not in cells and refcount.rr_frame_local_is(
            <refcount.PyFrameObject *> frame, index, name, target
        ):
            found.append(name)
    return found
