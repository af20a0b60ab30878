# contest.pxd -- mirrors cext/contest/contest.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from refrace._cext.program cimport rr_program

cdef extern from "contest/contest.h" nogil:
    ctypedef struct rr_contest_config:
        const rr_program *program
        int mode
        bint gil_held
        int64_t n_rounds
        int64_t most_steps
        uint64_t seed
        bint is_widened
        bint until_corrupt
        int64_t clean_rounds
        int64_t least_rounds
        int64_t most_ns

    ctypedef struct rr_contest_outcome:
        uint32_t kinds
        int64_t n_rounds
        int32_t *codes
        int32_t n_codes

    ctypedef struct rr_contest_misuse:
        int misuse
        int thread
        int statement
        int32_t *codes
        int32_t n_codes

    ctypedef struct rr_contest_tally:
        int64_t rounds
        int64_t undecided
        int64_t cut
        int64_t disputed
        int64_t steps
        int64_t operations
        int64_t shared
        int64_t met
        int64_t busy_ns
        int64_t crowded_ns
        int64_t elapsed_ns

    ctypedef enum rr_contest_turn:
        RR_CONTEST_AGAIN
        RR_CONTEST_WAIT
        RR_CONTEST_GAVE_WAY
        RR_CONTEST_DONE

    ctypedef struct rr_contest:
        pass

    int rr_contest_open(const rr_contest_config *config, rr_contest **out)
    void rr_contest_close(rr_contest *contest)
    rr_contest_turn rr_contest_advance(rr_contest *contest, int thread, int64_t budget)
    void rr_contest_pause(rr_contest *contest, int thread, bint is_brief)
    void rr_contest_stop(rr_contest *contest)
    int64_t rr_contest_progress(const rr_contest *contest)
    void rr_contest_tally_of(const rr_contest *contest, rr_contest_tally *out)
    int rr_contest_n_outcomes(const rr_contest *contest)
    const rr_contest_outcome *rr_contest_outcome_of(
        const rr_contest *contest, int index
    )
    int rr_contest_status(const rr_contest *contest)
    const rr_contest_misuse *rr_contest_misuse_of(const rr_contest *contest)
