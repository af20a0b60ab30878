/* batch.h -- overlapping operations on one object, and what they did.
 *
 * Threads run them natively, each once, and no thread reads the object's count before all
 * are done.  Then the machine, whose state is still the one before all of them, searches
 * for orders of their accesses in which every operation returns what it returned and the
 * object's cells end up with their present values.  So what is reported of a native run
 * is always what some run of the model does.
 */
#ifndef RR_BATCH_H
#define RR_BATCH_H

#include "conformance/native_objects.h"
#include "conformance/visited.h"
#include "machine/machine.h"

#include "conformance/mode_state.h"

/* With more there would be too many orders to try: three merges of a biased count that
 * overlap take some thousand states. */
enum { RR_MAX_AT_ONCE = 3, RR_MAX_BATCH_STEPS = 64 };

typedef struct rr_native_operation {
    int thread, op;
    rr_native_answer answer;
    uint32_t after; /* bits of the operations that were complete before it began */
    bool has_gil;   /* with the GIL held: its thread is attached */
} rr_native_operation;

typedef struct rr_batch {
    int object;      /* -1: the batch of hooks that find no object */
    int n, n_open;   /* operations; those not complete yet */
    bool is_closing; /* one is complete: no more may join */
    rr_native_operation operations[RR_MAX_AT_ONCE];
    /* In the round so far: operations, and the threads that were here, as bits. */
    int64_t n_operations;
    uint64_t threads;
    /* For threads that wait without the lock. */
    _Atomic int n_ready;   /* operations about to begin, or begun */
    _Atomic int n_begun;   /* those that have read n_ready; in a widened round */
    _Atomic uint32_t done; /* bits of the complete operations */
    _Atomic int64_t n_judged;
} rr_batch;

typedef enum rr_linearization {
    RR_LINEARIZED, /* an order fits, and the machine has followed it */
    RR_FOUND,      /* ... and the run is over: the machine's kinds say how */
    RR_AMBIGUOUS,  /* some orders end the run and others do not, or not in the same way;
                    * or the model has a rule here that compiled code cannot follow; or
                    * there are too many orders to try */
    RR_NOT_LINEARIZED, /* no order of accesses gives this: mode and model differ */
    RR_CANNOT,         /* the machine is misused or must grow: `progress` says which */
} rr_linearization;

/* Memory for the search for an order; large enough for RR_MAX_BATCH_STEPS. */
typedef struct rr_linearizer {
    int32_t n_words;
    int32_t *levels;    /* a state before each step */
    int32_t *best;      /* the state after the first order that fits */
    rr_visited visited; /* states before a step that were examined */
    rr_progress progress;
    /* The first order that fits, as codes of a schedule. */
    int32_t codes[RR_MAX_BATCH_STEPS];
    int n_codes;
    uint32_t kinds; /* for RR_FOUND */
} rr_linearizer;

int rr_linearizer_open(const rr_machine *m, rr_linearizer *out);
void rr_linearizer_close(rr_linearizer *linearizer);

/* The mode's state of an object, according to the machine's state. */
rr_mode_state rr_mode_state_in_model(const rr_machine *m, int object);
rr_threads_state rr_threads_state_in_model(const rr_machine *m);
/* How many objects are before it in its queue, + 1; 0: it is in none. */
int32_t rr_place_in_queue(const rr_machine *m, int object);

/* `snapshot` is the native result: the state of the batch's object, and of all others too
 * if a hook was among the operations. */
rr_linearization rr_linearize(rr_linearizer *linearizer, rr_machine *m,
                              const rr_batch *batch, const rr_snapshot *snapshot);

/* Did it overlap with another operation?  pre: all are complete. */
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
