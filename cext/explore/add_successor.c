/* add_successor.c -- where a step has led: packed, with its edge, or as an end. */
#include "base/rr_status.h"
#include "explore/successors.h"

/* The place of a set of kinds in the table, or the free one where it belongs.  A table
 * with a place for every set would be most of the memory of a small search. */
static uint16_t *
outcome_place(const rr_graph *g, uint32_t kinds)
{
    uint32_t slot = kinds * UINT32_C(0x9e3779b1) >> 16;
    uint16_t *place;
    do {
        slot = (slot + 1) % RR_OUTCOME_SLOTS;
        place = &g->outcome_at[slot];
    } while (*place != 0 && g->outcomes[*place - 1] != kinds);
    return place;
}

int
rr_graph_outcome(rr_graph *g, uint32_t kinds)
{
    uint16_t *place = outcome_place(g, kinds);
    if (*place == 0) {
        if (g->n_outcomes == RR_MAX_OUTCOMES) {
            return -1;
        }
        g->outcomes[g->n_outcomes++] = kinds;
        *place = (uint16_t)g->n_outcomes;
    }
    return *place - 1;
}

int
rr_graph_known_outcome(const rr_graph *g, uint32_t kinds)
{
    return *outcome_place(g, kinds) - 1;
}

uint32_t
rr_latent_now(const rr_machine *m)
{
    return m->w[m->layout.latent] != 0 ? UINT32_C(1) << RR_DANGLING_FREE : 0;
}

void
rr_stop_at(rr_graph *g, int status)
{
    if (status != RR_OK) {
        g->phase = RR_GRAPH_MEMORY;
    }
}

/* Packs the machine's memory under C11 behind a packed row.  Widens all states if it does
 * not fit: the search goes on.  False: there is no memory. */
bool
rr_fits_memory(rr_graph *g, char *packed)
{
    size_t wider = rr_state_store_pack_memory(&g->space, g->m->w, packed);
    if (wider == 0) {
        return true;
    }
    g->is_widened = true;
    rr_stop_at(g, rr_state_store_widen(&g->space, wider));
    return g->phase != RR_GRAPH_MEMORY &&
           rr_state_store_pack_memory(&g->space, g->m->w, packed) == 0;
}

rr_edge
rr_edge_of(int thread, rr_branch branch, int choice, int many)
{
    return (rr_edge){
        .thread = (unsigned)thread & 63,
        .branch = (unsigned)branch & 3,
        .many = (unsigned)many & 63,
        .choice = (unsigned)choice & (RR_N_CHOICES - 1),
    };
}

/* Records where a step from the state in g->base has led.  False: there is no such branch,
 * or the search is over. */
bool
rr_add_successor(rr_graph *g, rr_edge edge, int stepped, rr_progress progress, int *n)
{
    rr_machine *m = g->m;
    struct rr_successor *s = &g->successors[*n];
    s->edge = edge;
    s->is_end = progress == RR_ENDED;
    switch (progress) {
    case RR_RAN:
        break;
    case RR_ENDED: {
        uint32_t kinds = m->kinds | rr_latent_now(m);
        s->edge.target = RR_END | kinds;
        ++*n;
        return true;
    }
    case RR_MISUSED:
        g->phase = RR_GRAPH_MISUSE;
        g->misuse = m->misuse;
        g->misuse_state = g->taken;
        g->misuse_thread = (int)edge.thread;
        g->misuse_branch = (int)edge.branch;
        g->misuse_choice = g->is_reduced ? 0 : (int)edge.choice;
        g->misuse_before = g->is_reduced ? (int)edge.choice : 0;
        return false;
    case RR_GROW:
        g->phase = RR_GRAPH_GROW;
        g->grow = m->grow;
        return false;
    default:
        return false;
    }
    int now = rr_canonicalise(m, &g->symmetry, stepped);
    if (now < 0) {
        g->phase = RR_GRAPH_GROW;
        g->grow = m->grow;
        return false;
    }
    s->edge.now = (unsigned)now & 63;
    char *packed = g->packed + (size_t)*n * g->stride;
    if (!rr_state_store_pack(&g->space, m->w, packed)) {
        g->phase = RR_GRAPH_GROW;
        g->grow = -1;
        return false;
    }
    if (!rr_fits_memory(g, packed)) {
        return false;
    }
    s->hash = rr_state_store_hash(&g->space, packed);
    rr_state_store_prefetch(&g->space, s->hash);
    ++*n;
    return true;
}
