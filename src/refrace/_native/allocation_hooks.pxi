# allocation_hooks.pxi -- lets tests observe the memory of a module's C core.

from libc.stdint cimport int64_t

from refrace._cext cimport rr_alloc


def live_allocations():
    """Return how many blocks of memory this module's C core holds now."""
    return rr_alloc.rr_alloc_live()


def fail_allocation(int64_t n):
    """Make the n-th allocation of this module from now fail; 0 switches this off.

    Returns the rest of the previous countdown: 0 if it has fired.
    """
    return rr_alloc.rr_alloc_fail_at(n)
