# cython: language_level=3str
# cython: freethreading_compatible=True
# cython: embedsignature=True
"""The binding of the explorer: converts, releases the GIL, checks.

It makes no decisions: defaults, validation and messages are in Python.  Objects of
these classes must not be shared between threads; objects that were created from the
same `Program` are independent of each other.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from refrace._cext cimport graph as graphs
from refrace._cext cimport (
    contention as contentions,
    layout as layouts,
    machine as machines,
    path_counts,
    program as programs,
    rr_alloc,
    rr_clock,
    sample as samples,
    search as searches,
    shortest,
    walk as walks,
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
# enum rr_capacity; and enum rr_limit, which ends with one limit for each of these
ROOM = ("calls", "reads", "writes", "items", "objects")
LIMITS = (None, "states", "seconds", "memory", "interrupt", "words", *ROOM)
PLACES = (None, "cell", "field", "payload", "count", "mutex", "count_mutex",
          "count_lock", "lock", "container", "ref_shared", "tid", "gil", "queue",
          "lane", "epoch", "announced", "attachment")
STANDINGS = ("counted", "saturated", "immortal")  # enum rr_standing
PHASES = ("graph", "order", "shortest", "runs", "done")
PROGRESS = ("ran", "waits", "nothing", "ended", "misused", "grow")

include "explorer_records.pxi"

include "allocation_hooks.pxi"


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

    def __cinit__(self, const int32_t[::1] image not None):
        if image.shape[0] == 0:
            raise ValueError("the image of a program is not empty")
        cdef int status
        status = programs.rr_program_open(&image[0], image.shape[0], &self._program)
        if status == RR_EINVAL:
            raise ValueError("the numbers of this image do not fit together")
        check(status)

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
    check(machines.rr_machine_open(image._program, mode, gil_held, only, sizes, &m))
    return m


cdef class Search:
    """One exploration in slices; see cext/explore/search.h."""

    cdef searches.rr_search *_search
    cdef Image _image  # the search points into it

    def __cinit__(
        self, Image image not None, int mode, bint gil_held, int only,
        bint use_symmetry, uint64_t max_states, uint64_t max_bytes,
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
            bytes=max(self._search.peak_bytes, graphs.rr_graph_bytes(g)),
            has_cycle=bool(self._search.order.has_cycle),
        )

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
        """Return log2 of the number of runs, and a common denominator's factors."""
        cdef path_counts.rr_bounds bounds
        check(path_counts.rr_path_counts_bounds(&self._search.runs, &bounds))
        factors = {q: bounds.power[q] for q in range(2, path_counts.RR_MAX_DEGREE + 1)}
        return bounds.log2_runs, {q: n for q, n in factors.items() if n}

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
        """Return (schedule, misuse) of an error of the program, or None."""
        cdef graphs.rr_graph *g = &self._search.graph
        if g.phase != graphs.RR_GRAPH_MISUSE:
            return None
        if g.misuse_thread < 0:
            return [], g.misuse
        _, schedule, now = self._way(&self._search.shortest.goal_hit)
        code = 4 * now.index(g.misuse_thread) + g.misuse_branch
        return [*schedule, code], g.misuse


cdef class Walk:
    """One run, one choice at a time; see cext/explore/walk.h."""

    cdef machines.rr_machine *_m
    cdef walks.rr_walk _walk
    cdef Image _image  # the machine points into it

    def __cinit__(
        self, Image image not None, int mode, bint gil_held, int only, capacity
    ):
        self._image = image
        self._m = open_machine(image, mode, gil_held, only, capacity)
        check(walks.rr_walk_open(self._m, &self._walk))

    def __dealloc__(self):
        walks.rr_walk_close(&self._walk)
        machines.rr_machine_close(self._m)

    def begin(self):
        """Go to the initial state; return one of `PROGRESS`."""
        return PROGRESS[walks.rr_walk_begin(&self._walk)]

    def take(self, int32_t code):
        """Take one of the choices; return one of `PROGRESS`."""
        self._expect(code)
        return PROGRESS[walks.rr_walk_take(&self._walk, code)]

    cdef int _expect(self, int32_t code) except -1:
        if code not in self.choices():
            raise ValueError(f"{code} is none of the choices")
        return 0

    def look(self, int32_t code):
        """Return the effect of a choice without changing the state."""
        self._expect(code)
        cdef machines.rr_seen *seen = &self._m.seen
        before = self.words()
        progress = machines.rr_machine_step(
            self._m, code // 4, <machines.rr_branch> (code % 4)
        )
        after = self.words()
        for i, word in enumerate(before):
            self._m.w[i] = word
        has_site = seen.site.text is not NULL
        has_instr = seen.instr is not NULL
        return Seen(
            progress=PROGRESS[progress],
            before=before,
            after=after,
            op=OPS[seen.instr.op] if has_instr else None,
            statement=seen.instr.statement
            if has_instr and seen.instr.statement >= 0 else None,
            text=(<bytes> seen.site.text).decode() if has_site else None,
            file=(<bytes> seen.site.file).decode() if has_site else None,
            line=seen.site.line if has_site else None,
            place=PLACES[seen.place],
            place_number=seen.index,
            object=seen.object,
            begins=bool(seen.begins),
            completes=bool(seen.completes),
            result=seen.result if seen.has_result else None,
            preempts=self.preempts(code),
            kinds=self._m.kinds if progress == machines.RR_ENDED else 0,
            culprit=self._m.culprit,
        )

    def preempts(self, int32_t code):
        """Return whether taking a choice now would be a preemption."""
        return bool(walks.rr_walk_preempts(&self._walk, code))

    def choices(self):
        """Return the codes of the possible choices."""
        return [self._walk.choices[i] for i in range(self._walk.n_choices)]

    def words(self):
        """Return the state."""
        return [self._m.w[i] for i in range(self._m.layout.n_words)]

    def numbers(self):
        """Return the status of the run."""
        return WalkNumbers(
            kinds=self._walk.kinds,
            last_kinds=self._m.kinds,
            culprit=self._m.culprit,
            preemptions=self._walk.n_preemptions,
            last=self._walk.last,
            misuse=self._m.misuse,
            at_thread=self._m.at_thread,
            at_statement=-1 if self._m.at is NULL else self._m.at.statement,
            lacks=self._m.grow,
        )

    def count_of(self, int obj, words):
        """Return (count, standing) of an object in a state, as the mode computes it."""
        cdef layouts.rr_layout *at = &self._m.layout
        if not 0 <= obj < at.n_objects or len(words) != at.n_words:
            raise ValueError("no such object, or not a state")
        cdef int32_t i
        for i in range(at.n_words):
            self._m.scratch[i] = words[i]
        return (
            machines.rr_machine_count(self._m, self._m.scratch, obj),
            STANDINGS[machines.rr_machine_standing(self._m, self._m.scratch, obj)],
        )

    def owners(self):
        """Return the number of owners of each object at the end of a run."""
        return [
            machines.rr_machine_owners(self._m, i)
            if machines.rr_machine_template(self._m, i) is not NULL else 0
            for i in range(self._m.layout.n_objects)
        ]

    def waits(self):
        """Return (thread, word of the lock or -1) of the threads in a deadlock."""
        found = []
        for t in range(self._m.layout.n_threads):
            if not machines.rr_machine_has_ended(self._m, t):
                walks.rr_walk_try(&self._walk, 4 * t)
                found.append((t, self._m.waits_on))
        return found

    def shape(self):
        """Return the offsets of the parts of a state."""
        cdef layouts.rr_layout *at = &self._m.layout
        p = self._image._program
        return Shape(
            cells=at.cells,
            latent=at.latent,
            count_lock=at.count_lock,
            gil=at.gil,
            containers=[at.containers[i] for i in range(p.n_containers)],
            locks=[at.locks[i] for i in range(p.n_locks)],
            mutex=at.mutex_offset,
            count_mutex=at.count_mutex_offset,
            ref_shared=at.shared_offset,
            tid=at.tid_offset,
            queue=at.queue_offset,
            epoch=at.epoch,
            announced=[at.threads[t].announced for t in range(at.n_threads)],
            attachment=[at.threads[t].attachment for t in range(at.n_threads)],
            lanes=[at.threads[t].lanes for t in range(at.n_threads)],
            n_lanes=at.n_lanes,
            objects=[
                (at.objects[i].base, at.objects[i].type, at.objects[i].first_field)
                for i in range(at.n_objects)
            ],
            named_templates=[p.objects[i].type for i in range(p.n_objects)],
        )


include "explorer_sample.pxi"
