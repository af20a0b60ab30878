/* order.c -- strongly connected components, without recursion. */
#include "explore/order.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"

enum { CLOSED = 16 }; /* a mark of this file: the component is complete */

static void
drop_work(rr_order *o)
{
    rr_free(o->index);
    rr_free(o->low);
    rr_free(o->open);
    rr_free(o->path);
    rr_free(o->path_edge);
    o->index = o->low = o->open = o->path = o->path_edge = NULL;
}

void
rr_order_close(rr_order *o)
{
    drop_work(o);
    rr_free(o->sequence);
    rr_free(o->marks);
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
    uint32_t **const arrays[] = {&o->sequence, &o->index, &o->low,
                                 &o->open,     &o->path,  &o->path_edge};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i] = rr_alloc(n, sizeof **arrays[i]);
        if (*arrays[i] == NULL) {
            rr_order_close(o);
            return RR_ENOMEM;
        }
    }
    o->marks = rr_alloc(n, sizeof *o->marks);
    if (o->marks == NULL) {
        rr_order_close(o);
        return RR_ENOMEM;
    }
    return RR_OK;
}

static void
enter(rr_order *o, uint32_t state)
{
    uint32_t to;
    o->index[state] = o->low[state] = ++o->next_index;
    o->open[o->n_open++] = state;
    o->path[o->n_path] = state;
    rr_graph_edges(o->g, state, &o->path_edge[o->n_path], &to);
    o->n_path++;
}

/* A component is complete: its states move from the stack into the sequence, before all
 * states that they lead to. */
static void
close_component(rr_order *o, uint32_t root)
{
    uint32_t n = 0, state;
    do {
        state = o->open[--o->n_open];
        o->sequence[--o->filled] = state;
        o->marks[state] |= CLOSED;
        n++;
    } while (state != root);
    o->marks[o->sequence[o->filled]] |= RR_MARK_FIRST;
    bool can_end = false, is_cyclic = n > 1;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from, to;
        state = o->sequence[o->filled + i];
        rr_graph_edges(o->g, state, &from, &to);
        can_end |= from == to; /* not expanded: unknown */
        for (; from < to; from++) {
            uint32_t target = rr_graph_edge(o->g, from)->target;
            is_cyclic |= target == state;
            /* Edges within the component are not decided yet, and add nothing. */
            can_end |= (target & RR_END) != 0 ||
                       (o->low[target] == 0 && !(o->marks[target] & RR_MARK_LOST));
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        state = o->sequence[o->filled + i];
        o->marks[state] |= (uint8_t)((is_cyclic ? RR_MARK_CYCLIC : 0) |
                                     (can_end ? 0 : RR_MARK_LOST));
    }
    for (uint32_t i = 0; i < n; i++) {
        o->low[o->sequence[o->filled + i]] = 0; /* decided from now on */
    }
    o->has_cycle |= is_cyclic && can_end;
}

static void
leave(rr_order *o)
{
    uint32_t state = o->path[--o->n_path];
    if (o->low[state] == o->index[state]) {
        close_component(o, state);
    }
    else if (o->n_path > 0) {
        uint32_t parent = o->path[o->n_path - 1];
        o->low[parent] =
            o->low[state] < o->low[parent] ? o->low[state] : o->low[parent];
    }
}

static void
follow(rr_order *o)
{
    uint32_t state = o->path[o->n_path - 1], from, to;
    rr_graph_edges(o->g, state, &from, &to);
    uint32_t *next = &o->path_edge[o->n_path - 1];
    if (*next == to) {
        leave(o);
        return;
    }
    uint32_t target = rr_graph_edge(o->g, (*next)++)->target;
    if (target & RR_END) {
        return;
    }
    if (o->index[target] == 0) {
        enter(o, target);
    }
    else if (!(o->marks[target] & CLOSED) && o->index[target] < o->low[state]) {
        o->low[state] = o->index[target];
    }
}

/* States that follow a cycle can be reached in infinitely many ways. */
static void
mark_after_cycles(rr_order *o)
{
    for (uint32_t i = 0; i < o->n_states; i++) {
        uint32_t state = o->sequence[i], from, to;
        uint8_t *marks = &o->marks[state];
        if ((*marks & (RR_MARK_CYCLIC | RR_MARK_LOST)) == RR_MARK_CYCLIC) {
            *marks |= RR_MARK_AFTER_CYCLE;
        }
        if (!(*marks & RR_MARK_AFTER_CYCLE)) {
            continue;
        }
        rr_graph_edges(o->g, state, &from, &to);
        for (; from < to; from++) {
            uint32_t target = rr_graph_edge(o->g, from)->target;
            if (!(target & RR_END)) {
                o->marks[target] |= RR_MARK_AFTER_CYCLE;
            }
        }
    }
}

void
rr_order_advance(rr_order *o, uint32_t n)
{
    if (o->is_done) {
        return;
    }
    if (o->next_index == 0) {
        enter(o, 0);
    }
    for (uint64_t i = 0; i < 4 * (uint64_t)n && o->n_path > 0; i++) {
        follow(o);
    }
    if (o->n_path == 0) {
        drop_work(o);
        if (o->has_cycle) {
            mark_after_cycles(o);
        }
        o->is_done = true;
    }
}

uint32_t
rr_order_target(const rr_order *o, const rr_edge *edge)
{
    uint32_t target = edge->target;
    if (!o->is_plain && !(target & RR_END) && (o->marks[target] & RR_MARK_LOST)) {
        return RR_END | UINT32_C(1) << RR_LIVELOCK | rr_graph_latent(o->g, target);
    }
    return target;
}
