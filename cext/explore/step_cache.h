/* step_cache.h -- remembers where the steps of a thread lead.
 *
 * In most programs a thread's step reads and writes only what threads share and the
 * thread's own words.  Many states agree in these and differ only in the words of other
 * threads, so the machine takes the step once, and the result is put into their packed
 * states as bits under a mask.  What a step does can depend on other threads if it is one
 * of a few operations, or in some modes; then there is no cache (may_cache in
 * step_cache.c).  The same steps are found with and without one.
 *
 * A place in the table has the step that was put there last.  So the table has a bound, and
 * a step that was overwritten is taken again.
 */
#ifndef RR_STEP_CACHE_H
#define RR_STEP_CACHE_H

#include "explore/canonical_form.h"
#include "explore/edge_store.h"
#include "explore/state_store.h"

/* A step, and the other branch of a `maybe`. */
enum { RR_MOST_CACHED = 2 };

typedef struct rr_cached_step {
    _Alignas(uint64_t) uint32_t target[RR_MOST_CACHED]; /* if the run ends there */
    uint8_t who;                     /* the thread, + 1; 0: nothing is here */
    uint8_t n;                       /* branches */
    uint8_t ends;                    /* a bit for each branch: does the run end? */
    /* Behind it: the words that matter of the state before, and those after each branch. */
} rr_cached_step;

typedef struct rr_step_cache {
    bool is_on;          /* false: no step is cached here */
    size_t n_words;      /* of a packed state, eight bytes each */
    int n_results;       /* places for branches */
    size_t entry_bytes;
    uint64_t n_slots;    /* a power of two; 0: no table yet */
    uint64_t n_lookups, n_hits;
    char *entries;
    uint64_t *masks; /* for each thread: the bits of the shared words and of its own */
} rr_step_cache;

/* A cache for steps of a machine whose states are packed like those of a store.  There is
 * none if such steps may depend on other threads; is_on says so.  RR_ENOMEM. */
int rr_step_cache_open(const rr_machine *m, const rr_symmetry *symmetry,
                       const rr_state_store *space, rr_step_cache *out);
void rr_step_cache_close(rr_step_cache *cache);

/* Makes a table that is worth its memory for so many states.  Without memory the cache
 * is off. */
void rr_step_cache_fit(rr_step_cache *cache, uint64_t n_states);

/* The place of a thread's steps from a packed state; *found: are they there? */
rr_cached_step *rr_step_cache_look_up(rr_step_cache *cache, const char *packed, int thread,
                                      bool *found);

/* Takes the place for a thread's steps from a packed state. */
void rr_step_cache_begin(rr_step_cache *cache, rr_cached_step *entry, const char *packed,
                         int thread);

/* Adds a branch to a state; NULL: the run ends, with a target. */
void rr_step_cache_add(rr_step_cache *cache, rr_cached_step *entry, const char *after,
                       uint32_t target);

/* Writes the packed state after the i-th branch from a state. */
void rr_step_cache_apply(const rr_step_cache *cache, const rr_cached_step *entry,
                         const char *packed, int i, char *out);

uint64_t rr_step_cache_bytes(const rr_step_cache *cache);

#endif
