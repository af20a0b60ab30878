/* scout.c -- random runs over the canonical states of a search. */
#include "explore/scout.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_rng.h"
#include "base/rr_status.h"
#include "explore/successors.h"

enum { SEED = 19 };

/* A successor at random, by reservoir sampling; -1: the run ends. */
static int
any_successor(const rr_graph *g, const rr_ahead *batch, rr_rng *rng)
{
    int chosen = -1;
    uint64_t n = 0;
    for (int i = 0; i < batch->n; i++) {
        if (!g->successors[i].is_end && rr_rng_next(rng) % ++n == 0) {
            chosen = i;
        }
    }
    return chosen;
}

/* More messages than a location may have end a search, but only when it gets there. */
static bool
starts_again(const rr_graph *g, const rr_ahead *batch)
{
    return batch->phase == RR_GRAPH_GROW && g->grow != RR_GROW_HISTORY;
}

bool
rr_scout(rr_graph *g, uint64_t nth, uint32_t n)
{
    rr_rng rng = rr_rng_stream(SEED, nth);
    char *now = rr_alloc_room(1, g->stride);
    bool again = false, is_at_begin = true;
    rr_forget_ahead(g);
    rr_stop_at(g, now == NULL ? RR_ENOMEM : RR_OK);
    for (uint32_t i = 0; now != NULL && i < n && !again; i++) {
        if (is_at_begin) {
            memcpy(now, rr_pool_at(&g->space.states, 0), g->space.state_bytes);
        }
        rr_ahead batch;
        rr_expand_state(g, now, &batch);
        int chosen =
            batch.phase == RR_GRAPH_OPEN ? any_successor(g, &batch, &rng) : -1;
        if (batch.phase == RR_GRAPH_MEMORY) {
            g->phase = RR_GRAPH_MEMORY;
            break;
        }
        again = starts_again(g, &batch);
        is_at_begin = chosen < 0;
        if (chosen >= 0) {
            memcpy(now, g->packed + (size_t)chosen * g->stride, g->space.state_bytes);
        }
    }
    rr_free(now);
    return again;
}
