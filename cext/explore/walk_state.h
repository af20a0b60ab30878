/* walk_state.h -- a state that a walk leaves and comes back to, and what its memory under
 * C11 shows.
 *
 * Under sequential consistency a state is its row of words, and the memory is empty.
 */
#ifndef RR_WALK_STATE_H
#define RR_WALK_STATE_H

#include <stddef.h>

#include "explore/walk.h"

/* The most bytes of a memory; the memory of the present state as bytes, which are equal if
 * the memories are.  Returns the bytes taken. */
size_t rr_walk_memory_bytes(const rr_walk *walk);
size_t rr_walk_keep_memory(const rr_walk *walk, char *out);

/* Takes up the state whose row is in the machine already; `memory` is NULL if it has none.
 * Numbers its messages from 1 on, by location and age: they become the sources of what the
 * next steps read, and RR_WALK_NEW that of what they write.  Returns as rr_walk_begin. */
enum { RR_WALK_NEW = UINT16_MAX };
rr_progress rr_walk_resume(rr_walk *walk, const char *memory);

/* A message of the present state. */
typedef struct rr_message {
    int32_t word; /* of its location, in the row */
    int32_t value;
    int32_t source;
    bool is_newest;
    uint32_t readers; /* bits of the threads that may still read it */
} rr_message;

/* The most messages of a state; writes those of the present one, by location and age, and
 * returns their number. */
int32_t rr_walk_most_messages(const rr_walk *walk);
int32_t rr_walk_messages(const rr_walk *walk, rr_message *out);

/* What does not happen before the next step of a thread, although it may matter. */
typedef struct rr_unordered {
    int thread;
    int32_t object; /* whose memory was accessed; -1: a cell */
    int32_t word;   /* of a cell that some step accesses plainly; -1: an object */
    uint32_t others; /* bits of the threads that accessed it */
    bool is_new;     /* the initialisation of the object does not happen before either */
} rr_unordered;

int32_t rr_walk_most_unordered(const rr_walk *walk);
int32_t rr_walk_unordered(const rr_walk *walk, rr_unordered *out);

#endif
