/* sample.h -- many random runs of a program that is too large to exhaust, tallied by
 * outcome.
 *
 * UNIFORM chooses uniformly among the possible next steps.  PCT runs the thread of
 * highest random priority, and lowers it at depth - 1 random steps: each run finds a bug
 * that depends on `depth` orderings with probability at least 1 / (n k^(depth - 1)), for
 * n threads and at most k steps (S.  Burckhardt, P. Kothari, M. Musuvathi, S.
 * Nagarakatte: A randomized scheduler with probabilistic guarantees of finding bugs,
 * ASPLOS 2010).  A thread's store buffer counts as a thread.
 */
#ifndef RR_SAMPLE_H
#define RR_SAMPLE_H

#include "base/rr_rng.h"
#include "explore/walk.h"

typedef enum rr_strategy { RR_UNIFORM, RR_PCT } rr_strategy;

typedef struct rr_found {
    int64_t n_preemptions, n_steps; /* of the best run; n_steps < 0: none */
    int32_t *codes;
} rr_found;

typedef struct rr_sample {
    rr_walk walk;
    rr_strategy strategy;
    int depth;
    int64_t max_steps, horizon; /* horizon: k of PCT */
    uint64_t seed, first_run;   /* run i has stream first_run + i of the seed */
    rr_rng rng;                 /* of the current run */
    /* n_outgrown: runs cut off because a location would need more messages than it may
     * have. */
    int64_t n_runs, n_too_long, n_outgrown, n_beyond_horizon, longest;
    uint64_t *tally; /* runs by set of kinds */
    rr_found found[RR_N_FINDINGS];
    int32_t *codes;  /* of the current run */
    int64_t n_room;
    rr_progress stopped; /* RR_RAN; else RR_MISUSED or RR_GROW: see the machine */
    int64_t n_codes;     /* of the run that was stopped */
    int priority[2 * (RR_MAX_PROGRAM_THREADS + 1)];
    int64_t *change_points;
} rr_sample;

/* `horizon`: the expected maximum of a run's steps (PCT).  `first_run`: the number of the
 * first run.  A run depends on the seed and on its number only, so that samples of
 * consecutive runs, made anywhere, add up to one sample. */
int rr_sample_open(rr_machine *m, rr_strategy strategy, int depth, int64_t max_steps,
                   int64_t horizon, uint64_t seed, uint64_t first_run, rr_sample *out);
void rr_sample_close(rr_sample *s);

/* Makes n more runs; fewer if `stopped` changes. */
int rr_sample_advance(rr_sample *s, int64_t n);

#endif
