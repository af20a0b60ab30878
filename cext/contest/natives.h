/* natives.h -- native objects, one for each object of a program, and their mode. */
#ifndef RR_NATIVES_H
#define RR_NATIVES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rr_natives rr_natives;
struct rr_kept; /* contest/kept.h */
struct rr_kept_by_threads;

/* A counting operation (an rr_op), or a hook of the mode. */
typedef struct rr_native_call {
    int thread;
    int object; /* of an operation; a hook finds its own */
    int op;
    int64_t a, b; /* the numbers that it is handed */
} rr_native_call;

/* What an operation gave, and whether the object's life ended in it. */
typedef struct rr_native_answer {
    int64_t value;
    bool ended_life;
} rr_native_answer;

/* gap_seed: of the widened gaps of the mode's operations; NULL: they are natural. */
int rr_natives_open(int mode, int n_objects, int n_threads, const uint64_t *gap_seed,
                    rr_natives **out);
void rr_natives_close(rr_natives *natives);

/* Make an object what a mode would have left behind.  In a queue a hook finds what was set
 * first before the others; it looks for lanes in what was set last before the others, or
 * in what was put before all others.
 * pre: no thread is at the object. */
void rr_natives_set(rr_natives *natives, int object, const struct rr_kept *kept);

void rr_natives_put_first(rr_natives *natives, int object);

/* What has become of it.  No hook finds it from here on.
 * pre: no thread is at the object. */
void rr_natives_take(rr_natives *natives, int object, struct rr_kept *out);

/* The same for what belongs to no object.  pre: no thread is at any. */
void rr_natives_set_threads(rr_natives *natives, const struct rr_kept_by_threads *kept);
void rr_natives_read_threads(rr_natives *natives, struct rr_kept_by_threads *out);

/* Bring an object's cells into this core. */
void rr_natives_touch(rr_natives *natives, int object);

/* A thread is about to run an operation: in widened gaps others wait for it from here on,
 * until it has. */
void rr_natives_arrive(rr_natives *natives, int thread);

/* Run the mode's own code.  Any number of threads may, at the same object too.  Memory is
 * never given back, whatever becomes of the count. */
rr_native_answer rr_natives_run(rr_natives *natives, const rr_native_call *call);

#endif
