/* test_barrier.c -- the barrier opens once per round, and orders what was written. */
#include "base/rr_clock.h"
#include "race/barrier.h"
#include "tests/testing.h"

TEST(only_the_last_to_arrive_learns_that_it_is_the_last)
{
    rr_barrier barrier = {.n_threads = 3};
    for (int round = 0; round < 3; round++) {
        CHECK(!rr_barrier_arrive(&barrier));
        CHECK(!rr_barrier_arrive(&barrier));
        CHECK_EQUAL(rr_barrier_round(&barrier), round);

        CHECK(rr_barrier_arrive(&barrier));
        CHECK_EQUAL(rr_barrier_round(&barrier), round);
        rr_barrier_open(&barrier);
        CHECK_EQUAL(rr_barrier_round(&barrier), round + 1);
    }
}

TEST(a_thread_alone_is_always_the_last)
{
    rr_barrier barrier = {.n_threads = 1};
    CHECK(rr_barrier_arrive(&barrier));
    rr_barrier_open(&barrier);
    CHECK(rr_barrier_arrive(&barrier));
}

enum { THREADS = 3, ROUNDS = 200 };

typedef struct meeting {
    rr_barrier barrier;
    /* Plain memory on purpose: only the barrier orders it, and ThreadSanitizer checks
     * that. */
    int64_t written[THREADS];
    int64_t sum;
} meeting;

static void
meet(void *arg, int thread)
{
    meeting *m = arg;
    for (int64_t round = 0; round < ROUNDS; round++) {
        m->written[thread] = round + thread;
        if (rr_barrier_arrive(&m->barrier)) {
            m->sum = 0;
            for (int t = 0; t < THREADS; t++) {
                m->sum += m->written[t];
            }
            rr_barrier_open(&m->barrier);
        }
        while (rr_barrier_round(&m->barrier) == round) {
            rr_yield();
        }
        CHECK_EQUAL(m->sum, THREADS * round + 0 + 1 + 2);
    }
}

TEST(what_all_wrote_before_is_seen_by_the_last_and_what_it_wrote_by_all)
{
    meeting m = {.barrier = {.n_threads = THREADS}};
    rr_test_threads(THREADS, meet, &m);
    CHECK_EQUAL(rr_barrier_round(&m.barrier), ROUNDS);
}
