/* test_step_cache.c -- a search finds the same with the steps that it remembers. */
#include <string.h>

#include "base/rr_alloc.h"
#include "modes/model_modes.h"
#include "tests/same_search.h"
#include "tests/testing.h"

/* Three threads borrow A from S: each may add to N, and counts A up and down.  The end
 * block adds to N. */
enum { N_THREADS = 3, N_OF_THREAD = 5, N_END = 2, END = N_THREADS * N_OF_THREAD };

static rr_body bodies[N_THREADS + 2];
static rr_instr instrs[END + 2 * N_END];
static rr_value values[] = {{.kind = RR_VALUE_LOCAL, .x = 0}};
static rr_cell cells[] = {
    {.owning = 1, .initial = 2, .callback = -1},
    {.initial = 1, .callback = -1},
};
static rr_template templates[] = {{.finaliser = -1, .count = 1}};
static rr_named_object objects[] = {{.type = 0, .count = 1}};
static rr_hold holds[N_THREADS];
static rr_program program = {
    .n_threads = N_THREADS,
    .n_values = 1,
    .n_cells = 2,
    .n_objects = 1,
    .n_templates = 1,
    .n_holds = N_THREADS,
    .bodies = bodies,
    .instrs = instrs,
    .values = values,
    .cells = cells,
    .templates = templates,
    .objects = objects,
    .holds = holds,
};

static rr_instr
on_number(int op)
{
    return (rr_instr){.op = op, .result = -1, .p = {-1, 1}};
}

static void
write_program(int last_op, bool has_end)
{
    const int ops[N_OF_THREAD] = {RR_OP_MAYBE, RR_OP_INCREF, RR_OP_DECREF, last_op,
                                  RR_OP_RETURN};
    int n_first = N_THREADS + has_end;
    for (int t = 0; t < N_THREADS; t++) {
        bodies[t] = (rr_body){N_OF_THREAD * t, N_OF_THREAD, 1, -1, -1};
        holds[t] = (rr_hold){.thread = t, .local = 0, .object = 0, .owning = 0};
        for (int i = 0; i < N_OF_THREAD; i++) {
            int32_t sub = ops[i] == RR_OP_MAYBE ? n_first : 0;
            instrs[N_OF_THREAD * t + i] = (rr_instr){
                .op = ops[i], .result = -1, .p = {sub}, .live = ops[i] != RR_OP_RETURN};
        }
    }
    for (int b = N_THREADS; b <= n_first; b++) { /* the end block, the sub-program */
        int32_t base = END + N_END * (b - N_THREADS);
        bodies[b] = (rr_body){base, N_END, 0, -1, -1};
        instrs[base] = on_number(RR_OP_FINC);
        instrs[base + 1] = (rr_instr){.op = RR_OP_RETURN, .result = -1};
    }
    program.has_end = has_end;
    program.n_bodies = n_first + 1;
    program.n_instrs = END + N_END * (1 + has_end);
}

static rr_search_config
config_of(int mode)
{
    return (rr_search_config){
        .program = &program,
        .mode = mode,
        .only = -1,
        .max_states = 1000000,
        .max_bytes = 1 << 30,
        .n_workers = 1,
    };
}

/* A search that takes every step.  It may start again in a wider layout, with a cache
 * anew. */
static int
search_without(const rr_search_config *config, rr_search **out)
{
    int status = rr_search_open(config, out);
    while (status == RR_OK && (*out)->phase != RR_SEARCH_DONE) {
        (*out)->graph.cache.is_on = false;
        status = rr_search_advance(*out);
    }
    return status;
}

static bool
is_same(const rr_search_config *config, bool *remembers, uint32_t *n_states)
{
    rr_search *with = NULL, *without = NULL;
    bool is_open = rr_search_open(config, &with) == RR_OK;
    *remembers = is_open && with->graph.cache.is_on;
    while (is_open && with->phase != RR_SEARCH_DONE && rr_search_advance(with) == RR_OK) {
    }
    bool same = is_open && search_without(config, &without) == RR_OK &&
                has_same_states(&with->graph, &without->graph) &&
                has_same_edges(&with->graph, &without->graph) && has_same_end(with, without);
    *n_states = same ? rr_graph_n_states(&with->graph) : 0;
    rr_search_close(with);
    rr_search_close(without);
    return same;
}

TEST(a_search_finds_the_same_with_remembered_steps_in_every_mode)
{
    int n_remembering = 0;
    for (int end = 0; end < 2; end++) {
        write_program(RR_OP_INCREF, end);
        for (int mode = 0; mode < RR_N_MODES; mode++) {
            rr_search_config config = config_of(mode);
            bool remembers;
            uint32_t n_states;
            rr_test_about(rr_mode_card_of(mode)->name);
            CHECK(is_same(&config, &remembers, &n_states));
            CHECK(n_states > 100);
            n_remembering += remembers;
        }
    }
    CHECK(n_remembering >= 8);
}

TEST(steps_that_depend_on_other_threads_are_not_remembered)
{
    bool remembers;
    uint32_t n_states;
    write_program(RR_OP_INCREF, false);
    rr_search_config config = config_of(RR_MODE_biased);
    CHECK(is_same(&config, &remembers, &n_states));
    CHECK(!remembers);
    config = config_of(RR_MODE_unlocked);
    config.gil_held = true;
    CHECK(is_same(&config, &remembers, &n_states));
    CHECK(!remembers);
    config.gil_held = false;
    write_program(RR_OP_PUT, false); /* a buffered write */
    CHECK(is_same(&config, &remembers, &n_states));
    CHECK(!remembers);
    write_program(RR_OP_USE, false);
    CHECK(is_same(&config, &remembers, &n_states));
    CHECK(remembers);
}

TEST(a_search_goes_on_without_memory_for_remembered_steps)
{
    write_program(RR_OP_INCREF, false);
    rr_search_config config = config_of(RR_MODE_unlocked);
    rr_search *s = NULL;
    CHECK_EQUAL(rr_search_open(&config, &s), RR_OK);
    CHECK(s->graph.cache.is_on);
    (void)rr_alloc_fail_at(1);
    rr_step_cache_fit(&s->graph.cache, 1000);
    CHECK_EQUAL(rr_alloc_fail_at(0), 0);
    CHECK(!s->graph.cache.is_on);
    while (s->phase != RR_SEARCH_DONE) {
        CHECK_EQUAL(rr_search_advance(s), RR_OK);
    }
    rr_search_close(s);
    CHECK_EQUAL(rr_alloc_live(), 0);
}
