/* internal.h -- declarations shared by the files of cext/conformance/ only. */
#ifndef RR_CONFORMANCE_INTERNAL_H
#define RR_CONFORMANCE_INTERNAL_H

#include "base/rr_alloc.h"
#include "conformance/conformance.h"
#include "conformance/round.h"
#include "conformance/start.h"
#include "machine/next_operation.h"
#include "race/barrier.h"
#include "race/overlap.h"

/* ---- round.c.  Under the lock, except for the first three. ------------------------ */

/* Waits for a moment; `turn` counts the moments. */
void rr_round_pause_once(int turn);
void rr_round_lock(rr_round *r);
bool rr_round_is_over(const rr_round *r);
void rr_round_unlock(rr_round *r);
void rr_round_end(rr_round *r, rr_round_state state);
/* ... with these kinds and the latent ones. */
void rr_round_end_with(rr_round *r, uint32_t kinds);
void rr_round_note_step(rr_round *r, int32_t code);
/* The machine cannot go on.  code: the step that it stopped at, -1 if not known. */
void rr_round_stopped_by(rr_round *r, rr_progress progress, int thread, int32_t code);

/* ---- native_operation.c ----------------------------------------------------------- */

/* Runs an operation natively.  Releases the lock meanwhile. */
rr_move rr_round_operate(rr_round *r, int thread, const rr_next *next, rr_rng *rng);

/* ---- pause.c.  Under the lock. ----------------------------------------------------- */

/* Must the thread wait for others now?  May begin or end its pause. */
bool rr_round_pauses(rr_round *r, int thread);
/* The thread waits in a batch for another to join, from now on. */
void rr_round_seek(rr_round *r, int thread);
/* May another thread join this one where it waits for company?  Not if it has waited
 * long. */
bool rr_round_may_get_company(const rr_round *r, int thread);

/* ---- hook.c ------------------------------------------------------------------------ */

/* The object at which a hook of the mode runs; -1: none.  False: the machine must run it,
 * because it has a finding there or needs more capacity. */
bool rr_round_place_hook(rr_round *r, int thread, int *object, rr_rng *rng);

/* ---- tally.c ----------------------------------------------------------------------- */

/* Per thread and round; later stretches are not included in the times. */
enum { RR_MAX_STRETCHES = RR_MAX_INTERVALS / RR_MAX_PROGRAM_THREADS };

/* One thread's part.  Only that thread writes it; the last one at the barrier reads it,
 * and the barrier orders this. */
typedef struct rr_participant {
    _Alignas(RR_CACHE_BYTES) bool has_begun;
    bool waiting;     /* has arrived at the barrier of `round` */
    int64_t round;    /* of the barrier, when it arrived */
    bool is_at_start; /* past the barrier, but has not set off */
    int patience;     /* how often it may still check whether it may set off */
    bool shares_core; /* at this start others came only when it yielded the core */
    rr_rng rng;       /* the machine's choices */
    rr_rng pace;      /* hesitations of this round */
    /* In this round: each from a move to the last one before the thread had to wait. */
    rr_interval stretches[RR_MAX_STRETCHES];
    int n_stretches;
    bool is_moving;  /* the last stretch continues */
    int vain_pauses; /* in a row */
    int n_naps;      /* how often it still sleeps instead of yielding its core */
    int64_t turn_ns; /* with the GIL held: time in calls */
} rr_participant;

struct rr_conformance {
    rr_conformance_config config;
    int n_threads;
    rr_round round;
    rr_participant *participants;
    rr_barrier barrier;
    _Atomic bool stopped;

    /* In this round: threads past the barrier; whether the thread chosen to be first has
     * set off. */
    _Alignas(RR_CACHE_BYTES) _Atomic int n_here;
    _Alignas(RR_CACHE_BYTES) _Atomic bool has_set_off;

    /* Written by the last thread at the barrier, while no other moves. */
    int first;
    rr_planner planner; /* for a widened conformance */
    /* The most moves of each thread in a round so far; 0: not known. */
    int64_t most_moves[RR_MAX_PROGRAM_THREADS];
    int64_t fewest_moves[RR_MAX_PROGRAM_THREADS];
    int32_t capacity[RR_N_CAPACITIES];
    _Atomic int64_t settled;
    rr_conformance_tally tally;
    int64_t began_ns;
    rr_conformance_outcome outcomes[RR_MAX_CONFORMANCE_OUTCOMES];
    int n_outcomes;
    bool is_corrupt; /* a round had a finding */
    int status;
    bool is_misused;
    rr_conformance_misuse misuse;
};

/* Tallies a round that is over.  pre: no other thread moves. */
void rr_conformance_tally_round(rr_conformance *c);

/* Opens the round with the capacity that is known to be needed. */
int rr_conformance_open_round(rr_conformance *c);

#endif
