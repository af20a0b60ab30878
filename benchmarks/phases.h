/* phases.h -- threads that meet around each phase, and how long they were in it.
 *
 * The including file must declare clock_gettime.
 */
#ifndef PHASES_H
#define PHASES_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

enum { MAX_THREADS = 64 };

static _Atomic int arrived, phase;
static int64_t begin_ns[MAX_THREADS], end_ns[MAX_THREADS];

static int64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Over all phases; written by the last thread to arrive. */
static int64_t total_busy_ns, total_together_ns;

static void
meet(int threads, int measured)
{
    int seen = atomic_load(&phase);
    if (atomic_fetch_add(&arrived, 1) == threads - 1) {
        if (measured) {
            int64_t first = begin_ns[0], last = end_ns[0];
            int64_t all_in = begin_ns[0], one_out = end_ns[0];
            for (int t = 1; t < threads; t++) {
                first = begin_ns[t] < first ? begin_ns[t] : first;
                last = end_ns[t] > last ? end_ns[t] : last;
                all_in = begin_ns[t] > all_in ? begin_ns[t] : all_in;
                one_out = end_ns[t] < one_out ? end_ns[t] : one_out;
            }
            total_busy_ns += last - first;
            total_together_ns += one_out > all_in ? one_out - all_in : 0;
        }
        atomic_store(&arrived, 0);
        atomic_fetch_add(&phase, 1);
    }
    while (atomic_load(&phase) == seen) {
        /* spin: the measurement is valid only if each thread has a core */
    }
}

#endif
