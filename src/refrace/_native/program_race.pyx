# cython: language_level=3str
# cython: freethreading_compatible=True
# cython: embedsignature=True
"""The binding of a program on real threads: converts, releases the GIL, checks.

It decides nothing: defaults, validation and messages are in Python.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

from refrace._cext cimport conformance, program as programs, rr_alloc, rr_clock
from refrace._cext.checked cimport check
from refrace._cext.rr_status cimport RR_EINVAL

KINDS = tuple(
    (<bytes> programs.rr_finding_name(i)).decode()
    for i in range(programs.RR_N_FINDINGS)
)
MAX_THREADS = programs.RR_MAX_PROGRAM_THREADS

include "allocation_hooks.pxi"


cdef tuple schedule(const int32_t *codes, int32_t n_codes):
    """Return a schedule, or None if there is none."""
    return None if codes is NULL else tuple(codes[i] for i in range(n_codes))


cdef class Contest:
    """One program, many rounds; each of its threads calls :meth:`run` once."""

    cdef programs.rr_program *_program
    cdef conformance.rr_conformance *_rounds  # points into the program

    def __cinit__(
        self,
        const int32_t[::1] image not None,
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
        if image.shape[0] == 0:
            raise ValueError("the image of a program is not empty")
        cdef int status = programs.rr_program_open(
            &image[0], image.shape[0], &self._program
        )
        if status == RR_EINVAL:
            raise ValueError("the numbers of this image do not fit together")
        check(status)
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
        """How many threads the program has."""
        return self._program.n_threads

    def run(self, int thread, int64_t budget):
        """Run one thread without the GIL; check :meth:`stop` all the time."""
        cdef conformance.rr_conformance_turn turn
        with nogil:  # uses only the conformance
            while True:
                turn = conformance.rr_conformance_advance(self._rounds, thread, budget)
                if turn == conformance.RR_CONFORMANCE_DONE:
                    break
                if turn == conformance.RR_CONFORMANCE_WAIT:
                    conformance.rr_conformance_pause(self._rounds, thread, False)

    def run_holding_gil(self, int thread, int64_t budget):
        """Run one thread with the GIL held until it yields or has to wait."""
        cdef conformance.rr_conformance_turn turn
        while True:
            turn = conformance.rr_conformance_advance(self._rounds, thread, budget)
            if turn == conformance.RR_CONFORMANCE_DONE:
                break
            with nogil:  # only lets other threads run
                conformance.rr_conformance_pause(
                    self._rounds, thread, turn != conformance.RR_CONFORMANCE_WAIT
                )
                rr_clock.rr_yield()

    def stop(self):
        """End the conformance for all threads at their next turn."""
        conformance.rr_conformance_stop(self._rounds)

    def progress(self):
        """Return how many rounds are done."""
        return conformance.rr_conformance_progress(self._rounds)

    def tally(self):
        """Return the numbers as a dictionary; no thread may be in the conformance.

        MemoryError if the conformance ended because it ran out of memory.
        """
        check(conformance.rr_conformance_status(self._rounds))
        cdef conformance.rr_conformance_tally tally
        conformance.rr_conformance_tally_of(self._rounds, &tally)
        return dict(tally)

    def outcomes(self):
        """Return (bits of kinds, rounds, first schedule or None) for each outcome."""
        cdef const conformance.rr_conformance_outcome *outcome
        found = []
        for index in range(conformance.rr_conformance_n_outcomes(self._rounds)):
            outcome = conformance.rr_conformance_outcome_of(self._rounds, index)
            codes = schedule(outcome.codes, outcome.n_codes)
            found.append((outcome.kinds, outcome.n_rounds, codes))
        return found

    def misuse(self):
        """Return (message, thread, statement or -1, schedule or None); None if none."""
        cdef const conformance.rr_conformance_misuse *misuse
        misuse = conformance.rr_conformance_misuse_of(self._rounds)
        if misuse is NULL:
            return None
        message = (<bytes> programs.rr_misuse_message(misuse.misuse)).decode()
        codes = schedule(misuse.codes, misuse.n_codes)
        return message, misuse.thread, misuse.statement, codes
