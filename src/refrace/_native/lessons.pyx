"""The binding of the deadlock and the lost append: converts, releases the GIL, checks.

It makes no decisions: defaults, validation and messages are in Python.
"""

from collections import namedtuple

from libc.stdint cimport int64_t, uint64_t

from refrace._cext cimport append, lock_graph, ring, rr_alloc
from refrace._cext.checked cimport check
from refrace._cext.rr_status cimport RR_OK

RingResult = namedtuple("RingResult", [
    "finished", "waits", "expired", "elapsed_ns", "cycle",
])
AppendTally = namedtuple("AppendTally", [
    "appends", "kept", "overwritten", "cut_off", "length", "interleaved", "elapsed_ns",
])

MAX_WAITERS = lock_graph.RR_MAX_WAITERS
MAX_APPENDERS = append.RR_MAX_APPENDERS
MAX_APPENDS = append.RR_MAX_APPENDS

# In the order of rr_lock_grant and of rr_append_turn.
GRANTS = ("granted", "deadlock", "given up")
TURNS = ("read", "stored", "published", "waits", "done")

include "allocation_hooks.pxi"


cdef class LockGraph:
    """Locks with a wait-for graph.  Any thread may call any method."""

    cdef lock_graph.rr_lock_graph *_graph
    cdef int _n_threads
    cdef int _n_locks

    def __cinit__(self, int n_threads, int n_locks, int64_t deadline_ns):
        self._n_threads = n_threads
        self._n_locks = n_locks
        check(
            lock_graph.rr_lock_graph_open(
                n_threads, n_locks, deadline_ns, &self._graph
            )
        )

    def __dealloc__(self):
        lock_graph.rr_lock_graph_close(self._graph)

    cdef int _check_numbers(self, int thread, int lock) except -1:
        if not (0 <= thread < self._n_threads and 0 <= lock < self._n_locks):
            raise IndexError(f"thread {thread}, lock {lock}")
        return 0

    def acquire(self, int thread, int lock):
        """Acquire a lock, waiting if necessary; return one of GRANTS."""
        cdef lock_graph.rr_lock_grant grant
        self._check_numbers(thread, lock)
        with nogil:  # this block uses only the graph
            grant = lock_graph.rr_lock_graph_acquire(self._graph, thread, lock)
        return GRANTS[grant]

    def release(self, int thread, int lock):
        """Release one acquire of the lock; do nothing if the thread does not own it."""
        self._check_numbers(thread, lock)
        with nogil:  # this block uses only the graph
            lock_graph.rr_lock_graph_release(self._graph, thread, lock)

    def stop(self):
        """End all current and future waits."""
        lock_graph.rr_lock_graph_stop(self._graph)

    def waits(self):
        """Return the number of waits for a lock."""
        return lock_graph.rr_lock_graph_waits(self._graph)

    def cycle(self):
        """Return the edges (thread, holds, waits for) of the first deadlock."""
        cdef lock_graph.rr_wait_edge edges[lock_graph.RR_MAX_WAITERS]
        cdef int n = lock_graph.rr_lock_graph_cycle(self._graph, edges)
        return tuple((e.thread, e.holds, e.waits_for) for e in edges[:n])


cdef class Ring:
    """Threads that each take two locks in :meth:`run`, with their own number."""

    cdef ring.rr_ring *_ring

    def __cinit__(
        self, int n_threads, bint opposite, bint global_lock, int64_t timeout_ns
    ):
        cdef ring.rr_ring_config config
        config.n_threads = n_threads
        config.order = ring.RR_ORDER_OPPOSITE if opposite else ring.RR_ORDER_SAME
        config.global_lock = global_lock
        config.timeout_ns = timeout_ns
        check(ring.rr_ring_open(&config, &self._ring))

    def __dealloc__(self):
        ring.rr_ring_close(self._ring)

    def run(self, int thread):
        """Acquire and release two locks without the GIL."""
        with nogil:  # this block uses only the ring
            ring.rr_ring_run(self._ring, thread)

    def stop(self):
        """Make all threads end soon."""
        ring.rr_ring_stop(self._ring)

    def result(self):
        """Return the numbers; the cycle as in :class:`LockGraph`."""
        cdef ring.rr_ring_result result
        ring.rr_ring_result_of(self._ring, &result)
        return RingResult(
            finished=result.n_finished,
            waits=result.n_waits,
            expired=bool(result.expired),
            elapsed_ns=result.elapsed_ns,
            cycle=tuple(
                (e.thread, e.holds, e.waits_for)
                for e in result.cycle[: result.n_edges]
            ),
        )


cdef class Append:
    """Threads that append to one array, each with its own number."""

    cdef append.rr_append *_append
    cdef int _n_threads

    def __cinit__(self, int n_threads, int64_t n_appends, bint locked, uint64_t seed):
        cdef append.rr_append_config config
        self._n_threads = n_threads
        config.n_threads = n_threads
        config.n_appends = n_appends
        config.locked = locked
        config.seed = seed
        check(append.rr_append_open(&config, &self._append))

    def __dealloc__(self):
        append.rr_append_close(self._append)

    def step(self, int thread):
        """Take one step with the GIL held; return one of TURNS."""
        cdef append.rr_append_turn turn
        if not 0 <= thread < self._n_threads:
            raise IndexError(f"thread {thread}")
        check(append.rr_append_step(self._append, thread, &turn))
        return TURNS[turn]

    def run(self, int thread):
        """Append all items without the GIL; yield between the steps."""
        cdef append.rr_append_turn turn
        cdef int status
        with nogil:  # this block uses only the array
            while True:
                status = append.rr_append_step(self._append, thread, &turn)
                if status != RR_OK or turn == append.RR_APPEND_DONE:
                    break
                append.rr_append_pause(self._append, thread)
        check(status)

    def run_holding_gil(self, int thread):
        """Append all items; hold the GIL in each step and release it in between."""
        cdef append.rr_append_turn turn
        while True:
            check(append.rr_append_step(self._append, thread, &turn))
            if turn == append.RR_APPEND_DONE:
                break
            with nogil:  # do nothing: let other threads run
                append.rr_append_pause(self._append, thread)

    def stop(self):
        """Start no further append."""
        append.rr_append_stop(self._append)

    def progress(self):
        """Return the number of completed appends."""
        return append.rr_append_progress(self._append)

    def tally(self):
        """Return the numbers; no thread may be in a step."""
        cdef append.rr_append_tally tally
        check(append.rr_append_tally_of(self._append, &tally))
        return AppendTally(**tally)
