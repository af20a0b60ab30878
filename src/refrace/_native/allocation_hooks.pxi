# allocation_hooks.pxi -- test hooks for the memory of a module's C core.

from libc.stdint cimport int64_t

from refrace._cext cimport rr_alloc


def live_allocations():
    """Return the number of memory blocks that this module's C core has allocated."""
    return rr_alloc.rr_alloc_live()


def fail_allocation(int64_t n):
    """Make the n-th allocation of this module from now on fail; 0 disables this.

    Returns the remaining allocations of the previous countdown.
    """
    return rr_alloc.rr_alloc_fail_at(n)
