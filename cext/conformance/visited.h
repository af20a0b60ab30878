/* visited.h -- states that a search has visited, so that it continues from each only
 * once.
 *
 * This only saves work: if there is no memory for more, every state counts as new.
 */
#ifndef RR_VISITED_H
#define RR_VISITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct rr_visited {
    size_t n_words; /* of a state, plus one for the tag */
    size_t n_states, n_room;
    int32_t *states;
    /* Four slots for each state that there is room for.  Upper half: the search that set
     * it; lower half: the number of the state. */
    uint64_t *slots;
    uint32_t search;
} rr_visited;

int rr_visited_open(size_t n_words, rr_visited *out);
void rr_visited_close(rr_visited *visited);

/* Begins another search, with an empty set. */
void rr_visited_forget(rr_visited *visited);

/* Does the search visit this state, with this tag, for the first time? */
bool rr_visited_add(rr_visited *visited, const int32_t *words, uint32_t tag);

#endif
