/* contention.c -- checks each pair of threads in each state. */
#include "explore/contention.h"

#include "machine/next_operation.h"

/* Can two threads take a step, or have a write that can leave its buffer? */
static bool
can_two_go_on(const rr_graph *g, uint32_t state)
{
    rr_edges edges = rr_graph_edges(g, state);
    rr_edge edge;
    uint64_t threads = 0;
    while (rr_next_edge(&edges, &edge)) {
        if (edge.thread != RR_NOBODY) {
            threads |= UINT64_C(1) << edge.thread;
            if (edge.many > 1 || (threads & (threads - 1)) != 0) {
                return true;
            }
        }
    }
    return false;
}

static bool
is_at_count(const rr_next *next)
{
    return next->kind == RR_NEXT_COUNT || next->kind == RR_NEXT_HOOK;
}

static bool
can_two_count(rr_graph *g, uint32_t state)
{
    rr_machine *m = g->m;
    rr_next next[RR_MAX_PROGRAM_THREADS];
    int n = 0;
    rr_state_store_unpack(&g->space, state, m->w);
    for (int t = 0; t < m->program->n_threads; t++) {
        if (rr_machine_is_inside(m, t)) {
            continue;
        }
        next[n] = rr_machine_next(m, t);
        for (int i = 0; is_at_count(&next[n]) && i < n; i++) {
            if (next[i].object == next[n].object || next[i].object < 0 ||
                next[n].object < 0) {
                return true;
            }
        }
        n += is_at_count(&next[n]);
    }
    return false;
}

rr_contention
rr_contention_of(rr_graph *g)
{
    rr_contention found = RR_CONTENTION_NONE;
    for (uint32_t state = 0; state < rr_graph_n_states(g); state++) {
        if (can_two_count(g, state)) {
            return RR_CONTENTION_COUNTING;
        }
        if (found == RR_CONTENTION_NONE && can_two_go_on(g, state)) {
            found = RR_CONTENTION_STEPS;
        }
    }
    return found;
}
