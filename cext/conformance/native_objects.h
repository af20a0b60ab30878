/* native_objects.h -- native objects, one for each object of a program, and their
 * mode. */
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
    int64_t a, b; /* the operation's arguments */
} rr_native_call;

/* What an operation returned, and whether it ended the object's life. */
typedef struct rr_native_answer {
    int64_t value;
    bool ended_life;
} rr_native_answer;

/* gap_seed: for widened gaps in the mode's operations; NULL: gaps are natural. */
int rr_native_objects_open(int mode, int n_objects, int n_threads,
                           const uint64_t *gap_seed, rr_native_objects **out);
void rr_native_objects_close(rr_native_objects *native_objects);

/* Sets an object to the given state.  In a queue, a hook finds what was set first before
 * the others.  Of objects with lanes it first finds the one that was set last, or put
 * before all others.  pre: no thread uses the object. */
void rr_native_objects_set(rr_native_objects *native_objects, int object,
                           const struct rr_mode_state *kept);

void rr_native_objects_put_first(rr_native_objects *native_objects, int object);

/* Reads an object's present state.  No hook finds the object from here on.
 * pre: no thread uses the object. */
void rr_native_objects_take(rr_native_objects *native_objects, int object,
                            struct rr_mode_state *out);

/* The same for the state of the threads.  pre: no thread uses any object. */
void rr_native_objects_set_threads(rr_native_objects *native_objects,
                                   const struct rr_threads_state *kept);
void rr_native_objects_read_threads(rr_native_objects *native_objects,
                                    struct rr_threads_state *out);

/* Brings an object's cells into this core's cache. */
void rr_native_objects_touch(rr_native_objects *native_objects, int object);

/* A thread is about to run an operation.  In widened gaps others wait for it from here
 * on, until it has run it. */
void rr_native_objects_arrive(rr_native_objects *native_objects, int thread);

/* Runs the mode's own code.  Any number of threads may call it, also on the same object.
 * Memory is never freed, whatever the count becomes. */
rr_native_answer rr_native_objects_run(rr_native_objects *native_objects,
                                       const rr_native_call *call);

#endif
