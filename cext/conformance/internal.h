/* internal.h -- what the parts of a conformance share; for cext/conformance/ only. */
#ifndef RR_CONFORMANCE_INTERNAL_H
#define RR_CONFORMANCE_INTERNAL_H

#include "base/rr_alloc.h"
#include "conformance/conformance.h"
#include "conformance/round.h"
#include "conformance/start.h"
#include "machine/next_operation.h"
#include "race/barrier.h"
#include "race/overlap.h"

/* ---- round.c.  Under the lock, but for the first three. -------------------------------
 */

/* Wait for a moment; `turn` counts the moments. */
void rr_round_pause_once(int turn);
void rr_round_lock(rr_round *r);
bool rr_round_is_over(const rr_round *r);
void rr_round_unlock(rr_round *r);
void rr_round_end(rr_round *r, rr_round_state state);
/* ... with these kinds, and what was latent. */
void rr_round_end_with(rr_round *r, uint32_t kinds);
void rr_round_note_step(rr_round *r, int32_t code);
/* The machine cannot go on; code: the step that it stopped at, -1 if that is not known.
 */
void rr_round_stopped_by(rr_round *r, rr_progress progress, int thread, int32_t code);

/* ---- native_operation.c
 * ----------------------------------------------------------------------- */

/* Run an operation natively.  Lets the lock go in between. */
rr_move rr_round_operate(rr_round *r, int thread, const rr_next *next, rr_rng *rng);

/* ---- pause.c.  Under the lock. --------------------------------------------------------
 */

/* Is the thread to wait for others now?  May begin or end its pause. */
bool rr_round_pauses(rr_round *r, int thread);
/* The thread waits in a batch for another to come, from now on. */
void rr_round_seek(rr_round *r, int thread);
/* May another thread come to where this one waits for company?  Not if it has waited
 * long. */
bool rr_round_may_get_company(const rr_round *r, int thread);

/* ---- hook.c --------------------------------------------------------------------------
 */

/* At which object a hook of the mode is run; -1: at none.  False: the machine does it,
 * for it has a finding there, or needs more room. */
bool rr_round_place_hook(rr_round *r, int thread, int *object, rr_rng *rng);

/* ---- tally.c ------------------------------------------------------------------------
 */

/* Of one thread in one round; what comes after those is left out of the times. */
enum { RR_MAX_STRETCHES = RR_MAX_INTERVALS / RR_MAX_PROGRAM_THREADS };

/* One thread's place; written by that thread alone, and read by the last one at the
 * barrier, which the barrier orders. */
typedef struct rr_participant {
    _Alignas(RR_CACHE_BYTES) bool has_begun;
    bool waiting;     /* has arrived at the barrier of `round` */
    int64_t round;    /* of the barrier, when it arrived */
    bool is_at_start; /* through the barrier, but has not set off */
    int patience;     /* how often it may still ask whether it may */
    bool shares_core; /* at this start others came only when it gave the core away */
    rr_rng rng;       /* what the machine is left to choose */
    rr_rng pace;      /* hesitations of this round */
    /* Of this round: from a move on, to the last one before it had to wait. */
    rr_interval stretches[RR_MAX_STRETCHES];
    int n_stretches;
    bool is_moving;  /* the last stretch goes on */
    int vain_pauses; /* one after the other */
    int n_naps;      /* how often it still sleeps instead of giving its core away */
    int64_t turn_ns; /* with the GIL held: time in calls */
} rr_participant;

struct rr_conformance {
    rr_conformance_config config;
    int n_threads;
    rr_round round;
    rr_participant *participants;
    rr_barrier barrier;
    _Atomic bool stopped;

    /* Of the round: threads that are through the barrier; whether the one that is drawn
     * to be first has set off. */
    _Alignas(RR_CACHE_BYTES) _Atomic int n_here;
    _Alignas(RR_CACHE_BYTES) _Atomic bool has_set_off;

    /* Written by the last one at the barrier, while nobody else moves. */
    int first;
    rr_planner planner; /* of a widened conformance */
    /* Moves of each thread in a round so far; 0: not known. */
    int64_t most_moves[RR_MAX_PROGRAM_THREADS];
    int64_t fewest_moves[RR_MAX_PROGRAM_THREADS];
    int32_t capacity[RR_N_CAPACITIES];
    _Atomic int64_t settled;
    rr_conformance_tally tally;
    int64_t began_ns;
    rr_conformance_outcome outcomes[RR_MAX_CONFORMANCE_OUTCOMES];
    int n_outcomes;
    bool is_corrupt; /* in one of them something went wrong */
    int status;
    bool is_misused;
    rr_conformance_misuse misuse;
};

/* Tally a round that is over.  pre: no other thread moves. */
void rr_conformance_tally_round(rr_conformance *c);

/* Open the round with the capacity that is known to be needed. */
int rr_conformance_open_round(rr_conformance *c);

#endif
