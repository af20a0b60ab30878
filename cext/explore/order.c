/* order.c -- strongly connected components, without recursion. */
#include "explore/order.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"

enum { /* marks of this file */
    IS_CLOSED = 32,  /* the component is complete */
    IS_DECIDED = 64, /* and all of its marks are set */
    IS_ROOT = 128,   /* of an open state: nothing before it is known to be reached */
};

typedef struct rr_order_step {
    uint32_t state;
    uint32_t next; /* as in rr_edges */
    const uint8_t *at;
} rr_order_step;

static void
drop_work(rr_order *o)
{
    rr_spill_free(o->g->spill, o->index, o->n_states, sizeof *o->index);
    rr_pool_close(&o->path);
    o->index = NULL;
}

void
rr_order_close(rr_order *o)
{
    drop_work(o);
    rr_spill_free(o->g->spill, o->sequence, o->n_states, sizeof *o->sequence);
    rr_spill_free(o->g->spill, o->marks, o->n_states, sizeof *o->marks);
    o->sequence = NULL;
    o->marks = NULL;
}

int
rr_order_open(const rr_graph *g, rr_order *out)
{
    rr_order *o = out;
    uint32_t n = rr_graph_n_states(g);
    *o = (rr_order){.g = g, .n_states = n, .filled = n};
    if (!g->has_back_edge || n == 0) {
        o->is_plain = true;
        o->is_done = true;
        return RR_OK;
    }
    rr_pool_open(&o->path, sizeof(rr_order_step), g->spill);
    o->sequence = rr_spill_alloc(g->spill, n, sizeof *o->sequence, RR_SPILL_IN_ORDER);
    o->index = rr_spill_alloc(g->spill, n, sizeof *o->index, RR_SPILL_ALL_OVER);
    o->marks = rr_spill_alloc(g->spill, n, sizeof *o->marks, RR_SPILL_ALL_OVER);
    if (o->sequence == NULL || o->index == NULL || o->marks == NULL) {
        rr_order_close(o);
        return RR_ENOMEM;
    }
    return RR_OK;
}

uint64_t
rr_order_bytes(const rr_order *o)
{
    if (o->is_plain) {
        return 0;
    }
    uint64_t words = rr_alloc_held(o->n_states, sizeof *o->sequence);
    return words + (o->index != NULL ? words : 0) + rr_pool_bytes(&o->path) +
           rr_alloc_held(o->n_states, sizeof *o->marks);
}

static rr_order_step *
top_of(const rr_order *o)
{
    return rr_pool_at(&o->path, o->path.n_items - 1);
}

static int
enter(rr_order *o, uint32_t state)
{
    void *place;
    int status = rr_pool_add(&o->path, &place);
    if (status != RR_OK) {
        return status;
    }
    rr_edges edges = rr_graph_edges(o->g, state);
    *(rr_order_step *)place = (rr_order_step){state, edges.next, edges.at};
    o->index[state] = ++o->next_index;
    o->marks[state] |= IS_ROOT;
    o->sequence[o->n_open++] = state;
    return RR_OK;
}

/* A component is complete: its states move from the stack into the sequence, before all
 * states that they lead to. */
static void
close_component(rr_order *o, uint32_t root)
{
    uint32_t n = 0, state;
    do {
        state = o->sequence[--o->n_open];
        o->sequence[--o->filled] = state;
        o->marks[state] |= IS_CLOSED;
        n++;
    } while (state != root);
    o->marks[o->sequence[o->filled]] |= RR_MARK_FIRST;
    bool can_end = false, is_cyclic = n > 1;
    for (uint32_t i = 0; i < n; i++) {
        state = o->sequence[o->filled + i];
        rr_edges edges = rr_graph_edges(o->g, state);
        rr_edge edge;
        can_end |= edges.at == edges.end; /* not expanded: unknown */
        while (rr_next_edge(&edges, &edge)) {
            uint32_t target = edge.target;
            is_cyclic |= target == state;
            /* Edges within the component are not decided yet, and add nothing. */
            can_end |= (target & RR_END) != 0 ||
                       (o->marks[target] & (IS_DECIDED | RR_MARK_LOST)) == IS_DECIDED;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        state = o->sequence[o->filled + i];
        o->marks[state] |=
            (uint8_t)(IS_DECIDED | (is_cyclic ? RR_MARK_CYCLIC : 0) |
                      (can_end ? 0
                       : rr_graph_latent(o->g, state) != 0 ? RR_MARK_LOST | RR_MARK_LATENT
                                                           : RR_MARK_LOST));
    }
    o->has_cycle |= is_cyclic && can_end;
}

/* An open state has an edge to another. */
static void
reach_open(rr_order *o, uint32_t state, uint32_t target)
{
    if (o->index[target] < o->index[state]) {
        o->index[state] = o->index[target];
        o->marks[state] &= (uint8_t)~IS_ROOT;
    }
}

static void
leave(rr_order *o)
{
    uint32_t state = top_of(o)->state;
    o->path.n_items--;
    if (o->marks[state] & IS_ROOT) {
        close_component(o, state);
    }
    else {
        reach_open(o, top_of(o)->state, state); /* the first state is a root */
    }
}

static int
follow(rr_order *o)
{
    rr_order_step *top = top_of(o);
    rr_edges edges = rr_graph_edges(o->g, top->state);
    edges.at = top->at;
    edges.next = top->next;
    rr_edge edge;
    if (!rr_next_edge(&edges, &edge)) {
        leave(o);
        return RR_OK;
    }
    top->at = edges.at;
    top->next = edges.next;
    uint32_t target = edge.target;
    if (target & RR_END) {
        return RR_OK;
    }
    if (o->index[target] == 0) {
        return enter(o, target);
    }
    if (!(o->marks[target] & IS_CLOSED)) {
        reach_open(o, top->state, target);
    }
    return RR_OK;
}

/* States that follow a cycle can be reached in infinitely many ways. */
static void
mark_after_cycles(rr_order *o)
{
    for (uint32_t i = 0; i < o->n_states; i++) {
        uint32_t state = o->sequence[i];
        uint8_t *marks = &o->marks[state];
        if ((*marks & (RR_MARK_CYCLIC | RR_MARK_LOST)) == RR_MARK_CYCLIC) {
            *marks |= RR_MARK_AFTER_CYCLE;
        }
        if (!(*marks & RR_MARK_AFTER_CYCLE)) {
            continue;
        }
        rr_edges edges = rr_graph_edges(o->g, state);
        rr_edge edge;
        while (rr_next_edge(&edges, &edge)) {
            if (!(edge.target & RR_END)) {
                o->marks[edge.target] |= RR_MARK_AFTER_CYCLE;
            }
        }
    }
}

int
rr_order_advance(rr_order *o, uint32_t n)
{
    if (o->is_done) {
        return RR_OK;
    }
    int status = o->next_index == 0 ? enter(o, 0) : RR_OK;
    for (uint64_t i = 0; i < 4 * (uint64_t)n && o->path.n_items > 0; i++) {
        if (status != RR_OK) {
            return status;
        }
        status = follow(o);
    }
    if (status == RR_OK && o->path.n_items == 0) {
        drop_work(o);
        if (o->has_cycle) {
            mark_after_cycles(o);
        }
        o->is_done = true;
    }
    return status;
}

uint32_t
rr_order_lost(const rr_order *o, uint32_t state)
{
    return UINT32_C(1) << RR_LIVELOCK |
           (o->marks[state] & RR_MARK_LATENT ? UINT32_C(1) << RR_DANGLING_FREE : 0);
}

uint32_t
rr_order_target(const rr_order *o, const rr_edge *edge)
{
    uint32_t target = edge->target;
    if (!o->is_plain && !(target & RR_END) && (o->marks[target] & RR_MARK_LOST)) {
        return RR_END | rr_order_lost(o, target);
    }
    return target;
}
