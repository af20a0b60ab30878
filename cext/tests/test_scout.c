/* test_scout.c -- a search that needs more room in its last states finds out early. */
#include <string.h>

#include "explore/scout.h"
#include "modes/model_modes.h"
#include "tests/same_search.h"
#include "tests/testing.h"

/* Two threads that own a reference to A each, increment its count and decrement it, and
 * drop their reference: only their last step can free it. */
enum { N_THREADS = 2, N_PAIRS = 25, N_OF_THREAD = 2 * N_PAIRS + 2 };

static rr_body bodies[N_THREADS];
static rr_instr instrs[N_THREADS * N_OF_THREAD];
static rr_value values[] = {{.kind = RR_VALUE_LOCAL, .x = 0}};
static rr_template templates[] = {{.finaliser = -1, .count = N_THREADS}};
static rr_named_object objects[] = {{.type = 0, .count = N_THREADS}};
static rr_hold holds[N_THREADS];
static const rr_program program = {
    .n_threads = N_THREADS,
    .n_bodies = N_THREADS,
    .n_instrs = N_THREADS * N_OF_THREAD,
    .n_values = 1,
    .n_objects = 1,
    .n_templates = 1,
    .n_holds = N_THREADS,
    .bodies = bodies,
    .instrs = instrs,
    .values = values,
    .templates = templates,
    .objects = objects,
    .holds = holds,
};

static void
fill_in_program(void)
{
    for (int t = 0; t < N_THREADS; t++) {
        bodies[t] = (rr_body){N_OF_THREAD * t, N_OF_THREAD, 1, -1, -1};
        holds[t] = (rr_hold){.thread = t, .local = 0, .object = 0, .owning = 1};
        for (int i = 0; i < N_OF_THREAD; i++) {
            int op = i == N_OF_THREAD - 1                     ? RR_OP_RETURN
                     : i == N_OF_THREAD - 2 || i % 2 == 1 ? RR_OP_DECREF
                                                          : RR_OP_INCREF;
            instrs[N_OF_THREAD * t + i] =
                (rr_instr){.op = op, .result = -1, .live = op != RR_OP_RETURN};
        }
    }
}

/* ---- one run ahead ------------------------------------------------------------------- */

enum { N_EXPANDED = 20 };

/* Expands some states, after a run ahead or without one.  False: there is no memory. */
static bool
open_expanded(int32_t n_frames, bool runs_ahead, bool *starts_again, rr_machine **m,
              rr_graph *g)
{
    const int32_t capacity[RR_N_CAPACITIES] = {[RR_CAPACITY_FRAMES] = n_frames};
    if (rr_machine_open(&program, RR_MODE_atomic, false, -1, capacity, m) != RR_OK) {
        return false;
    }
    if (rr_graph_open(*m, 1, false, false, 100000, 1 << 30, NULL, g) != RR_OK) {
        rr_machine_close(*m);
        return false;
    }
    rr_graph_expand(g, N_EXPANDED / 2);
    *starts_again = runs_ahead && rr_scout(g, 0, 4 * N_THREADS * N_OF_THREAD);
    rr_graph_expand(g, N_EXPANDED / 2);
    return true;
}

static void
close_expanded(rr_machine *m, rr_graph *g)
{
    rr_graph_close(g);
    rr_machine_close(m);
}

TEST(a_run_ahead_needs_the_frame_of_the_last_drop)
{
    fill_in_program();
    rr_machine *m;
    rr_graph g;
    bool starts_again;
    CHECK(open_expanded(0, true, &starts_again, &m, &g));
    CHECK(starts_again);
    CHECK(g.grow == RR_CAPACITY_FRAMES);
    close_expanded(m, &g);
    CHECK(open_expanded(1, true, &starts_again, &m, &g));
    CHECK(!starts_again);
    close_expanded(m, &g);
}

TEST(a_run_ahead_leaves_the_graph_as_it_is)
{
    fill_in_program();
    rr_machine *m, *m_alone;
    rr_graph g, alone;
    bool starts_again;
    CHECK(open_expanded(1, true, &starts_again, &m, &g));
    CHECK(open_expanded(1, false, &starts_again, &m_alone, &alone));
    CHECK(g.n_expanded == N_EXPANDED);
    CHECK(has_same_states(&g, &alone));
    CHECK(has_same_edges(&g, &alone));
    CHECK(g.n_transitions == alone.n_transitions);
    close_expanded(m, &g);
    close_expanded(m_alone, &alone);
}

/* ---- a search -------------------------------------------------------------------------- */

TEST(a_search_that_runs_ahead_starts_again_long_before_its_last_states)
{
    fill_in_program();
    const rr_search_config config = {
        .program = &program,
        .mode = RR_MODE_atomic,
        .only = -1,
        .max_states = 100000,
        .max_bytes = 1 << 30,
        .n_workers = 1,
    };
    rr_search *s = NULL;
    CHECK(search(&config, NULL, &s) == RR_OK);
    CHECK(s->graph.phase == RR_GRAPH_DONE);
    CHECK(rr_graph_n_states(&s->graph) > 2048);
    CHECK(s->capacity[RR_CAPACITY_FRAMES] == 1);
    CHECK(s->n_scouts == 2); /* the second one in the search that started again */
    rr_search_close(s);
}
