"""The binding of native objects and races: converts, releases the GIL, checks.

It makes no decisions: defaults, validation and messages are in Python.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int32_t, int64_t, uint64_t

from refrace._cext cimport (
    catalogue,
    firsts,
    handle,
    load_native,
    loaded_modes,
    memory,
    native_modes,
    objects_interpreter,
    race,
    rr_alloc,
    rr_clock,
)
from refrace._cext.checked cimport check
from refrace._cext.rr_status cimport RR_EATTACHED, RR_EDETACHED, RR_ESLOTS

MAX_THREADS = race.RR_MAX_THREADS
MAX_THREAD_SLOTS = handle.RR_MAX_THREAD_SLOTS
MAX_TOGETHER = race.RR_MAX_TOGETHER
N_MODES = catalogue.RR_N_MODES
MAX_LOADED_MODES = loaded_modes.RR_MAX_LOADED_MODES
N_FORMS = native_modes.RR_N_FORMS
# Instead of the number of a mode: the interpreter's own counting.
INTERPRETER = -1
# References to one object that it can count.
INTERPRETER_MOST = objects_interpreter.RR_INTERPRETER_MOST

# Operations between two signal checks: some tens of milliseconds in the slowest mode,
# so that Ctrl-C takes effect promptly.
cdef int64_t SLICE = 100_000
# The same if a thread may wait in each gap, for at most a millisecond.
cdef int64_t WIDENED_SLICE = 500


include "objects_records.pxi"
include "mode_library.pxi"


def load_mode(int mode, str path):
    """Load the native tables of a mode from its library, under a number of its own."""
    cdef void *connect = function_in(path, load_native.rr_native_connector())
    check(load_native.rr_load_native(mode, connect))


cdef str text_of(const char *text):
    """Return a text of a card; one that a loaded mode does not have is empty."""
    return "" if text is NULL else (<bytes> text).decode()


def mode_card(int mode):
    """Return the card of a mode."""
    cdef memory.rr_memory held
    cdef const catalogue.rr_mode_card *card = catalogue.rr_mode_card_of(mode)
    check(memory.rr_mode_memory(mode, &held))
    return ModeCard(
        name=text_of(card.name),
        claims_correct=card.claim == catalogue.RR_CORRECT,
        title=text_of(card.title),
        summary=text_of(card.summary),
        incref_steps=card.incref_steps,
        decref_steps=card.decref_steps,
        layout=text_of(card.layout),
        limits=text_of(card.limits),
        source=text_of(card.source),
        memory=ModeMemory(**held),
        **native_modes.rr_mode_traits_of(mode),
    )


def mode_cards():
    """Return the card of each mode of the catalogue, in order."""
    return tuple(mode_card(mode) for mode in range(N_MODES))


def interpreter_can_race():
    """Return whether this build counts without checks, so that it can be raced."""
    return objects_interpreter.rr_interpreter_mode() != NULL


include "allocation_hooks.pxi"


class ThreadSlotError(Exception):
    """The calling thread cannot do this: "crowded", "detached" or "attached"."""


cdef int check_slot(int status) except -1:
    """Raise ThreadSlotError if the error concerns the calling thread."""
    if status == RR_ESLOTS:
        raise ThreadSlotError("crowded")
    if status == RR_EDETACHED:
        raise ThreadSlotError("detached")
    if status == RR_EATTACHED:
        raise ThreadSlotError("attached")
    return check(status)


cdef class Domain:
    """State that objects of a mode share: global_lock's lock, the threads' queues."""

    cdef handle.rr_domain *_domain

    def __cinit__(self):
        check(handle.rr_domain_open(&self._domain))

    def __dealloc__(self):
        handle.rr_domain_close(self._domain)

    def threads(self):
        """Return the identifiers of the threads that have not settled at their end."""
        cdef uint64_t idents[handle.RR_MAX_THREAD_SLOTS]
        cdef int n
        with nogil:  # an ending thread may be settling, holding the list lock
            n = handle.rr_domain_threads(self._domain, idents)
        return [idents[i] for i in range(n)]


cdef class Handle:
    """One native object with its ledger.  Any thread may call any method."""

    cdef handle.rr_handle *_handle
    cdef Domain _domain  # the object points into it
    cdef int64_t _slice

    def __cinit__(self, int mode, Domain domain not None, bint widened):
        self._domain = domain
        self._slice = WIDENED_SLICE if widened else SLICE
        check_slot(handle.rr_handle_open(mode, domain._domain, &self._handle))
        if widened:
            check(handle.rr_handle_widen(self._handle))

    def __dealloc__(self):
        handle.rr_handle_close(self._handle)

    def incref(self, int64_t n, bint release_gil, bint may_wait):
        """Take n references."""
        cdef int64_t k
        cdef int status
        while n > 0:
            k = min(n, self._slice)
            if release_gil:
                with nogil:  # this block uses only the C object
                    status = handle.rr_handle_incref(self._handle, k, may_wait)
            else:
                status = handle.rr_handle_incref(self._handle, k, False)
            check_slot(status)
            n -= k
            PyErr_CheckSignals()

    def decref(self, int64_t n, bint release_gil, bint may_wait):
        """Drop n references."""
        cdef int64_t k
        cdef int status
        while n > 0:
            k = min(n, self._slice)
            if release_gil:
                with nogil:  # this block uses only the C object
                    status = handle.rr_handle_decref(self._handle, k, may_wait)
            else:
                status = handle.rr_handle_decref(self._handle, k, False)
            check_slot(status)
            n -= k
            PyErr_CheckSignals()

    def quiesce(self):
        """Process the queue of this thread; return the number of its items."""
        cdef int64_t n
        check_slot(handle.rr_handle_quiesce(self._handle, &n))
        return n

    def collapse(self):
        """Add up the counts of all threads; return the number of processed items."""
        cdef int64_t n
        cdef int status
        with nogil:  # it may wait for the operations of other threads
            status = handle.rr_handle_collapse(self._handle, &n)
        check_slot(status)
        return n

    def detach(self):
        """Detach this thread: it must not count these objects."""
        check_slot(handle.rr_handle_detach(self._handle))

    def attach(self):
        """Attach this thread again."""
        cdef int status
        with nogil:  # another thread may be counting on its behalf
            status = handle.rr_handle_attach(self._handle)
        check_slot(status)

    def use(self, bint release_gil):
        """Access the payload; return whether the object was alive."""
        cdef bint alive
        if release_gil:
            with nogil:  # this block uses only the C object
                alive = handle.rr_handle_use(self._handle)
        else:
            alive = handle.rr_handle_use(self._handle)
        return bool(alive)

    def read(self):
        """Return the current numbers."""
        cdef handle.rr_handle_reading reading
        handle.rr_handle_read(self._handle, &reading)
        return Reading(**reading)

    def first(self, int kind):
        """Return the first event of a kind, None if there is none."""
        cdef firsts.rr_first first
        if not 0 <= kind < firsts.RR_N_FIRSTS:
            return None
        if not handle.rr_handle_first(
            self._handle, <firsts.rr_first_kind> kind, &first
        ):
            return None
        return First(**first)

    def firsts_known(self):
        """Return a bit for each kind of event that :meth:`first` knows."""
        return handle.rr_handle_firsts_known(self._handle)


cdef class Race:
    """One race; each of its threads calls :meth:`run` once, with its own number."""

    cdef race.rr_race *_race

    def __cinit__(
        self,
        int mode,
        int n_threads,
        int64_t n_objects,
        int64_t hold,
        bint shared,
        bint foreign,
        bint in_turns,
        int32_t gap_odds,
        uint64_t seed,
        int64_t together=1,
        int form=native_modes.RR_BY_FOURS,
        int64_t n_stretches=0,
    ):
        cdef race.rr_race_config config
        config.mode = mode
        config.own = NULL
        if mode == INTERPRETER:
            config.own = objects_interpreter.rr_interpreter_mode()
        config.n_threads = n_threads
        config.n_objects = n_objects
        config.hold = hold
        config.together = together
        config.form = form
        config.shared = shared
        config.foreign = foreign
        config.in_turns = in_turns
        config.gap_odds = gap_odds
        config.seed = seed
        config.n_stretches = n_stretches
        check(race.rr_race_open(&config, &self._race))

    def __dealloc__(self):
        race.rr_race_close(self._race)

    def run(self, int thread, int64_t budget):
        """Race without the GIL; check for :meth:`stop` every `budget` operations."""
        cdef race.rr_race_turn turn
        with nogil:  # this block uses only the race
            while True:
                turn = race.rr_race_advance(self._race, thread, budget)
                if turn == race.RR_TURN_DONE:
                    break
                if turn == race.RR_TURN_WAIT:
                    race.rr_race_pause(self._race, thread)

    def run_holding_gil(self, int thread, int64_t budget):
        """Race with the GIL held for `budget` operations at a time."""
        cdef race.rr_race_turn turn
        while True:
            turn = race.rr_race_advance(self._race, thread, budget)
            if turn == race.RR_TURN_DONE:
                break
            with nogil:  # do nothing: let other threads run
                race.rr_race_pause(self._race, thread)
                rr_clock.rr_yield()

    def stop(self):
        """End the race for all threads at their next turn."""
        race.rr_race_stop(self._race)

    def progress(self):
        """Return the number of settled rounds."""
        return race.rr_race_progress(self._race)

    def stretches(self, int thread):
        """Return the first stretches of a thread inside; none may be in the race."""
        cdef const race.rr_race_stretch *kept = NULL
        cdef int64_t n = race.rr_race_stretches_of(self._race, thread, &kept)
        cdef int64_t i
        if n < 0:
            check(<int>n)
        return [
            RaceStretch(
                kept[i].begin_ns,
                kept[i].end_ns,
                kept[i].round,
                kept[i].operations,
                kept[i].drops,
            )
            for i in range(n)
        ]

    def tally(self):
        """Return the numbers; no thread may be in the race."""
        cdef race.rr_race_tally tally
        race.rr_race_tally_of(self._race, &tally)
        return RaceTally(**tally)
