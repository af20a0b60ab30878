/* test_ring.c -- deadlocks on real threads: certain or impossible, and always undone. */
#include "lessons/ring.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "tests/testing.h"

/* Longer than any run that makes progress takes. */
static const int64_t PATIENCE_NS = INT64_C(300) * 1000000000;

static void
run_on_thread(void *arg, int thread)
{
    rr_ring_run(arg, thread);
}

static void
check_ring(const rr_ring_config *config)
{
    int n = config->n_threads;
    bool deadlocks = config->order == RR_ORDER_OPPOSITE && !config->global_lock;
    rr_ring *ring;
    CHECK_EQUAL(rr_ring_open(config, &ring), RR_OK);
    rr_test_threads(n, run_on_thread, ring);
    rr_ring_result result;
    rr_ring_result_of(ring, &result);
    rr_ring_close(ring);

    CHECK_EQUAL(result.n_edges, deadlocks ? n : 0);
    CHECK_EQUAL(result.n_finished, deadlocks ? n - 1 : n);
    CHECK(!result.expired);
    for (int e = 0; e < result.n_edges; e++) {
        const rr_wait_edge *edge = &result.cycle[e];
        CHECK_EQUAL(edge->holds, edge->thread);
        CHECK_EQUAL(edge->waits_for, (edge->thread + 1) % n);
        CHECK_EQUAL(result.cycle[(e + 1) % n].holds, edge->waits_for);
    }
}

TEST(opposite_order_deadlocks_with_a_lock_per_object_and_nothing_else_does)
{
    static const int sizes[] = {2, 3, 8, RR_MAX_WAITERS};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int which = 0; which < 4; which++) {
            check_ring(&(rr_ring_config){
                .n_threads = sizes[i],
                .order = which & 1 ? RR_ORDER_OPPOSITE : RR_ORDER_SAME,
                .global_lock = which & 2,
                .timeout_ns = PATIENCE_NS,
            });
        }
    }
}

TEST(a_timeout_of_nothing_lets_nobody_have_a_lock)
{
    rr_ring *ring;
    rr_ring_config config = {.n_threads = 3, .order = RR_ORDER_OPPOSITE};
    CHECK_EQUAL(rr_ring_open(&config, &ring), RR_OK);
    rr_test_threads(3, run_on_thread, ring);
    rr_ring_result result;
    rr_ring_result_of(ring, &result);
    rr_ring_close(ring);
    CHECK(result.expired);
    CHECK_EQUAL(result.n_finished + result.n_edges + result.n_waits, 0);
}

TEST(arguments_outside_their_range_are_refused)
{
    rr_ring *ring;
    rr_lock_graph *graph;
    CHECK_EQUAL(rr_ring_open(&(rr_ring_config){.n_threads = 1}, &ring), RR_EINVAL);
    CHECK_EQUAL(rr_ring_open(&(rr_ring_config){.n_threads = RR_MAX_WAITERS + 1}, &ring),
                RR_EINVAL);
    CHECK_EQUAL(
        rr_ring_open(&(rr_ring_config){.n_threads = 2, .timeout_ns = -1}, &ring),
        RR_EINVAL);
    CHECK_EQUAL(rr_lock_graph_open(0, 1, 0, &graph), RR_EINVAL);
    CHECK_EQUAL(rr_lock_graph_open(1, 0, 0, &graph), RR_EINVAL);
    CHECK_EQUAL(rr_lock_graph_open(1, RR_MAX_WAITERS + 1, 0, &graph), RR_EINVAL);
}

static int
open_and_close(void)
{
    rr_ring *ring;
    int status = rr_ring_open(&(rr_ring_config){.n_threads = 4}, &ring);
    if (status == RR_OK) {
        rr_ring_close(ring);
    }
    return status;
}

TEST(each_allocation_may_fail)
{
    rr_test_allocation_faults(open_and_close);
}
