/* batch.h -- the operations that are at one object at the same time, and what happened.
 *
 * Threads run them natively, each once, and nobody sees the object's count before all
 * are done.  Then the machine, which still stands before all of them, is asked in which
 * orders of their accesses every operation gives what it gave and the object's cells come
 * to hold what they hold.  So what is said of a native run is always what some run of the
 * model says.
 */
#ifndef RR_BATCH_H
#define RR_BATCH_H

#include "conformance/native_objects.h"
#include "conformance/visited.h"
#include "machine/machine.h"

#include "conformance/mode_state.h"

/* More would have too many orders to look at: three merges of a biased count that meet
 * take some thousand states. */
enum { RR_MAX_AT_ONCE = 3, RR_MAX_BATCH_STEPS = 64 };

typedef struct rr_native_operation {
    int thread, op;
    rr_native_answer answer;
    uint32_t after; /* bits of the operations that were done before it began */
} rr_native_operation;

typedef struct rr_batch {
    int object;      /* -1: that of hooks which find none */
    int n, n_open;   /* operations; those not done yet */
    bool is_closing; /* one is done: no more may join */
    rr_native_operation operations[RR_MAX_AT_ONCE];
    /* Of the round so far: operations, and the threads that were here, as bits. */
    int64_t n_operations;
    uint64_t threads;
    /* For those who wait outside of the lock. */
    _Atomic int n_ready;   /* operations about to begin, or begun */
    _Atomic int n_begun;   /* those that have seen who is ready; of a widened round */
    _Atomic uint32_t done; /* bits of the operations that are */
    _Atomic int64_t n_judged;
} rr_batch;

typedef enum rr_linearization {
    RR_LINEARIZED, /* the machine has gone there */
    RR_FOUND,      /* ... and the run is over: the machine's kinds say how */
    RR_AMBIGUOUS,  /* some orders end the run and others do not, or not in the same way;
                    * or the model has a rule here that compiled code cannot keep; or
                    * there are too many orders to look at */
    RR_NOT_LINEARIZED, /* no order of accesses gives this: mode and model differ */
    RR_CANNOT,         /* the machine is misused or has to grow: `progress` says which */
} rr_linearization;

/* Where an explanation is looked for; large enough for RR_MAX_BATCH_STEPS. */
typedef struct rr_linearizer {
    int32_t n_words;
    int32_t *levels;    /* a state before each step */
    int32_t *best;      /* the state after the first order that fits */
    rr_visited visited; /* states before a step that were looked at */
    rr_progress progress;
    /* The first order that fits, as codes of a schedule. */
    int32_t codes[RR_MAX_BATCH_STEPS];
    int n_codes;
    uint32_t kinds; /* of RR_FOUND */
} rr_linearizer;

int rr_linearizer_open(const rr_machine *m, rr_linearizer *out);
void rr_linearizer_close(rr_linearizer *linearizer);

/* What the machine's state says that the mode keeps. */
rr_mode_state rr_mode_state_in_model(const rr_machine *m, int object);
rr_threads_state rr_threads_state_in_model(const rr_machine *m);
/* How many are before it in the queue that it is in, + 1; 0: it is in none. */
int32_t rr_place_in_queue(const rr_machine *m, int object);

/* `snapshot` is what has become natively of the batch's object, and where a hook was
 * among the operations, of all others too. */
rr_linearization rr_linearize(rr_linearizer *linearizer, rr_machine *m,
                              const rr_batch *batch, const rr_snapshot *snapshot);

/* Was it at the object at the same time as another?  pre: all are done. */
static inline bool
rr_has_met(const rr_batch *batch, int which)
{
    for (int i = 0; i < batch->n; i++) {
        bool was_before = batch->operations[which].after >> i & 1;
        bool was_after = batch->operations[i].after >> which & 1;
        if (i != which && !was_before && !was_after) {
            return true;
        }
    }
    return false;
}

static inline int
rr_count_hooks(const rr_batch *batch)
{
    int n = 0;
    for (int i = 0; i < batch->n; i++) {
        n += rr_op_is_hook(batch->operations[i].op);
    }
    return n;
}

#endif
