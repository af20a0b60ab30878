/* conformance.h -- runs a program on real threads for many rounds, and tallies the
 * outcomes.
 *
 * The conformance owns no threads.  Each thread of the program calls
 * rr_conformance_advance with its number again and again, and rr_conformance_pause in
 * between when the result says so.  The caller decides whether to hold the GIL.
 */
#ifndef RR_CONFORMANCE_H
#define RR_CONFORMANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "program/program.h"

enum { RR_MAX_CONFORMANCE_OUTCOMES = 256 };

typedef struct rr_conformance_config {
    const rr_program *program; /* must outlive the conformance */
    int mode;
    bool gil_held;
    int64_t n_rounds;
    int64_t most_steps; /* of a round, before it is cut */
    uint64_t seed;      /* of the machine's choices (`maybe`, drains), of which thread is
                         * first in a round, and of how long threads hesitate */
    bool is_widened;    /* threads pause where the seed says, and wait for company; see
                         * plan.h */
    bool until_corrupt; /* the first round with a finding is the last */
    int64_t clean_rounds; /* if the first so many rounds have no finding, no more follow;
                           * 0: no limit */
    int64_t least_rounds; /* run however long they take; after those ... */
    int64_t most_ns;      /* ... no round begins after this time; 0: no limit */
} rr_conformance_config;

/* One way in which rounds ended, and the shortest observed schedule that leads to it. */
typedef struct rr_conformance_outcome {
    uint32_t kinds; /* bits of rr_finding_kind; 0: intact */
    int64_t n_rounds;
    int32_t *codes; /* NULL: all were too long */
    int32_t n_codes;
} rr_conformance_outcome;

/* An error of the program. */
typedef struct rr_conformance_misuse {
    int misuse; /* an rr_misuse */
    int thread;
    int statement;  /* -1: none */
    int32_t *codes; /* the schedule that leads there; NULL: not known */
    int32_t n_codes;
} rr_conformance_misuse;

typedef struct rr_conformance_tally {
    int64_t rounds; /* done: the sum of the outcomes' rounds and of the next three */
    int64_t undecided, cut, disputed;
    int64_t steps;
    int64_t operations; /* counting operations, run natively */
    int64_t shared;     /* those on an object that another thread used in the round */
    int64_t met;        /* those that overlapped with another one on the same object */
    int64_t busy_ns, crowded_ns, elapsed_ns;
} rr_conformance_tally;

typedef enum rr_conformance_turn {
    RR_CONFORMANCE_AGAIN,    /* the budget is spent; call rr_conformance_advance again */
    RR_CONFORMANCE_WAIT,     /* call rr_conformance_pause, then rr_conformance_advance */
    RR_CONFORMANCE_GAVE_WAY, /* with the GIL held: it was released; the same, but brief */
    RR_CONFORMANCE_DONE,     /* it is over, or was stopped */
} rr_conformance_turn;

typedef struct rr_conformance rr_conformance;

int rr_conformance_open(const rr_conformance_config *config, rr_conformance **out);
/* pre: no thread is in the conformance any more. */
void rr_conformance_close(rr_conformance *conformance);

/* Lets a thread of the program run for about `budget` moves. */
rr_conformance_turn rr_conformance_advance(rr_conformance *conformance, int thread,
                                           int64_t budget);

/* Waits for the others, but for no more than some 100 us; some 5 us if `is_brief`. */
void rr_conformance_pause(rr_conformance *conformance, int thread, bool is_brief);

/* Ends it for all threads at their next turn.  Any thread may call it. */
void rr_conformance_stop(rr_conformance *conformance);

/* Rounds done so far; any thread, at any time. */
int64_t rr_conformance_progress(const rr_conformance *conformance);

/* ---- pre, for all below: no thread is in the conformance any more ----------------- */

void rr_conformance_tally_of(const rr_conformance *conformance,
                             rr_conformance_tally *out);
int rr_conformance_n_outcomes(const rr_conformance *conformance);
const rr_conformance_outcome *rr_conformance_outcome_of(const rr_conformance *conformance,
                                                        int index);

/* The status that ended the conformance early; RR_OK if none did. */
int rr_conformance_status(const rr_conformance *conformance);
/* NULL if the program made no error. */
const rr_conformance_misuse *rr_conformance_misuse_of(const rr_conformance *conformance);

#endif
