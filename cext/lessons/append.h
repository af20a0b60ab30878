/* append.h -- threads append to one array, each append in three steps.
 *
 * Read the length, store the item there, publish the length plus one: this is an append
 * without a lock around it.  Between any two of these steps another thread may run, even
 * if each step runs with the GIL held.
 *
 * The append owns no threads.  Each thread calls rr_append_step with its number again and
 * again, and rr_append_pause in between, with the GIL held or not.  Or one thread takes
 * the steps of all, in an order of its choice.
 */
#ifndef RR_APPEND_H
#define RR_APPEND_H

#include <stdbool.h>
#include <stdint.h>

enum { RR_MAX_APPENDERS = 64, RR_MAX_APPENDS = 1000000 };

typedef struct rr_append_config {
    int n_threads;     /* 1 to RR_MAX_APPENDERS */
    int64_t n_appends; /* of each thread: 1 to RR_MAX_APPENDS */
    bool locked;       /* is there a lock around the three steps? */
    uint64_t seed;     /* decides which pauses wait */
} rr_append_config;

/* What a step did. */
typedef enum rr_append_turn {
    RR_APPEND_READ,
    RR_APPEND_STORED,
    RR_APPEND_PUBLISHED,
    RR_APPEND_WAITS, /* nothing: others have not arrived yet, or one holds the lock */
    RR_APPEND_DONE,  /* nothing: this thread's appends are complete, or were stopped */
} rr_append_turn;

/* Every completed append is exactly one of kept, overwritten, cut off. */
typedef struct rr_append_tally {
    int64_t appends;     /* completed */
    int64_t kept;        /* in the array, below its length */
    int64_t overwritten; /* nowhere: another item took the slot */
    int64_t cut_off;     /* in memory, but the length was set back below it */
    int64_t length;      /* of the array */
    int64_t interleaved; /* appends with another thread's step between their own */
    int64_t elapsed_ns;  /* from the first step to the last */
} rr_append_tally;

typedef struct rr_append rr_append;

int rr_append_open(const rr_append_config *config, rr_append **out);
/* pre: no thread is in it any more.  NULL is allowed. */
void rr_append_close(rr_append *append);

/* Takes one step of thread number `thread`; RR_ENOMEM if the array had to grow and could
 * not; the same step can then be tried again. */
int rr_append_step(rr_append *append, int thread, rr_append_turn *out);

/* Between two steps: waits, at every second call at random, until another thread has made
 * a step, or none can, or some 100 us have passed.  After RR_APPEND_WAITS: always waits,
 * until the reason is gone, but no longer than that. */
void rr_append_pause(rr_append *append, int thread);

/* Begins no further append.  Any thread may call it. */
void rr_append_stop(rr_append *append);

/* Appends completed so far; any thread, at any time. */
int64_t rr_append_progress(const rr_append *append);

/* Counts what became of the items of complete appends.  RR_EBUG if an item is found in
 * two places.  pre: no thread is in rr_append_step. */
int rr_append_tally_of(const rr_append *append, rr_append_tally *out);

#endif
