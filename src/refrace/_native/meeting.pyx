"""A place where Python threads meet within a fraction of a microsecond.

The calls of a hunt take about a microsecond each.  A lock wakes its waiters tens of
microseconds apart, so that such calls would never overlap.
"""

from libc.stdint cimport int64_t

from refrace._cext.barrier cimport (
    rr_barrier,
    rr_barrier_arrive,
    rr_barrier_open,
    rr_barrier_round,
)
from refrace._cext.rr_alloc cimport rr_alloc, rr_free
from refrace._cext.rr_clock cimport rr_now_ns, rr_yield

# Nanoseconds for which a thread spins before it lets others have its core.
cdef int64_t SPIN_NS = 20_000


cdef class Meeting:
    """A barrier for a number of threads, used again and again."""

    cdef rr_barrier *_barrier

    def __cinit__(self, int parties):
        self._barrier = <rr_barrier *> rr_alloc(1, sizeof(rr_barrier))
        if self._barrier is NULL:
            raise MemoryError
        self._barrier.n_threads = parties

    def __dealloc__(self):
        rr_free(self._barrier)

    def wait(self, int64_t delay_ns):
        """Wait, detached, for all parties, then for `delay_ns` nanoseconds more."""
        with nogil:
            _wait(self._barrier)
            if delay_ns > 0:
                _delay(delay_ns)


cdef void _wait(rr_barrier *barrier) noexcept nogil:
    cdef int64_t met = rr_barrier_round(barrier)
    cdef int64_t spin_until
    if rr_barrier_arrive(barrier):
        rr_barrier_open(barrier)
        return
    spin_until = rr_now_ns() + SPIN_NS
    while rr_barrier_round(barrier) == met:
        if rr_now_ns() > spin_until:
            rr_yield()


cdef void _delay(int64_t delay_ns) noexcept nogil:
    cdef int64_t until = rr_now_ns() + delay_ns
    while rr_now_ns() < until:
        pass
