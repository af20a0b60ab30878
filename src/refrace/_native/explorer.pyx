"""The binding of the explorer: converts, releases the GIL, checks.

It makes no decisions: defaults, validation and messages are in Python.  Objects of
these classes must not be shared between threads; objects that were created from the
same `Program` are independent of each other.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from refrace._cext cimport graph as graphs
from refrace._cext cimport (
    contention as contentions,
    layout as layouts,
    load_model,
    machine as machines,
    path_counts,
    program as programs,
    rr_alloc,
    rr_clock,
    sample as samples,
    search as searches,
    shortest,
    walk as walks,
    walk_state as states,
)
from refrace._cext.checked cimport check
from refrace._cext.rr_status cimport RR_EINVAL

KINDS = tuple((<bytes> programs.rr_finding_name(i)).decode()
              for i in range(programs.RR_N_FINDINGS))
OPS = tuple((<bytes> programs.rr_op_name(i)).decode() for i in range(programs.RR_N_OPS))
BOUNDS = {  # cext/program/limits.def
    "threads": programs.RR_MAX_PROGRAM_THREADS,
    "integer": programs.RR_MAX_INTEGER,
    "locals": programs.RR_MAX_LOCALS,
    "local_steps": programs.RR_MAX_LOCAL_STEPS,
    "depth": programs.RR_MAX_DEPTH,
    "room": programs.RR_MAX_CAPACITY,
    "state_words": programs.RR_MAX_STATE_WORDS,
    "states": programs.RR_MAX_STATES,
}
MAX_THREADS = programs.RR_MAX_PROGRAM_THREADS
MAX_SOLVED = path_counts.RR_MAX_SOLVED
N_CAPACITIES = layouts.RR_N_CAPACITIES
CAPACITY_READS = layouts.RR_CAPACITY_READS
GROW_HISTORY = machines.RR_GROW_HISTORY
GROW_WAYS = machines.RR_GROW_WAYS
# enum rr_capacity; and enum rr_limit, which ends with one limit for each of these
ROOM = ("calls", "reads", "writes", "items", "objects")
LIMITS = (None, "states", "seconds", "memory", "interrupt", "words", "history",
          "disk", *ROOM)
# enum rc_order
ORDERS = ("seq_cst", "plain", "relaxed", "acquire", "release", "acq_rel")
MOST_HISTORY = machines.RR_MOST_HISTORY
WEAK_THREADS = machines.RR_WEAK_THREADS
CODE_BITS = machines.RR_CODE_BITS
PLACES = (None, "cell", "field", "payload", "count", "mutex", "count_mutex",
          "count_lock", "lock", "container", "ref_shared", "tid", "gil", "queue",
          "lane", "epoch", "announced", "attachment", "world")
STANDINGS = ("counted", "saturated", "immortal")  # enum rr_standing
PHASES = ("graph", "order", "shortest", "runs", "done")
PROGRESS = ("ran", "waits", "nothing", "ended", "misused", "grow")

include "explorer_records.pxi"
include "explorer_weak.pxi"
include "program_image.pxi"

include "allocation_hooks.pxi"
include "mode_library.pxi"


def load_mode(int mode, str path):
    """Load the table that the explorer needs from the library of a mode."""
    cdef void *connect = function_in(path, load_model.rr_model_connector())
    check(load_model.rr_load_model(mode, connect))


def misuse_message(int misuse):
    """Return the misuse of a program."""
    return (<bytes> programs.rr_misuse_message(misuse)).decode()


LIMIT_MESSAGES = frozenset(
    misuse_message(i)
    for i in range(programs.RR_N_MISUSES) if programs.rr_misuse_is_limit(i)
)
"""The messages of misuses that are limits of the core, not errors of the program."""


cdef class Image:
    """A program in the core's form.  ValueError if its numbers are inconsistent."""

    cdef programs.rr_program *_program
    cdef Weak _weak  # the memory; None: sequentially consistent

    def __cinit__(self, image, Weak weak=None):
        self._program = open_program(image)
        self._weak = weak

    cdef const machines.rr_weak *weak(self):
        return NULL if self._weak is None else &self._weak._weak

    def __dealloc__(self):
        programs.rr_program_close(self._program)

    def unfit(self, int mode, bint gil_held):
        """Return (template, largest) of an initial count that does not fit, or None.

        An object's template has the object's number.  ProgramTooLarge if a state has
        too many words before any part of it has grown.
        """
        cdef int32_t largest = 0
        capacity = [0] * N_CAPACITIES
        cdef machines.rr_machine *m = open_machine(self, mode, gil_held, -1, capacity)
        template = machines.rr_machine_unfit(m, &largest)
        machines.rr_machine_close(m)
        return None if template < 0 else (template, largest)


cdef machines.rr_machine *open_machine(
    Image image, int mode, bint gil_held, int only, capacity
) except NULL:
    cdef machines.rr_machine *m = NULL
    cdef int32_t sizes[layouts.RR_N_CAPACITIES]
    for i in range(layouts.RR_N_CAPACITIES):
        sizes[i] = capacity[i]
    check(machines.rr_machine_open_weak(
        image._program, mode, gil_held, only, sizes, image.weak(), &m
    ))
    return m


cdef class Search:
    """One exploration in slices; see cext/explore/search.h."""

    cdef searches.rr_search *_search
    cdef Image _image  # the search points into it

    def __cinit__(
        self, Image image not None, int mode, bint gil_held, int only,
        bint use_symmetry, uint64_t max_states, uint64_t max_bytes,
        bint is_reduced=False, int n_workers=1, uint32_t fewest=0, bytes folder=None,
    ):
        cdef searches.rr_search_config config
        self._image = image
        config.program = image._program
        config.mode = mode
        config.gil_held = gil_held
        config.use_symmetry = use_symmetry
        config.only = only
        config.max_states = max_states
        config.max_bytes = max_bytes
        config.folder = NULL if folder is None else <const char *> folder
        config.weak = image.weak()
        config.is_reduced = is_reduced
        config.n_workers = n_workers
        config.fewest = fewest
        check(searches.rr_search_open(&config, &self._search))

    def __dealloc__(self):
        searches.rr_search_close(self._search)

    def advance(self):
        """Continue for about 20 ms; return the phase."""
        cdef int status
        with nogil:  # this block uses only the search
            status = searches.rr_search_advance(self._search)
        check(status)
        return PHASES[self._search.phase]

    def stop(self, str why):
        """Stop exploring states; the partial result is the result."""
        cdef int status, limit = LIMITS.index(why)
        with nogil:  # this block uses only the search
            status = searches.rr_search_stop(self._search, <searches.rr_limit> limit)
        check(status)

    def numbers(self):
        """Return the progress of the search."""
        cdef graphs.rr_graph *g = &self._search.graph
        cdef uint32_t n_states = graphs.rr_graph_n_states(g)
        return SearchNumbers(
            phase=PHASES[self._search.phase],
            limit=LIMITS[self._search.limit],
            is_complete=g.phase == graphs.RR_GRAPH_DONE,
            states=n_states,
            most_states=g.max_states,
            transitions=g.n_transitions,
            frontier=n_states - g.n_expanded,
            state_bytes=g.space.state_bytes,
            bytes=searches.rr_search_peak_bytes(self._search),
            disk_bytes=self._search.spill.peak_on_disk,
            has_cycle=bool(self._search.order.has_cycle),
        )

    def no_room(self):
        """Return the limit that a MemoryError is: "memory", or "disk"."""
        return LIMITS[searches.rr_search_no_room(self._search)]

    def contention(self):
        """Return an rr_contention.  pre: all states are explored."""
        return <int> contentions.rr_contention_of(&self._search.graph)

    def count(self, uint64_t prime):
        """Start to count runs modulo a prime, then advance; discards schedules."""
        check(searches.rr_search_count(self._search, prime))

    def remainders(self):
        """Return the counts for each outcome."""
        cdef path_counts.rr_path_counts *r = &self._search.runs
        n = range(r.n_outcomes)
        return Remainders(
            is_singular=bool(r.is_singular),
            is_unsolved=bool(r.is_unsolved),
            outcomes=[self._search.graph.outcomes[i] for i in n],
            paths=[r.n_paths[i] for i in n],
            probabilities=[r.probability[i] for i in n],
            infinite=[bool(path_counts.rr_path_counts_is_infinite(r, i)) for i in n],
        )

    def bounds(self):
        """Return log2 of the number of runs, and a common denominator's factors.

        None after some 20 ms without them: call it again, or if `bounds_beside`, make
        another pass.
        """
        cdef path_counts.rr_bounds *bounds = &self._search.runs.bounding.found
        cdef int status
        with nogil:  # this block uses only the search
            status = searches.rr_search_bound(self._search)
        check(status)
        if not self._search.runs.bounding.is_done:
            return None
        degrees = range(2, self._search.graph.max_degree + 1)
        factors = {q: bounds.power[q] for q in degrees}
        return bounds.log2_runs, {q: n for q, n in factors.items() if n}

    def bounds_beside(self):
        """Return whether the bounds are found by another thread, during the passes."""
        return bool(searches.rr_search_bounds_beside(self._search))

    cdef object _way(self, const shortest.rr_hit *hit):
        cdef int now[33]
        cdef int32_t *codes = <int32_t *> PyMem_Malloc(4 * (hit.steps + 1))
        if codes is NULL:
            raise MemoryError
        memset(now, 0, sizeof(now))
        try:
            check(shortest.rr_shortest_schedule(
                &self._search.shortest, hit, codes, now))
            schedule = [codes[i] for i in range(hit.steps)]
        finally:
            PyMem_Free(codes)
        return hit.preemptions, schedule, [
            now[t] for t in range(self._search.m.layout.n_threads)
        ]

    def schedules(self):
        """Return (preemptions, schedule) of the shortest run to each kind found."""
        found = {}
        cdef shortest.rr_hit *hit
        for i in range(programs.RR_N_FINDINGS):
            hit = &self._search.shortest.hits[i]
            if hit.is_found:
                found[KINDS[i]] = self._way(hit)[:2]
        return found

    def misuse(self):
        """Return (schedule, misuse) of an error of the program, or None.

        None also if the search was stopped before it had the run.
        """
        cdef graphs.rr_graph *g = &self._search.graph
        if g.phase != graphs.RR_GRAPH_MISUSE:
            return None
        if g.misuse_thread < 0:
            return [], g.misuse
        if not self._search.shortest.goal_hit.is_found:
            return None
        _, schedule, now = self._way(&self._search.shortest.goal_hit)
        thread = now.index(g.misuse_thread)
        step = machines.rr_code_of(thread, 0, 0)
        code = machines.rr_code_of(thread, g.misuse_branch, g.misuse_choice)
        return [*schedule, *[step] * g.misuse_before, code], g.misuse


include "explorer_walk.pxi"
include "explorer_sample.pxi"
