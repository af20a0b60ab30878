/* search.c -- runs the phases of an exploration one after the other. */
#include "explore/search.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_clock.h"
#include "base/rr_status.h"
#include "explore/scout.h"
#include "explore/search_counts.h"
#include "explore/team.h"
#include "machine/internal.h"

/* One state of a reduced graph may stand for hundreds of steps of each thread. */
enum { BATCH = 512, REDUCED_BATCH = 4 };

/* The work of so many states is worth the start of a thread.  On a busy machine threads
 * wait for each other at the end of a slice, so slices of a team are longer. */
enum { FEWEST = 64, TEAM_LONGER_NS = 30 * 1000 * 1000 };

/* When a search runs ahead: with so many states, and whenever it is some times larger. */
enum { FIRST_SCOUT = 1024, SCOUT_LATER = 8 };
/* How far: so many states, and one for some of those that it has expanded. */
enum { LEAST_SCOUTED = 128, FOR_ONE_SCOUTED = 32, MOST_SCOUTED = 1 << 13 };

static void
close_team(rr_search *s)
{
    rr_team_close(s->team);
    s->team = NULL;
}

static void
close_graph(rr_search *s)
{
    close_team(s);
    rr_search_close_beside(s);
    if (s->has_runs) {
        rr_path_counts_close(&s->runs);
    }
    if (s->has_shortest) {
        rr_shortest_close(&s->shortest);
    }
    if (s->has_order) {
        rr_order_close(&s->order);
    }
    if (s->has_graph) {
        rr_graph_close(&s->graph);
    }
    rr_machine_close(s->m);
    s->m = NULL;
    s->has_graph = s->has_order = s->has_shortest = s->has_runs = false;
}

static int
open_graph(rr_search *s)
{
    const rr_search_config *c = &s->config;
    int status =
        rr_machine_open_weak(c->program, c->mode, c->gil_held, c->only, s->capacity,
                             c->weak, &s->m);
    if (status == RR_OK) {
        status = rr_graph_open(s->m, s->width, c->use_symmetry, c->is_reduced,
                               c->max_states, c->max_bytes,
                               s->has_spill ? &s->spill : NULL, &s->graph);
        s->has_graph = status == RR_OK;
    }
    return status;
}

int
rr_search_open(const rr_search_config *config, rr_search **out)
{
    rr_search *s = rr_alloc(1, sizeof *s);
    if (s == NULL) {
        return RR_ENOMEM;
    }
    s->config = *config;
    s->config.fewest = config->fewest > 0 ? config->fewest : FEWEST;
    s->is_alone = config->n_workers < 2;
    s->width = 1;
    s->scout_at = FIRST_SCOUT;
    int status = RR_OK;
    if (config->folder != NULL) {
        status = rr_spill_open(config->folder, config->max_bytes, &s->spill);
        s->has_spill = status == RR_OK;
    }
    status = status == RR_OK ? open_graph(s) : status;
    if (status != RR_OK) {
        rr_search_close(s);
        return status;
    }
    *out = s;
    return RR_OK;
}

void
rr_search_close(rr_search *s)
{
    if (s != NULL) {
        close_graph(s);
        if (s->has_spill) {
            rr_spill_close(&s->spill);
        }
        rr_free(s);
    }
}

/* Do its states fit the bounds, with the new capacities?  Checked before the present
 * graph, and what was found in it, is given up. */
static rr_limit
try_layout(const rr_search *s)
{
    const rr_search_config *c = &s->config;
    rr_layout layout;
    int status = rr_layout_open(c->program, c->gil_held, s->m->mode, s->capacity, &layout);
    if (status == RR_OK) {
        status = c->weak != NULL && !rr_shape_fits(&layout) ? RR_EWEAK : RR_OK;
        rr_layout_close(&layout);
    }
    return status == RR_OK      ? RR_LIMIT_NONE
           : status == RR_EWORDS || status == RR_EWEAK ? RR_LIMIT_WORDS
                                 : RR_LIMIT_MEMORY;
}

/* Doubles what was too narrow; returns the limit that forbids it, if any. */
static rr_limit
widen(rr_search *s)
{
    int which = s->graph.grow;
    if (which == RR_GROW_HISTORY) {
        return RR_LIMIT_HISTORY;
    }
    if (which == RR_GROW_WAYS) {
        return RR_LIMIT_NONE; /* the machine has noted what it did not know */
    }
    if (which < 0) {
        s->width *= 2;
        return RR_LIMIT_NONE; /* four bytes hold every word */
    }
    if (s->capacity[which] >= RR_MAX_CAPACITY) {
        return (rr_limit)((int)RR_LIMIT_ROOM + which);
    }
    s->capacity[which] = s->capacity[which] == 0 ? 1 : 2 * s->capacity[which];
    if (which == RR_CAPACITY_READS && s->capacity[which] == 1) {
        s->capacity[which] = 2; /* the position, and one value */
    }
    return try_layout(s);
}

rr_limit
rr_search_no_room(const rr_search *s)
{
    return s->has_spill && s->spill.is_full ? RR_LIMIT_DISK : RR_LIMIT_MEMORY;
}

/* ---- phases --------------------------------------------------------------------- */

static int
start_again(rr_search *s)
{
    close_graph(s);
    return open_graph(s);
}

/* Runs ahead, and starts again if states need more.  If they cannot have it, the search
 * goes on: it may reach another limit first. */
static int
scout(rr_search *s)
{
    rr_graph *g = &s->graph;
    uint32_t n = LEAST_SCOUTED + g->n_expanded / FOR_ONE_SCOUTED;
    s->is_scouting = rr_scout(g, s->n_scouts++, n < MOST_SCOUTED ? n : MOST_SCOUTED);
    if (s->is_scouting) {
        int32_t capacity[RR_N_CAPACITIES];
        memcpy(capacity, s->capacity, sizeof capacity);
        rr_search_note_memory(s);
        if (widen(s) == RR_LIMIT_NONE) {
            return start_again(s);
        }
        memcpy(s->capacity, capacity, sizeof capacity);
        s->is_scouting = false;
    }
    s->scout_at *= SCOUT_LATER;
    return RR_OK;
}

static int
end_graph(rr_search *s)
{
    rr_search_note_memory(s);
    close_team(s);
    rr_step_cache_close(&s->graph.cache);
    if (s->graph.space.is_lost) {
        return RR_ENOMEM; /* the edges alone are no result */
    }
    if (s->graph.phase == RR_GRAPH_GROW) {
        s->limit = widen(s);
        if (s->limit == RR_LIMIT_NONE) {
            return start_again(s);
        }
    }
    if (s->graph.phase == RR_GRAPH_FULL) {
        s->limit = RR_LIMIT_STATES;
    }
    if (s->graph.phase == RR_GRAPH_MEMORY) {
        s->limit = rr_search_no_room(s);
    }
    rr_state_store_drop_table(&s->graph.space);
    int status = rr_order_open(&s->graph, &s->order);
    s->has_order = status == RR_OK;
    rr_search_note_memory(s);
    s->phase = RR_SEARCH_ORDER;
    return status;
}

static uint32_t
kinds_there_are(const rr_search *s)
{
    uint32_t kinds = 0;
    for (int i = 0; i < s->graph.n_outcomes; i++) {
        kinds |= s->graph.outcomes[i];
    }
    for (uint32_t i = 0; !s->order.is_plain && i < s->order.n_states; i++) {
        if (s->order.marks[i] & RR_MARK_LOST) {
            kinds |= rr_order_lost(&s->order, i);
        }
    }
    /* A latent finding may have been found in a state that was never expanded. */
    if (s->limit != RR_LIMIT_NONE) {
        for (uint32_t i = 0; i < rr_graph_n_states(&s->graph); i++) {
            kinds |= rr_graph_latent(&s->graph, i);
        }
    }
    return kinds;
}

static int
end_order(rr_search *s)
{
    bool is_misused = s->graph.phase == RR_GRAPH_MISUSE && s->graph.misuse_thread >= 0;
    rr_search_note_memory(s);
    int status = rr_shortest_open(&s->graph, &s->order, kinds_there_are(s),
                                  is_misused ? s->graph.misuse_state : RR_END,
                                  &s->shortest);
    s->has_shortest = status == RR_OK;
    s->phase = RR_SEARCH_SHORTEST;
    return status;
}

/* Without the memory or the threads for a team, the search goes on alone: a result does
 * not depend on the number of workers. */
static int
expand(rr_search *s, int64_t until)
{
    rr_graph *g = &s->graph;
    if (!g->is_reduced && g->phase == RR_GRAPH_OPEN &&
        (s->is_scouting || g->n_expanded >= s->scout_at)) {
        int status = scout(s);
        if (status != RR_OK || s->is_scouting || g->phase != RR_GRAPH_OPEN) {
            return status;
        }
    }
    if (!s->is_alone && rr_graph_n_states(g) - g->n_expanded >= s->config.fewest) {
        s->is_alone = s->team == NULL && rr_team_open(s, &s->team) != RR_OK;
        s->is_alone = s->is_alone || !rr_team_expand(s->team, until + TEAM_LONGER_NS);
        if (!s->is_alone) {
            return RR_OK;
        }
        close_team(s);
    }
    rr_graph_expand(g, g->is_reduced ? REDUCED_BATCH : BATCH);
    return RR_OK;
}

static int
advance_once(rr_search *s, int64_t until)
{
    int status = RR_OK;
    switch (s->phase) {
    case RR_SEARCH_GRAPH:
        status = expand(s, until);
        return status != RR_OK || s->graph.phase == RR_GRAPH_OPEN ? status : end_graph(s);
    case RR_SEARCH_ORDER:
        status = rr_order_advance(&s->order, BATCH);
        rr_search_note_memory(s);
        return status == RR_OK && s->order.is_done ? end_order(s) : status;
    case RR_SEARCH_SHORTEST:
        status = rr_shortest_advance(&s->shortest, BATCH);
        rr_search_note_memory(s);
        s->phase = s->shortest.is_done ? RR_SEARCH_DONE : RR_SEARCH_SHORTEST;
        return status;
    case RR_SEARCH_RUNS:
        return rr_search_advance_pass(s, until);
    default:
        return RR_OK;
    }
}

int
rr_search_advance(rr_search *s)
{
    int64_t until = rr_now_ns() + RR_SLICE_NS;
    int status = RR_OK;
    do {
        status = advance_once(s, until);
    } while (status == RR_OK && s->phase != RR_SEARCH_DONE && rr_now_ns() < until);
    bool is_explored = s->phase == RR_SEARCH_ORDER || s->phase == RR_SEARCH_SHORTEST;
    return status == RR_ENOMEM && is_explored ? rr_search_stop(s, rr_search_no_room(s)) : status;
}

int
rr_search_stop(rr_search *s, rr_limit why)
{
    int status = RR_OK;
    if (s->phase == RR_SEARCH_RUNS || s->phase == RR_SEARCH_DONE) {
        s->phase = RR_SEARCH_DONE; /* a pass that is not complete tells nothing */
        return RR_OK;
    }
    s->limit = why;
    s->graph.has_back_edge = false; /* finding livelocks would take too long */
    if (s->phase == RR_SEARCH_GRAPH) {
        if (s->graph.phase == RR_GRAPH_OPEN) {
            s->graph.phase = RR_GRAPH_FULL;
        }
        status = end_graph(s);
    }
    else if (s->phase == RR_SEARCH_ORDER) {
        rr_order_close(&s->order);
        status = rr_order_open(&s->graph, &s->order); /* plain: it needs no memory */
        s->has_order = status == RR_OK;
    }
    else {
        s->phase = RR_SEARCH_DONE;
    }
    s->limit = why;
    return status;
}
