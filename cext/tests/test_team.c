/* test_team.c -- a search in several threads finds what a search in one finds, in the same
 * order. */
#include <errno.h>
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "modes/model_modes.h"
#include "tests/same_search.h"
#include "tests/testing.h"

/* Three threads that borrow A from S, increment its count and decrement it, twice. */
enum { N_THREADS = 3, N_PAIRS = 2, N_OF_THREAD = 2 * N_PAIRS + 1 };

static rr_body bodies[N_THREADS];
static rr_instr instrs[N_THREADS * N_OF_THREAD];
static rr_value values[] = {{.kind = RR_VALUE_LOCAL, .x = 0}};
static rr_cell cells[] = {{.owning = 1, .initial = 2, .callback = -1}};
static rr_template templates[] = {{.finaliser = -1, .count = 1}};
static rr_named_object objects[] = {{.type = 0, .count = 1}};
static rr_hold holds[N_THREADS];
static const rr_program program = {
    .n_threads = N_THREADS,
    .n_bodies = N_THREADS,
    .n_instrs = N_THREADS * N_OF_THREAD,
    .n_values = 1,
    .n_cells = 1,
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

static rr_search_config
config_of(int mode)
{
    for (int t = 0; t < N_THREADS; t++) {
        bodies[t] = (rr_body){N_OF_THREAD * t, N_OF_THREAD, 1, -1, -1};
        holds[t] = (rr_hold){.thread = t, .local = 0, .object = 0, .owning = 0};
        for (int i = 0; i < N_OF_THREAD; i++) {
            int op = i == 2 * N_PAIRS ? RR_OP_RETURN
                     : i % 2 == 0     ? RR_OP_INCREF
                                      : RR_OP_DECREF;
            instrs[N_OF_THREAD * t + i] =
                (rr_instr){.op = op, .result = -1, .live = op != RR_OP_RETURN};
        }
    }
    return (rr_search_config){
        .program = &program,
        .mode = mode,
        .only = -1,
        .max_states = 1000000,
        .max_bytes = 1 << 30,
        .n_workers = 1,
        .fewest = 1,
    };
}

/* ---- the same search -------------------------------------------------------------- */

/* Searches with a number of workers, and compares.  Returns how many states there are. */
static uint32_t
compare(rr_search_config config, int n_workers, rr_thread_starter starter)
{
    rr_search *alone = NULL, *team = NULL;
    if (search(&config, NULL, &alone) != RR_OK) {
        return 0;
    }
    config.n_workers = n_workers;
    uint32_t n = 0;
    if (search(&config, starter, &team) == RR_OK) {
        bool is_same = has_same_states(&alone->graph, &team->graph) &&
                       has_same_edges(&alone->graph, &team->graph) &&
                       has_same_end(alone, team);
        n = is_same ? rr_graph_n_states(&team->graph) : 0;
        rr_search_close(team);
    }
    rr_search_close(alone);
    return n;
}

TEST(a_team_numbers_all_states_and_edges_as_one_thread_does)
{
    const int modes[] = {RR_MODE_unlocked, RR_MODE_atomic, RR_MODE_biased};
    for (int i = 0; i < 3; i++) {
        rr_search_config config = config_of(modes[i]);
        rr_test_about(rr_mode_card_of(modes[i])->name);
        CHECK(compare(config, 2 + i % 2, NULL) > 100);
        config.use_symmetry = true;
        CHECK(compare(config, 2, NULL) > 20);
        config.is_reduced = true;
        CHECK(compare(config, 2, NULL) > 20);
    }
}

TEST(a_team_numbers_all_states_under_c11_as_one_thread_does)
{
    for (int has_sites = 0; has_sites < 2; has_sites++) {
        static rr_ways ways;
        static rr_sites sites;
        const rr_weak weak = {.history = 4, .ways = &ways,
                              .sites = has_sites ? &sites : NULL};
        rr_search_config config = config_of(RR_MODE_unlocked);
        memset(&ways, 0, sizeof ways);
        config.weak = &weak;
        CHECK(compare(config, 2, NULL) > 100);
        CHECK(!has_sites || sites.n > 0);
    }
}

TEST(a_team_stops_at_a_limit_before_the_same_state)
{
    rr_search_config config = config_of(RR_MODE_unlocked);
    const uint64_t states[] = {1, 2, 7, 65, 500, 501, 1000};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        config.max_states = states[i];
        CHECK(compare(config, 2, NULL) > states[i]);
    }
    config.max_states = 1000000;
    for (uint64_t bytes = 1 << 18; bytes <= 1 << 20; bytes *= 2) {
        config.max_bytes = bytes;
        CHECK(compare(config, 2, NULL) > 0);
    }
}

/* ---- threads and memory that there are not ------------------------------------------ */

static int n_refused;

static int
refuse(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *of)
{
    (void)thread, (void)attributes, (void)body, (void)of;
    n_refused++;
    return EAGAIN;
}

static int
start_every_other(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *),
                  void *of)
{
    static int n;
    return ++n % 2 == 1 ? pthread_create(thread, attributes, body, of)
                        : refuse(thread, attributes, body, of);
}

TEST(without_threads_a_search_goes_on_alone)
{
    rr_search_config config = config_of(RR_MODE_unlocked);
    n_refused = 0;
    CHECK(compare(config, 2, refuse) > 1000);
    CHECK_EQUAL(n_refused, 1);
    CHECK(compare(config, 3, start_every_other) > 1000);
    CHECK(n_refused > 1);
}

/* Without memory for the team the search goes on alone; without memory for a state it ends
 * as in one thread. */
TEST(each_failed_allocation_ends_the_search_or_leaves_it_alone)
{
    rr_search_config config = config_of(RR_MODE_atomic);
    rr_search *s = NULL;
    CHECK_EQUAL(search(&config, NULL, &s), RR_OK);
    uint32_t n_states = rr_graph_n_states(&s->graph);
    rr_search_close(s);
    config.n_workers = 2;
    bool has_failed = true;
    for (int n = 1; has_failed; n++) {
        (void)rr_alloc_fail_at(n);
        int status = search(&config, NULL, &s);
        has_failed = rr_alloc_fail_at(0) == 0;
        if (status == RR_OK) {
            bool is_whole = rr_graph_n_states(&s->graph) == n_states;
            bool is_limited = s->limit == RR_LIMIT_MEMORY;
            rr_search_close(s);
            CHECK(is_whole || (has_failed && is_limited));
        }
        else {
            CHECK_EQUAL(status, RR_ENOMEM);
            CHECK(has_failed);
        }
        CHECK_EQUAL(rr_alloc_live(), 0);
    }
}
