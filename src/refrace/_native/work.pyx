"""The binding of the C core's workload: a loop that keeps one core busy."""

from libc.stdint cimport int64_t

from refrace._cext cimport busy_loop


def count(int64_t n, bint release_gil):
    """Count to n in C, without the GIL or holding it; return n."""
    cdef int64_t counted
    if release_gil:
        with nogil:  # the loop uses only its own stack
            counted = busy_loop.rr_busy_loop(n)
    else:
        counted = busy_loop.rr_busy_loop(n)
    return counted
