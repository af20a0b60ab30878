/* hand_written.c -- the simplest code one could write: one loop per mode, no referee.
 *
 * The reference for benchmarks/native.py.  Same algorithms and memory orders as
 * cext/modes, same phases as cext/race, and nothing else: no arena, no ledger, no check
 * whether the object was freed.  TIMES says how often a loop repeats the operation before
 * it jumps back; which value is fastest depends on the processor.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "phases.h"

#ifndef TIMES
#define TIMES 1
#endif

enum { MANY = 64 }; /* objects, if a thread loops over many */

typedef _Atomic int64_t word;

typedef struct {
    _Alignas(128) word count;
    word shared, owner; /* biased: the count times 4 plus two bits; a thread's `me` */
    int64_t index;      /* of its lanes */
    pthread_mutex_t lock;
    _Atomic int dead;
} object;

static object objects[MAX_THREADS][MANY];
static pthread_mutex_t global = PTHREAD_MUTEX_INITIALIZER;

/* The running thread's number, from 1; as cheap to read as the core's. */
#ifdef __GLIBC__
__attribute__((tls_model("initial-exec")))
#endif
static _Thread_local int64_t me;

#define LOAD(o) atomic_load_explicit(&(o)->count, memory_order_relaxed)
#define STORE(o, n) atomic_store_explicit(&(o)->count, n, memory_order_relaxed)
#define DIE(o) atomic_store_explicit(&(o)->dead, 1, memory_order_relaxed)

/* One increment or decrement of an object by the thread `self`, which has a lane of it.
 * `take` is a constant in every call. */
#define OPERATION(mode)                                                                 \
    static inline __attribute__((always_inline)) void mode##_once(                      \
        object *o, int64_t self, word *lane, int take)

#include "hand_written_words.h"

#include "hand_written_biased.h"
#include "hand_written_lanes.h"
#include "hand_written_sign_split.h"

#include "hand_written_loops.h"

typedef void loop(object *first, int64_t n, int64_t passes, int take);

static const struct {
    const char *mode;
    loop *run;
} loops[] = {
    {"unlocked", unlocked},
    {"object_lock", object_lock},
    {"global_lock", global_lock},
    {"atomic", atomic},
    {"atomic_cas", atomic_cas},
    {"add_then_undo", atomic}, /* differs only in try_incref */
    {"free_by_second_load", free_by_second_load},
    {"saturating", saturating},
    {"immortal", immortal},
    {"sticky", sticky},
    {"temporary_count", atomic}, /* differs only at zero */
    {"free_inside_lock", object_lock},
    {"mixed_width", mixed_width},
    {"gil", gil},
    {"sign_split", sign_split},
    {"per_thread", per_thread},
    {"deferred", deferred},
    {"decrements_first", per_thread}, /* differs only at quiescent points */
    {"epoch", epoch},
    {"epoch_too_soon", epoch},
    {"biased", biased}, /* and its variants, which differ only at zero and in the queue */
    {"biased_as_printed", biased},
    {"biased_publish_first", biased},
    {"biased_weak_queue", biased},
    {"biased_undrained", biased},
    {"biased_suspend", biased},
    {"biased_unsuspended", biased},
};

/* NULL: there is no loop for the mode. */
static loop *
loop_of(const char *mode)
{
    for (unsigned i = 0; i < sizeof loops / sizeof *loops; i++) {
        if (strcmp(loops[i].mode, mode) == 0) {
            return loops[i].run;
        }
    }
    return 0;
}

typedef struct {
    loop *run;
    int threads, shared, foreign, number, rounds;
    int64_t together, hold;
} job;

static void
make(const job *j, object *o)
{
    int is_shared = j->foreign || (j->shared && j->threads > 1);
    STORE(o, is_shared && j->run == sign_split ? -1 : 1);
    atomic_store(&o->shared, 0);
    atomic_store(&o->owner, j->foreign ? MAX_THREADS + 1 : j->shared ? 1 : me);
    o->index = o - &objects[0][0];
}

static void *
run(void *argument)
{
    job *j = argument;
    object *first = objects[j->shared ? 0 : j->number];
    me = j->number + 1;
    for (int round = 0; round < j->rounds; round++) {
        for (int64_t i = 0; i < j->together && (!j->shared || j->number == 0); i++) {
            make(j, &first[i]);
        }
        for (int take = 1; take >= 0; take--) {
            meet(j->threads, 0);
            begin_ns[j->number] = now_ns();
            j->run(first, j->together, j->hold, take);
            if (j->run == gil) {
                leave_gil();
            }
            end_ns[j->number] = now_ns();
            meet(j->threads, 1);
        }
    }
    return 0;
}

/* The ns that one increment or decrement takes a thread, and the share of the time in
 * which all threads were inside; -1 if there is no loop for the mode.  `together` objects
 * at a time, 1 to MANY; `hold` references to each. */
double
hand_written_ns(const char *mode, int threads, int shared, int foreign, int64_t together,
                int64_t hold, int rounds, double *overlap)
{
    pthread_t ids[MAX_THREADS];
    job jobs[MAX_THREADS];
    loop *run_of_mode = loop_of(mode);
    if (run_of_mode == 0) {
        return -1;
    }
    total_busy_ns = total_together_ns = 0;
    for (int t = 0; t < threads; t++) {
        for (int i = 0; i < MANY; i++) {
            objects[t][i].dead = 0;
            pthread_mutex_init(&objects[t][i].lock, 0);
        }
        jobs[t] = (job){run_of_mode, threads, shared, foreign, t, rounds, together, hold};
        pthread_create(&ids[t], 0, run, &jobs[t]);
    }
    for (int t = 0; t < threads; t++) {
        pthread_join(ids[t], 0);
    }
    *overlap = (double)total_together_ns / (double)total_busy_ns;
    return (double)total_busy_ns / (2.0 * (double)(hold * together) * rounds);
}
