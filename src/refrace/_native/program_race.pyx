# cython: language_level=3str
# cython: freethreading_compatible=True
# cython: embedsignature=True
"""The binding of a program on real threads: converts, releases the GIL, checks.

It makes no decisions: defaults, validation and messages are in Python.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

from refrace._cext cimport contest, program as programs, rr_alloc, rr_clock
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
    cdef contest.rr_contest *_contest  # points into the program

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
        cdef contest.rr_contest_config config
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
        check(contest.rr_contest_open(&config, &self._contest))

    def __dealloc__(self):
        contest.rr_contest_close(self._contest)
        programs.rr_program_close(self._program)

    @property
    def threads(self):
        """The number of threads of the program."""
        return self._program.n_threads

    def run(self, int thread, int64_t budget):
        """Run one thread without the GIL; check for :meth:`stop` continuously."""
        cdef contest.rr_contest_turn turn
        with nogil:  # this block uses only the contest
            while True:
                turn = contest.rr_contest_advance(self._contest, thread, budget)
                if turn == contest.RR_CONTEST_DONE:
                    break
                if turn == contest.RR_CONTEST_WAIT:
                    contest.rr_contest_pause(self._contest, thread, False)

    def run_holding_gil(self, int thread, int64_t budget):
        """Run one thread with the GIL held until it yields or must wait."""
        cdef contest.rr_contest_turn turn
        while True:
            turn = contest.rr_contest_advance(self._contest, thread, budget)
            if turn == contest.RR_CONTEST_DONE:
                break
            with nogil:  # do nothing: let other threads run
                contest.rr_contest_pause(
                    self._contest, thread, turn != contest.RR_CONTEST_WAIT
                )
                rr_clock.rr_yield()

    def stop(self):
        """End the contest for all threads at their next turn."""
        contest.rr_contest_stop(self._contest)

    def progress(self):
        """Return the number of finished rounds."""
        return contest.rr_contest_progress(self._contest)

    def tally(self):
        """Return the numbers as a dictionary; no thread may be in the contest.

        MemoryError if the contest ended for want of memory.
        """
        check(contest.rr_contest_status(self._contest))
        cdef contest.rr_contest_tally tally
        contest.rr_contest_tally_of(self._contest, &tally)
        return dict(tally)

    def outcomes(self):
        """Return (bits of kinds, rounds, first schedule or None) for each outcome."""
        cdef const contest.rr_contest_outcome *outcome
        found = []
        for index in range(contest.rr_contest_n_outcomes(self._contest)):
            outcome = contest.rr_contest_outcome_of(self._contest, index)
            codes = schedule(outcome.codes, outcome.n_codes)
            found.append((outcome.kinds, outcome.n_rounds, codes))
        return found

    def misuse(self):
        """Return (message, thread, statement or -1, schedule or None); None if none."""
        cdef const contest.rr_contest_misuse *misuse
        misuse = contest.rr_contest_misuse_of(self._contest)
        if misuse is NULL:
            return None
        message = (<bytes> programs.rr_misuse_message(misuse.misuse)).decode()
        codes = schedule(misuse.codes, misuse.n_codes)
        return message, misuse.thread, misuse.statement, codes
