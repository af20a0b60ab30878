# allocation_hooks.pxi -- how tests watch the memory of a module's C core.

from libc.stdint cimport int64_t

from refrace._cext cimport rr_alloc


def live_allocations():
    """Return how many blocks of memory this module's C core holds now."""
    return rr_alloc.rr_alloc_live()


def fail_allocation(int64_t n):
    """Make the n-th allocation of this module from now fail; 0 switches that off.

    Returns how many allocations the last countdown still lacked.
    """
    return rr_alloc.rr_alloc_fail_at(n)
