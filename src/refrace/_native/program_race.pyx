"""The binding of a program on real threads: converts, releases the GIL, checks.

It makes no decisions: defaults, validation and messages are in Python.
"""

from collections import namedtuple

from libc.stdint cimport int32_t, int64_t, uint64_t

from refrace._cext cimport (
    conformance,
    load_model,
    load_native,
    program as programs,
    rr_alloc,
    rr_clock,
)
from refrace._cext.checked cimport check
from refrace._cext.rr_status cimport RR_EINVAL

KINDS = tuple(
    (<bytes> programs.rr_finding_name(i)).decode()
    for i in range(programs.RR_N_FINDINGS)
)
MAX_THREADS = programs.RR_MAX_PROGRAM_THREADS

RoundsTally = namedtuple("RoundsTally", [
    "rounds", "undecided", "cut", "disputed", "steps", "operations", "shared", "met",
    "busy_ns", "crowded_ns", "elapsed_ns",
])
RoundsOutcome = namedtuple("RoundsOutcome", ["kinds", "rounds", "schedule"])
RoundsMisuse = namedtuple("RoundsMisuse", [
    "message", "thread", "statement", "schedule",
])

include "allocation_hooks.pxi"
include "mode_library.pxi"
include "program_image.pxi"


def load_mode(int mode, str path):
    """Load all tables of a mode from its library, under a number of its own."""
    cdef void *native = function_in(path, load_native.rr_native_connector())
    cdef void *model = function_in(path, load_model.rr_model_connector())
    check(load_native.rr_load_native(mode, native))
    check(load_model.rr_load_model(mode, model))


cdef tuple schedule(const int32_t *codes, int32_t n_codes):
    """Return a schedule, or None if there is none."""
    return None if codes is NULL else tuple(codes[i] for i in range(n_codes))


cdef class Conformance:
    """One program, many rounds; each of its threads calls :meth:`run` once."""

    cdef programs.rr_program *_program
    cdef conformance.rr_conformance *_rounds  # points into the program

    def __cinit__(
        self,
        image,
        int mode,
        bint gil_held,
        int64_t n_rounds,
        int64_t most_steps,
        uint64_t seed,
        bint is_widened,
        bint until_corrupt,
        int64_t clean_rounds,
        int64_t least_rounds,
        int64_t most_ns,
    ):
        self._program = open_program(image)
        cdef conformance.rr_conformance_config config
        config.program = self._program
        config.mode = mode
        config.gil_held = gil_held
        config.n_rounds = n_rounds
        config.most_steps = most_steps
        config.seed = seed
        config.is_widened = is_widened
        config.until_corrupt = until_corrupt
        config.clean_rounds = clean_rounds
        config.least_rounds = least_rounds
        config.most_ns = most_ns
        check(conformance.rr_conformance_open(&config, &self._rounds))

    def __dealloc__(self):
        conformance.rr_conformance_close(self._rounds)
        programs.rr_program_close(self._program)

    @property
    def threads(self):
        """The number of threads of the program."""
        return self._program.n_threads

    def run(self, int thread, int64_t budget):
        """Run one thread without the GIL; check for :meth:`stop` continuously."""
        cdef conformance.rr_conformance_turn turn
        with nogil:  # this block uses only the race
            while True:
                turn = conformance.rr_conformance_advance(self._rounds, thread, budget)
                if turn == conformance.RR_CONFORMANCE_DONE:
                    break
                if turn == conformance.RR_CONFORMANCE_WAIT:
                    conformance.rr_conformance_pause(self._rounds, thread, False)

    def run_holding_gil(self, int thread, int64_t budget):
        """Run one thread with the GIL held until it yields or must wait."""
        cdef conformance.rr_conformance_turn turn
        while True:
            turn = conformance.rr_conformance_advance(self._rounds, thread, budget)
            if turn == conformance.RR_CONFORMANCE_DONE:
                break
            with nogil:  # do nothing: let other threads run
                conformance.rr_conformance_pause(
                    self._rounds, thread, turn != conformance.RR_CONFORMANCE_WAIT
                )
                rr_clock.rr_yield()

    def stop(self):
        """End the race for all threads at their next turn."""
        conformance.rr_conformance_stop(self._rounds)

    def progress(self):
        """Return the number of finished rounds."""
        return conformance.rr_conformance_progress(self._rounds)

    def tally(self):
        """Return the numbers; no thread may be in the race.

        MemoryError if the race ended for lack of memory.
        """
        check(conformance.rr_conformance_status(self._rounds))
        cdef conformance.rr_conformance_tally tally
        conformance.rr_conformance_tally_of(self._rounds, &tally)
        return RoundsTally(**tally)

    def outcomes(self):
        """Return the bits of the kinds, the rounds, and a schedule of each outcome."""
        cdef const conformance.rr_conformance_outcome *outcome
        found = []
        for index in range(conformance.rr_conformance_n_outcomes(self._rounds)):
            outcome = conformance.rr_conformance_outcome_of(self._rounds, index)
            found.append(
                RoundsOutcome(
                    kinds=outcome.kinds,
                    rounds=outcome.n_rounds,
                    schedule=schedule(outcome.codes, outcome.n_codes),
                )
            )
        return found

    def misuse(self):
        """Return what the program did wrong; None if nothing.  No statement is -1."""
        cdef const conformance.rr_conformance_misuse *misuse
        misuse = conformance.rr_conformance_misuse_of(self._rounds)
        if misuse is NULL:
            return None
        return RoundsMisuse(
            message=(<bytes> programs.rr_misuse_message(misuse.misuse)).decode(),
            thread=misuse.thread,
            statement=misuse.statement,
            schedule=schedule(misuse.codes, misuse.n_codes),
        )
