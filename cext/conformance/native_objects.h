/* native_objects.h -- native objects, one for each object of a program, and their mode.
 */
#ifndef RR_NATIVE_OBJECTS_H
#define RR_NATIVE_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rr_native_objects rr_native_objects;
struct rr_mode_state; /* conformance/mode_state.h */
struct rr_threads_state;

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
int rr_native_objects_open(int mode, int n_objects, int n_threads,
                           const uint64_t *gap_seed, rr_native_objects **out);
void rr_native_objects_close(rr_native_objects *native_objects);

/* Make an object what a mode would have left behind.  In a queue a hook finds what was
 * set first before the others; it looks for lanes in what was set last before the others,
 * or in what was put before all others. pre: no thread is at the object. */
void rr_native_objects_set(rr_native_objects *native_objects, int object,
                           const struct rr_mode_state *kept);

void rr_native_objects_put_first(rr_native_objects *native_objects, int object);

/* What has become of it.  No hook finds it from here on.
 * pre: no thread is at the object. */
void rr_native_objects_take(rr_native_objects *native_objects, int object,
                            struct rr_mode_state *out);

/* The same for what belongs to no object.  pre: no thread is at any. */
void rr_native_objects_set_threads(rr_native_objects *native_objects,
                                   const struct rr_threads_state *kept);
void rr_native_objects_read_threads(rr_native_objects *native_objects,
                                    struct rr_threads_state *out);

/* Bring an object's cells into this core. */
void rr_native_objects_touch(rr_native_objects *native_objects, int object);

/* A thread is about to run an operation: in widened gaps others wait for it from here on,
 * until it has. */
void rr_native_objects_arrive(rr_native_objects *native_objects, int thread);

/* Run the mode's own code.  Any number of threads may, at the same object too.  Memory is
 * never given back, whatever becomes of the count. */
rr_native_answer rr_native_objects_run(rr_native_objects *native_objects,
                                       const rr_native_call *call);

#endif
