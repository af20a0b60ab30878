/* worker.c -- one worker, and what becomes of its chunks. */
#include "explore/worker.h"

#include "base/rr_status.h"

/* ---- a worker --------------------------------------------------------------------- */

int
rr_worker_open(rr_worker *w, const rr_search *search)
{
    const rr_search_config *c = &search->config;
    rr_weak weak;
    w->search = search;
    if (c->weak != NULL) {
        weak = *c->weak;
        weak.ways = &w->ways;
        weak.sites = c->weak->sites == NULL ? NULL : &w->sites;
        w->ways = *c->weak->ways; /* what threads may still do is computed from them */
    }
    int status = rr_machine_open_weak(c->program, c->mode, c->gil_held, c->only,
                                      search->capacity, c->weak == NULL ? NULL : &weak,
                                      &w->m);
    if (status == RR_OK) {
        status = rr_graph_open_beside(&search->graph, w->m, c->use_symmetry, &w->graph);
        w->has_graph = status == RR_OK;
    }
    return status;
}

void
rr_worker_close(rr_worker *w)
{
    if (w->has_graph) {
        rr_graph_close(&w->graph);
    }
    rr_machine_close(w->m);
    w->m = NULL;
    w->has_graph = false;
}

int
rr_worker_follow(rr_worker *w)
{
    const rr_weak *weak = w->search->config.weak;
    if (weak != NULL) {
        w->ways = *weak->ways;
        if (weak->sites != NULL) {
            w->sites = *weak->sites;
        }
    }
    w->state_bytes = w->search->graph.space.state_bytes;
    return w->graph.space.state_bytes == w->state_bytes
               ? RR_OK
               : rr_state_store_widen(&w->graph.space, w->state_bytes);
}

/* Has it come upon something that changes the form of all states, or that the search's
 * machine notes?  New ways of an operation end the search and show in the phase. */
static bool
must_leave_it(const rr_worker *w, const rr_ahead *batch)
{
    const rr_weak *weak = w->search->config.weak;
    return batch->phase != RR_GRAPH_OPEN || w->graph.space.state_bytes != w->state_bytes ||
           (weak != NULL && weak->sites != NULL && w->sites.n != weak->sites->n);
}

void
rr_worker_expand(rr_worker *w, rr_chunk *chunk)
{
    rr_graph *g = &w->graph;
    chunk->n_rows = 0;
    for (chunk->n_done = 0; chunk->n_done < chunk->n_states; chunk->n_done++) {
        rr_ahead *batch = &chunk->ahead[chunk->n_done];
        g->packed = chunk->packed + (size_t)chunk->n_rows * g->stride;
        g->successors = chunk->successors + chunk->n_rows;
        g->taken = chunk->first + chunk->n_done;
        rr_expand_state(g, chunk->states[chunk->n_done], batch);
        if (must_leave_it(w, batch)) {
            return;
        }
        chunk->n_rows += batch->n;
    }
}

/* ---- adding a chunk --------------------------------------------------------------- */

/* How many successors ahead the table is fetched from memory, and then the state that it
 * names there. */
enum { TABLE_AHEAD = 24, STATE_AHEAD = 12 };

typedef struct row_cursor {
    int table, state;
} row_cursor;

static void
fetch_rows(const rr_graph *g, const rr_chunk *chunk, int row, row_cursor *at)
{
    for (; at->table < chunk->n_rows && at->table < row + TABLE_AHEAD; at->table++) {
        if (!chunk->successors[at->table].is_end) {
            rr_state_store_prefetch(&g->space, chunk->successors[at->table].hash);
        }
    }
    for (; at->state < chunk->n_rows && at->state < row + STATE_AHEAD; at->state++) {
        if (!chunk->successors[at->state].is_end) {
            rr_state_store_prefetch_state(&g->space, chunk->successors[at->state].hash);
        }
    }
}

void
rr_add_chunk(rr_graph *g, const rr_chunk *chunk)
{
    row_cursor at = {0};
    int row = 0;
    for (uint32_t i = 0; i < chunk->n_done && rr_may_expand(g); i++) {
        const rr_ahead *batch = &chunk->ahead[i];
        g->packed = chunk->packed + (size_t)row * g->stride;
        g->successors = chunk->successors + row;
        row += batch->n;
        fetch_rows(g, chunk, row, &at);
        rr_add_expanded(g, batch);
        if (g->phase != RR_GRAPH_OPEN) {
            return;
        }
    }
}
