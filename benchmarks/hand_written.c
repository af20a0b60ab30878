/* hand_written.c -- what someone in a hurry would write: one loop a mode, no referee.
 *
 * The measure for benchmarks/native.py.  Same algorithm and same memory orders as
 * cext/modes, the same phases as cext/race, and nothing else: no arena, no ledger, no
 * check whether the object was freed.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "phases.h"

typedef struct {
    _Alignas(128) _Atomic int64_t count;
    _Atomic int64_t shared, owner; /* biased: times 4 and two bits; a thread's `me` */
    pthread_mutex_t lock;
    _Atomic int dead;
} object;

static object objects[MAX_THREADS];
static pthread_mutex_t global = PTHREAD_MUTEX_INITIALIZER;

#define LOAD(o) atomic_load_explicit(&(o)->count, memory_order_relaxed)
#define STORE(o, n) atomic_store_explicit(&(o)->count, n, memory_order_relaxed)
#define DIE(o) atomic_store_explicit(&(o)->dead, 1, memory_order_relaxed)

static void
unlocked(object *o, int64_t n, int take)
{
    if (take) {
        for (int64_t i = 0; i < n; i++) {
            STORE(o, LOAD(o) + 1);
        }
    }
    else {
        for (int64_t i = 0; i < n; i++) {
            int64_t c = LOAD(o);
            STORE(o, c - 1);
            if (c == 1) {
                DIE(o);
            }
        }
    }
}

static void
under(pthread_mutex_t *lock, object *o, int64_t n, int take)
{
    for (int64_t i = 0; i < n; i++) {
        pthread_mutex_lock(lock);
        int64_t c = LOAD(o);
        STORE(o, take ? c + 1 : c - 1);
        pthread_mutex_unlock(lock);
        if (!take && c == 1) {
            DIE(o);
        }
    }
}

static void
atomic(object *o, int64_t n, int take)
{
    if (take) {
        for (int64_t i = 0; i < n; i++) {
            atomic_fetch_add_explicit(&o->count, 1, memory_order_relaxed);
        }
    }
    else {
        for (int64_t i = 0; i < n; i++) {
            if (atomic_fetch_sub_explicit(&o->count, 1, memory_order_release) == 1) {
                atomic_thread_fence(memory_order_acquire);
                DIE(o);
            }
        }
    }
}

static void
atomic_cas(object *o, int64_t n, int take)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t c = LOAD(o);
        memory_order order = take ? memory_order_relaxed : memory_order_release;
        while (!atomic_compare_exchange_weak_explicit(
            &o->count, &c, take ? c + 1 : c - 1, order, memory_order_relaxed)) {
        }
        if (!take && c == 1) {
            atomic_thread_fence(memory_order_acquire);
            DIE(o);
        }
    }
}

/* Increments as atomic does. */
static void
free_by_second_load(object *o, int64_t n, int take)
{
    if (take) {
        atomic(o, n, take);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        atomic_fetch_sub_explicit(&o->count, 1, memory_order_release);
        if (atomic_load_explicit(&o->count, memory_order_acquire) == 0) {
            DIE(o);
        }
    }
}

/* refcount_t, its word one of 30 bits that lies in 64. */
#define COUNT_MAX ((1 << 29) - 1)
#define SATURATED (-(1 << 28))

static void
saturating(object *o, int64_t n, int take)
{
    for (int64_t i = 0; i < n; i++) {
        if (take) {
            int64_t c = atomic_fetch_add_explicit(&o->count, 1, memory_order_relaxed);
            if (c <= 0 || c >= COUNT_MAX) {
                STORE(o, SATURATED);
            }
            continue;
        }
        int64_t c = atomic_fetch_sub_explicit(&o->count, 1, memory_order_release);
        if (c == 1) {
            atomic_thread_fence(memory_order_acquire);
            DIE(o);
        }
        else if (c <= 0 || c > COUNT_MAX) {
            STORE(o, SATURATED);
        }
    }
}

/* Mortal objects only, as in a race. */
static void
immortal(object *o, int64_t n, int take)
{
    for (int64_t i = 0; i < n; i++) {
        if (take) {
            if (LOAD(o) < 3 << 28) {
                atomic_fetch_add_explicit(&o->count, 1, memory_order_relaxed);
            }
        }
        else if (LOAD(o) < 1 << 29 &&
                 atomic_fetch_sub_explicit(&o->count, 1, memory_order_release) == 1) {
            atomic_thread_fence(memory_order_acquire);
            DIE(o);
        }
    }
}

/* CDRC's counter; zero and pending are its flags. */
static void
sticky(object *o, int64_t n, int take)
{
    const int64_t zero = -(1 << 29), pending = 1 << 28;
    if (take) {
        atomic(o, n, take);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        if (atomic_fetch_sub_explicit(&o->count, 1, memory_order_release) != 1) {
            continue;
        }
        int64_t c = 0;
        if (atomic_compare_exchange_strong_explicit(
                &o->count, &c, zero, memory_order_acq_rel, memory_order_acquire) ||
            (c < 0 && (c & pending) &&
             (atomic_exchange_explicit(&o->count, zero, memory_order_acq_rel) &
              pending))) {
            DIE(o);
        }
    }
}

/* The increment as CPython compiles it would race for a part of an object; this swaps the
 * word, as the mode does. */
static void
mixed_width(object *o, int64_t n, int take)
{
    const int64_t low = (1 << 28) - 1;
    for (int64_t i = 0; i < n; i++) {
        if (take) {
            int64_t c = (LOAD(o) & low) + 1;
            if (c >> 28 == 0) {
                int64_t seen = LOAD(o);
                while (!atomic_compare_exchange_weak_explicit(
                    &o->count, &seen, (seen & ~low) | c, memory_order_relaxed,
                    memory_order_relaxed)) {
                }
            }
            continue;
        }
        int64_t c = LOAD(o);
        if (c & 1 << 27) {
            continue;
        }
        STORE(o, c - 1);
        if (c == 1) {
            DIE(o);
        }
    }
}

/* The lock is taken once and kept: in a phase of some 100 us nobody waits so long that he
 * asks for it, and a look at who has it is all that an operation costs beside counting. */
static struct {
    _Atomic(const void *) holder;
    _Atomic int is_asked_for;
    pthread_mutex_t lock;
} kept = {0, 0, PTHREAD_MUTEX_INITIALIZER};

static void
gil(object *o, int64_t n, int take)
{
    static _Thread_local char here;
    const void *me = &here;
    for (int64_t i = 0; i < n; i++) {
        if (atomic_load_explicit(&kept.holder, memory_order_relaxed) != me ||
            atomic_load_explicit(&kept.is_asked_for, memory_order_relaxed)) {
            pthread_mutex_lock(&kept.lock);
            atomic_store_explicit(&kept.holder, me, memory_order_relaxed);
        }
        int64_t c = LOAD(o);
        STORE(o, take ? c + 1 : c - 1);
        if (!take && c == 1) {
            DIE(o);
        }
    }
    atomic_store_explicit(&kept.holder, 0, memory_order_relaxed);
    pthread_mutex_unlock(&kept.lock);
}

#include "hand_written_biased.h"
#include "hand_written_lanes.h"
#include "hand_written_sign_split.h"

static void
object_lock(object *o, int64_t n, int take)
{
    under(&o->lock, o, n, take);
}

static void
global_lock(object *o, int64_t n, int take)
{
    under(&global, o, n, take);
}

typedef void loop(object *o, int64_t n, int take);

static const struct {
    const char *mode;
    loop *run;
} loops[] = {
    {"unlocked", unlocked},
    {"object_lock", object_lock},
    {"global_lock", global_lock},
    {"atomic", atomic},
    {"atomic_cas", atomic_cas},
    {"add_then_undo", atomic}, /* it differs in try_incref alone */
    {"free_by_second_load", free_by_second_load},
    {"saturating", saturating},
    {"immortal", immortal},
    {"sticky", sticky},
    {"temporary_count", atomic}, /* the same but at zero */
    {"free_inside_lock", object_lock},
    {"mixed_width", mixed_width},
    {"gil", gil},
    {"sign_split", sign_split},
    {"per_thread", per_thread},
    {"deferred", deferred},
    {"decrements_first", per_thread}, /* it differs at quiescent points alone */
    {"epoch", epoch},
    {"epoch_too_soon", epoch},
    {"biased", biased}, /* and its twins, which differ at zero and in the queue alone */
    {"biased_as_printed", biased},
    {"biased_publish_first", biased},
    {"biased_weak_queue", biased},
    {"biased_undrained", biased},
    {"biased_suspend", biased},
    {"biased_unsuspended", biased},
};

/* NULL: there is no loop for that mode. */
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
    int64_t hold;
} job;

static void *
run(void *argument)
{
    job *j = argument;
    object *o = &objects[j->shared ? 0 : j->number];
    me = j->number + 1;
    for (int round = 0; round < j->rounds; round++) {
        int is_shared = j->foreign || (j->shared && j->threads > 1);
        STORE(o, is_shared && j->run == sign_split ? -1 : 1);
        atomic_store(&o->shared, 0);
        atomic_store(&o->owner, j->foreign ? MAX_THREADS + 1 : j->shared ? 1 : me);
        for (int take = 1; take >= 0; take--) {
            meet(j->threads, 0);
            begin_ns[j->number] = now_ns();
            j->run(o, j->hold, take);
            end_ns[j->number] = now_ns();
            meet(j->threads, 1);
        }
    }
    return 0;
}

/* The ns that one increment or decrement takes a thread, and the share of the time in
 * which all threads were inside; -1 if there is no loop for the mode. */
double
hand_written_ns(const char *mode, int threads, int shared, int foreign, int64_t hold,
                int rounds, double *overlap)
{
    pthread_t ids[MAX_THREADS];
    job jobs[MAX_THREADS];
    loop *run_of_mode = loop_of(mode);
    if (run_of_mode == 0) {
        return -1;
    }
    total_busy_ns = total_together_ns = 0;
    for (int t = 0; t < threads; t++) {
        objects[t].dead = 0;
        pthread_mutex_init(&objects[t].lock, 0);
        jobs[t] = (job){run_of_mode, threads, shared, foreign, t, rounds, hold};
        pthread_create(&ids[t], 0, run, &jobs[t]);
    }
    for (int t = 0; t < threads; t++) {
        pthread_join(ids[t], 0);
    }
    *overlap = (double)total_together_ns / (double)total_busy_ns;
    return (double)total_busy_ns / (2.0 * (double)hold * rounds);
}
