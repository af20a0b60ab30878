/* round.h -- one run of a program on as many threads as it has.
 *
 * The machine keeps the state and does every step that is no counting operation, one at
 * a time under a lock.  A counting operation is run natively by its thread, outside of
 * the lock, together with those of other threads at the same object; see batch.h.
 */
#ifndef RR_ROUND_H
#define RR_ROUND_H

#include "base/rr_rng.h"
#include "conformance/batch.h"
#include "conformance/pause.h"

/* Steps of a schedule that are kept; nobody reads more. */
enum { RR_MAX_SCHEDULE = 1024 };

typedef enum rr_round_state {
    RR_ROUND_RUNS,
    RR_ROUND_OVER,      /* `kinds` says how */
    RR_ROUND_UNDECIDED, /* several orders would explain what was seen */
    RR_ROUND_CUT,       /* too many steps */
    RR_ROUND_DISPUTED,  /* no order explains what was seen */
    RR_ROUND_MISUSED,   /* the machine says how; `thread` did it */
    RR_ROUND_GROW,      /* the machine's layout is too small */
} rr_round_state;

typedef enum rr_move {
    RR_MOVED,
    RR_MOVE_WAITS, /* nothing can be done before another thread has moved */
    RR_MOVE_ENDS,  /* the round is over, and was before */
} rr_move;

typedef struct rr_round {
    rr_machine *m;
    rr_native_objects *native_objects;
    rr_linearizer linearizer;
    rr_snapshot snapshot; /* what a batch has come to natively */
    int32_t *before;      /* the state before a step that may have to wait */
    rr_batch *batches;    /* one for each object, and one for hooks that find none */
    bool gil_held;
    bool is_widened;
    int64_t most_steps;
    const _Atomic bool *stopped; /* nobody comes any more; NULL: nobody is kept waiting */

    _Atomic bool is_locked; /* guards all that follows, the machine and the batches */
    _Atomic int state;      /* an rr_round_state; written under the lock */
    uint32_t kinds;
    int thread;
    int n_in_batches, n_upgrades, n_hooks; /* not judged yet: all, and which of them */
    uint64_t wants_alone; /* threads that wait for others to be in no batch */
    uint64_t seeking;     /* threads that wait in a batch for another to come */
    rr_pauses pauses;
    /* Steps so far; what a thread waits for can only change when it does. */
    _Atomic int64_t n_steps;
    int64_t waited_at[RR_MAX_PROGRAM_THREADS + 1]; /* n_steps when it had to wait */
    /* n_steps when it last could do nothing, for that reason or another */
    int64_t vain_at[RR_MAX_PROGRAM_THREADS];
    int32_t codes[RR_MAX_SCHEDULE];
    int32_t misuse_code; /* the step that was a misuse, after those; -1: not known */
    /* Native operations of the round, without hooks; those that were at an object with
     * another. */
    int64_t n_operations, n_met;
} rr_round;

/* gap_seed: of a widened round; NULL: it is a natural one. */
int rr_round_open(const rr_program *program, int mode, bool gil_held,
                  const int32_t capacity[RR_N_CAPACITIES], int64_t most_steps,
                  const uint64_t *gap_seed, rr_round *out);
void rr_round_close(rr_round *round);

/* Begin anew.  pre: no thread is in the round. */
void rr_round_begin(rr_round *round);

/* ... with pauses.  pre: rr_round_begin, and no thread is in the round yet. */
void rr_round_plan(rr_round *round, const rr_plan *plan);

/* Let thread `thread` do one thing; `rng` is its own. */
rr_move rr_round_move(rr_round *round, int thread, rr_rng *rng);

/* Has the thread just let the GIL go? */
bool rr_round_gave_way(const rr_round *round);

/* Operations at objects at which at least two threads were, so that they might have met.
 * pre: no thread is in the round. */
int64_t rr_round_n_shared(const rr_round *round);

#endif
