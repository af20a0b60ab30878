/* round.h -- one run of a program on its threads.
 *
 * The machine keeps the state and does every step that is not a counting operation, one
 * at a time under a lock.  Each thread runs its counting operations natively, without the
 * lock, and they overlap with those of other threads on the same object; see batch.h.
 */
#ifndef RR_ROUND_H
#define RR_ROUND_H

#include "base/rr_rng.h"
#include "conformance/batch.h"
#include "conformance/pause.h"

/* Steps of a schedule that are stored; longer ones are not used. */
enum { RR_MAX_SCHEDULE = 1024 };

typedef enum rr_round_state {
    RR_ROUND_RUNS,
    RR_ROUND_OVER,      /* `kinds` says how */
    RR_ROUND_UNDECIDED, /* several orders explain the results, with different endings */
    RR_ROUND_CUT,       /* too many steps */
    RR_ROUND_DISPUTED,  /* no order explains the results */
    RR_ROUND_MISUSED,   /* the machine says how; `thread` did it */
    RR_ROUND_GROW,      /* the machine's layout is too small */
} rr_round_state;

typedef enum rr_move {
    RR_MOVED,
    RR_MOVED_OFF_GIL, /* ... and has released the program's GIL */
    RR_MOVE_WAITS,    /* the thread can do nothing before another one has moved */
    RR_MOVE_ENDS,     /* the round is over, and was before the call */
} rr_move;

typedef struct rr_round {
    rr_machine *m;
    rr_native_objects *native_objects;
    rr_linearizer linearizer;
    rr_snapshot snapshot; /* the native result of a batch */
    int32_t *before;      /* the state before a step that may have to wait */
    rr_batch *batches;    /* one per object, and one for hooks that find no object */
    bool gil_held;
    bool is_widened;
    int64_t most_steps;
    const _Atomic bool *stopped; /* set: threads stop waiting; NULL: none waits */

    _Atomic bool is_locked; /* guards all fields below, the machine and the batches */
    _Atomic int state;      /* an rr_round_state; written under the lock */
    uint32_t kinds;
    int thread;
    int n_in_batches, n_upgrades, n_hooks; /* not judged yet: all; and which of them */
    int n_with_gil;                        /* of all, with the GIL held: those of threads that need it */
    uint64_t wants_alone;                  /* threads that wait until no other is in a batch */
    uint64_t seeking;                      /* threads that wait in a batch for another to join */
    rr_pauses pauses;
    /* Steps so far; a waiting thread's condition can change only when this does. */
    _Atomic int64_t n_steps;
    int64_t waited_at[RR_MAX_PROGRAM_THREADS + 1]; /* n_steps when it had to wait */
    bool keeps_gil[RR_MAX_PROGRAM_THREADS + 1];    /* then; written under the lock */
    /* n_steps when it last could do nothing, for whatever reason */
    int64_t vain_at[RR_MAX_PROGRAM_THREADS];
    int32_t codes[RR_MAX_SCHEDULE];
    int32_t misuse_code; /* the misuse, which follows those steps; -1: not known */
    /* Native operations of the round, without hooks; those that overlapped with another
     * on the same object. */
    int64_t n_operations, n_met;
} rr_round;

/* gap_seed: for a widened round; NULL: a natural one. */
int rr_round_open(const rr_program *program, int mode, bool gil_held,
                  const int32_t capacity[RR_N_CAPACITIES], int64_t most_steps,
                  const uint64_t *gap_seed, rr_round *out);
void rr_round_close(rr_round *round);

/* Resets the round.  pre: no thread is in the round. */
void rr_round_begin(rr_round *round);

/* ... with pauses.  pre: rr_round_begin, and no thread is in the round yet. */
void rr_round_plan(rr_round *round, const rr_plan *plan);

/* Lets thread `thread` do one thing; `rng` is its own. */
rr_move rr_round_move(rr_round *round, int thread, rr_rng *rng);

/* Operations on objects that at least two threads used, so that they might have
 * overlapped.  pre: no thread is in the round. */
int64_t rr_round_n_shared(const rr_round *round);

#endif
