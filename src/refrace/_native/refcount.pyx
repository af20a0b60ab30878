"""Read the reference count of a CPython object, and where references to it are."""

from collections import namedtuple
from types import FrameType

from refrace._cext cimport refcount, refcount_walk

include "allocation_hooks.pxi"

CountReading = namedtuple("CountReading", [
    "is_immortal", "is_split", "is_owned_here", "is_merged", "local", "shared",
    "deferred",
])


def read_count(obj):
    """Return the current reference count fields of `obj`."""
    cdef refcount.rr_refcount reading
    refcount.rr_refcount_read(obj, &reading)
    return CountReading(**reading)


def count_identical(list values not None, target):
    """Return how many of the `values` are identical to `target`."""
    cdef Py_ssize_t n = 0
    for value in values:
        if value is target:
            n += 1
    return n


def locals_that_are(frame, target):
    """Return the names of the plain locals of `frame` that are `target` itself.

    Cell variables are excluded: the cell holds their value.  The frame's
    thread must not run during the call.
    """
    if type(frame) is not FrameType:
        raise TypeError(f"a {type(frame).__name__} is not a frame")
    code = frame.f_code
    cells = code.co_cellvars
    found = []
    for index, name in enumerate(code.co_varnames):
        if name not in cells and refcount.rr_frame_local_is(
            <refcount.PyFrameObject *> frame, index, name, target
        ):
            found.append(name)
    return found


def left_out(list roots not None):
    """Return the untracked dictionaries and tuples that `roots` refer to.

    Directly, or through one another.  Each is in the list once.
    """
    return refcount_walk.rr_left_out(roots)


def count_references(list holders not None, target):
    """Return how many references to `target` the `holders` have."""
    return refcount_walk.rr_references(holders, target)


def short_of_references(list root not None, Py_ssize_t most):
    """Return what has fewer references than containers below `root` have to it.

    A list of (address, name of the type, count, references seen), from the first `most`
    objects.
    """
    return refcount_walk.rr_short_of_references(root, most)
