# cython: language_level=3str
# cython: freethreading_compatible=True
# cython: embedsignature=True
"""The binding of native objects and races: converts, releases the GIL, checks.

It makes no decisions: defaults, validation and messages are in Python.
"""

from collections import namedtuple

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int32_t, int64_t, uint64_t

from refrace._cext cimport (
    catalogue,
    firsts,
    handle,
    memory,
    native_modes,
    race,
    rr_alloc,
    rr_clock,
)
from refrace._cext.checked cimport check
from refrace._cext.rr_status cimport RR_EATTACHED, RR_EDETACHED, RR_ESLOTS

Reading = namedtuple("Reading", [
    "refcount", "ledger", "ledger_at_end", "deaths", "uses_after_free", "over_releases",
    "operations", "in_flight", "gap_waits", "gaps_met", "is_waiting",
])

MAX_THREADS = race.RR_MAX_THREADS
MAX_THREAD_SLOTS = handle.RR_MAX_THREAD_SLOTS
MAX_TOGETHER = race.RR_MAX_TOGETHER
N_FORMS = native_modes.RR_N_FORMS

# Operations between two signal checks: some tens of milliseconds in the slowest mode,
# so that Ctrl-C takes effect promptly.
cdef int64_t SLICE = 100_000
# The same if a thread may wait in each gap, for at most a millisecond.
cdef int64_t WIDENED_SLICE = 500


def mode_cards():
    """Return the card of each mode, in order: a tuple of dictionaries."""
    cards = []
    cdef memory.rr_memory held
    cdef const catalogue.rr_mode_card *card = catalogue.rr_mode_card_of(0)
    while card is not NULL:
        check(memory.rr_mode_memory(<int> len(cards), &held))
        cards.append(
            {
                "name": card.name.decode(),
                "claims_correct": bool(card.claims_correct),
                "title": card.title.decode(),
                "summary": card.summary.decode(),
                "steps": {"incref": card.incref_steps, "decref": card.decref_steps},
                "layout": card.layout.decode(),
                "memory": dict(held),
                "has_count_word": bool(
                    native_modes.rr_mode_has_count_word(<int> len(cards))
                ),
                "has_owner": bool(
                    native_modes.rr_mode_has_owner(<int> len(cards))
                ),
                "protects_reads": bool(
                    native_modes.rr_mode_protects_reads(<int> len(cards))
                ),
                "needs_attached_owner": bool(
                    native_modes.rr_mode_needs_attached_owner(<int> len(cards))
                ),
                "limits": card.limits.decode(),
                "source": card.source.decode(),
                "settles": bool(native_modes.rr_mode_settles(<int> len(cards))),
            }
        )
        card = catalogue.rr_mode_card_of(<int> len(cards))
    return tuple(cards)


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
        """Return the first event of a kind as a dictionary, None if there is none."""
        cdef firsts.rr_first first
        if not 0 <= kind < firsts.RR_N_FIRSTS:
            return None
        if not handle.rr_handle_first(
            self._handle, <firsts.rr_first_kind> kind, &first
        ):
            return None
        return dict(first)

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
    ):
        cdef race.rr_race_config config
        config.mode = mode
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

    def tally(self):
        """Return the numbers as a dictionary; no thread may be in the race."""
        cdef race.rr_race_tally tally
        race.rr_race_tally_of(self._race, &tally)
        return dict(tally)
