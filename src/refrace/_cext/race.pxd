# race.pxd -- mirrors cext/race/race.h; no code, no defaults, no renaming.
from libc.stdint cimport int32_t, int64_t, uint64_t

cdef extern from "race/race.h" nogil:
    enum:
        RR_MAX_THREADS
        RR_MAX_TOGETHER

    ctypedef struct rr_own_mode:
        pass

    ctypedef struct rr_race_config:
        int mode
        const rr_own_mode *own
        int n_threads
        int64_t n_objects
        int64_t hold
        int64_t together
        int form
        bint shared
        bint foreign
        bint in_turns
        int32_t gap_odds
        uint64_t seed
        int64_t n_stretches

    enum:
        RR_MOST_STRETCHES

    ctypedef struct rr_race_stretch:
        int64_t begin_ns
        int64_t end_ns
        int64_t round
        int64_t operations
        bint drops

    ctypedef struct rr_race_tally:
        int64_t objects
        int64_t intact
        int64_t leaked
        int64_t freed_early
        int64_t operations
        int64_t dangling_uses
        int64_t double_frees
        int64_t freed_late
        int64_t late_ns
        int64_t lost_increments
        int64_t lost_decrements
        int64_t drift
        int64_t busy_ns
        int64_t crowded_ns
        int64_t elapsed_ns
        int64_t gap_waits
        int64_t gaps_met

    ctypedef enum rr_race_turn:
        RR_TURN_AGAIN
        RR_TURN_WAIT
        RR_TURN_DONE

    ctypedef struct rr_race:
        pass

    int rr_race_open(const rr_race_config *config, rr_race **out)
    void rr_race_close(rr_race *race)
    rr_race_turn rr_race_advance(rr_race *race, int thread, int64_t budget)
    void rr_race_pause(rr_race *race, int thread)
    void rr_race_stop(rr_race *race)
    int64_t rr_race_progress(const rr_race *race)
    int64_t rr_race_stretches_of(
        const rr_race *race, int thread, const rr_race_stretch **out
    )
    void rr_race_tally_of(const rr_race *race, rr_race_tally *out)
