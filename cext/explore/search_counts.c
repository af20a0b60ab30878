/* search_counts.c -- counts the runs of a search that is over.
 *
 * With several workers and many states, a thread bounds the numbers while the caller's
 * makes the passes, in memory of its own.  How many passes are needed depends on the
 * bounds, so the caller may make one too many, in time that it would have waited.
 */
#include "explore/search_counts.h"

#include "base/rr_clock.h"
#include "base/rr_status.h"

/* A look at the clock after so many states. */
enum { STATES_BATCH = 512 };

/* A thread is worth it for so many times the states for which a team is. */
enum { MANY_TIMES = 1024 };

/* ---- memory ----------------------------------------------------------------------- */

static uint64_t
bytes_in_memory(const rr_search *s)
{
    uint64_t bytes = rr_graph_bytes(&s->graph) + rr_step_cache_bytes(&s->graph.cache);
    bytes += s->has_order ? rr_order_bytes(&s->order) : 0;
    bytes += s->has_shortest ? rr_shortest_bytes(&s->shortest) : 0;
    bytes += s->has_runs ? rr_path_counts_bytes(&s->runs) : 0;
    bytes += s->has_beside ? rr_path_counts_bytes(&s->beside) : 0;
    return bytes - (s->has_spill ? s->spill.on_disk : 0);
}

void
rr_search_note_memory(rr_search *s)
{
    uint64_t bytes = bytes_in_memory(s);
    s->peak_bytes = bytes > s->peak_bytes ? bytes : s->peak_bytes;
}

uint64_t
rr_search_peak_bytes(const rr_search *s)
{
    uint64_t bytes = bytes_in_memory(s);
    return bytes > s->peak_bytes ? bytes : s->peak_bytes;
}

/* ---- a second thread finds the bounds --------------------------------------------- */

void
rr_search_close_beside(rr_search *s)
{
    if (s->has_beside) {
        rr_path_counts_close(&s->beside);
        s->has_beside = false;
    }
}

/* Without the memory, the bounds are found between two passes. */
static void
open_beside(rr_search *s)
{
    bool is_worth_it = !s->is_alone && rr_graph_n_states(&s->graph) / MANY_TIMES >=
                                           s->config.fewest;
    if (is_worth_it && rr_path_counts_open(&s->graph, &s->order, &s->beside) == RR_OK) {
        s->has_beside = true;
    }
}

static int
bound_until(rr_path_counts *counts, int64_t until)
{
    int status = RR_OK;
    do {
        status = rr_path_counts_bound(counts, STATES_BATCH);
    } while (status == RR_OK && !counts->bounding.is_done && rr_now_ns() < until);
    return status;
}

typedef struct slice_beside {
    rr_path_counts *counts;
    int64_t until;
    int status;
} slice_beside;

static void *
bound_beside(void *of)
{
    slice_beside *slice = of;
    slice->status = bound_until(slice->counts, slice->until);
    return NULL;
}

/* Moves the bounds to where a search in one thread keeps them. */
static void
end_beside(rr_search *s, int status)
{
    if (status == RR_OK && !s->beside.bounding.is_done) {
        return;
    }
    if (status == RR_OK) {
        s->runs.bounding.found = s->beside.bounding.found;
        s->runs.bounding.has_begun = s->runs.bounding.is_done = true;
    }
    rr_search_close_beside(s);
}

bool
rr_search_bounds_beside(const rr_search *s)
{
    return s->has_beside;
}

/* ---- passes ----------------------------------------------------------------------- */

static int
pass_until(rr_search *s, int64_t until)
{
    int status = RR_OK;
    do {
        status = rr_path_counts_advance(&s->runs, STATES_BATCH);
    } while (status == RR_OK && !s->runs.is_done && rr_now_ns() < until);
    if (s->runs.is_done) {
        s->is_counted = true;
        s->phase = RR_SEARCH_DONE;
    }
    return status;
}

int
rr_search_advance_pass(rr_search *s, int64_t until)
{
    pthread_t thread;
    slice_beside slice = {&s->beside, until, RR_OK};
    bool has_thread =
        s->has_beside && rr_thread_start(s->starter, bound_beside, &slice, &thread);
    if (!has_thread) {
        rr_search_close_beside(s);
        return pass_until(s, until);
    }
    int status = pass_until(s, until);
    rr_thread_join(thread);
    end_beside(s, slice.status);
    return status;
}

int
rr_search_count(rr_search *s, uint64_t prime)
{
    if (s->has_shortest) {
        rr_shortest_close(&s->shortest); /* the counts need its memory */
        s->has_shortest = false;
    }
    rr_state_store_drop_states(&s->graph.space); /* and that of the states */
    if (!s->has_runs) {
        int status = rr_path_counts_open(&s->graph, &s->order, &s->runs);
        if (status != RR_OK) {
            return status;
        }
        s->has_runs = true;
        open_beside(s);
        rr_search_note_memory(s);
    }
    rr_path_counts_begin(&s->runs, prime);
    s->is_counted = s->runs.is_done;
    if (s->is_counted) {
        rr_search_close_beside(s); /* no pass follows in which its thread could go on */
    }
    s->phase = s->is_counted ? RR_SEARCH_DONE : RR_SEARCH_RUNS;
    return RR_OK;
}

int
rr_search_bound(rr_search *s)
{
    return s->has_beside ? RR_OK : bound_until(&s->runs, rr_now_ns() + RR_SLICE_NS);
}
