# conformance.pxd -- mirrors cext/conformance/conformance.h; no code or renaming.
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from refrace._cext.program cimport rr_program

cdef extern from "conformance/conformance.h" nogil:
    ctypedef struct rr_conformance_config:
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

    ctypedef struct rr_conformance_outcome:
        uint32_t kinds
        int64_t n_rounds
        int32_t *codes
        int32_t n_codes

    ctypedef struct rr_conformance_misuse:
        int misuse
        int thread
        int statement
        int32_t *codes
        int32_t n_codes

    ctypedef struct rr_conformance_tally:
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

    ctypedef enum rr_conformance_turn:
        RR_CONFORMANCE_AGAIN
        RR_CONFORMANCE_WAIT
        RR_CONFORMANCE_GAVE_WAY
        RR_CONFORMANCE_DONE

    ctypedef struct rr_conformance:
        pass

    int rr_conformance_open(const rr_conformance_config *config, rr_conformance **out)
    void rr_conformance_close(rr_conformance *conformance)
    rr_conformance_turn rr_conformance_advance(
        rr_conformance *conformance, int thread, int64_t budget
    )
    void rr_conformance_pause(rr_conformance *conformance, int thread, bint is_brief)
    void rr_conformance_stop(rr_conformance *conformance)
    int64_t rr_conformance_progress(const rr_conformance *conformance)
    void rr_conformance_tally_of(
        const rr_conformance *conformance, rr_conformance_tally *out
    )
    int rr_conformance_n_outcomes(const rr_conformance *conformance)
    const rr_conformance_outcome *rr_conformance_outcome_of(
        const rr_conformance *conformance, int index
    )
    int rr_conformance_status(const rr_conformance *conformance)
    const rr_conformance_misuse *rr_conformance_misuse_of(
        const rr_conformance *conformance
    )
