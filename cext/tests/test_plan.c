/* test_plan.c -- where widened rounds pause: by the seed alone, everywhere, and early. */
#include "conformance/plan.h"
#include "tests/testing.h"

enum { N_SEEDS = 30, N_THREADS = 3, MOST_PLACES = 12 };

static const int64_t moves[N_THREADS] = {4, 9, MOST_PLACES};

/* The number of plans of one kind until all places have occurred; -1: too many. */
static int
count_until_covered(uint64_t seed, int n_threads)
{
    rr_planner planner = {.seed = seed, .n_threads = n_threads};
    bool has_been[N_THREADS][MOST_PLACES] = {{false}};
    int64_t n_left = 0;
    for (int t = 0; t < n_threads; t++) {
        n_left += moves[t] - 1;
    }
    for (int n = 0; n < 1000;) {
        rr_plan plan = rr_planner_next(&planner, moves);
        if (plan.kind != RR_PLAN_ONE_PAUSE) {
            continue;
        }
        n++;
        bool *was = &has_been[plan.pauses[0].thread][plan.pauses[0].before];
        n_left -= !*was;
        *was = true;
        if (n_left == 0) {
            return n;
        }
    }
    return -1;
}

TEST(one_pause_comes_to_every_place_of_every_thread_before_two_pauses_prevail)
{
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        int n = count_until_covered(seed, 2);
        CHECK(n > 0 && n <= 2 * (3 + 8) + 10);
        n = count_until_covered(seed, N_THREADS);
        CHECK(n > 0 && n <= 2 * (3 + 8 + 11) + 20);
    }
}

TEST(two_pauses_come_to_every_pair_of_places)
{
    static const int64_t few[2] = {4, 6};
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        rr_planner planner = {.seed = seed, .n_threads = 2};
        bool has_been[2][6][6] = {{{false}}};
        int n_left = 2 * 3 * 5, n = 0;
        while (n_left > 0 && n < 1000) {
            rr_plan plan = rr_planner_next(&planner, few);
            if (plan.kind != RR_PLAN_TWO_PAUSES) {
                continue;
            }
            n++;
            const rr_pause *p = plan.pauses;
            if (p[0].thread != p[1].thread) {
                bool *was = &has_been[p[0].thread][p[0].before][p[1].before];
                n_left -= !*was;
                *was = true;
            }
        }
        CHECK_EQUAL(n_left, 0);
        CHECK(n < 6 * 2 * 3 * 5);
    }
}

TEST(a_pause_is_before_a_move_that_the_thread_has_and_not_its_first)
{
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        rr_planner planner = {.seed = seed, .n_threads = N_THREADS};
        for (int i = 0; i < 200; i++) {
            rr_plan plan = rr_planner_next(&planner, moves);
            CHECK(plan.n_pauses <= RR_MAX_PAUSES);
            for (int k = 0; k < plan.n_pauses; k++) {
                const rr_pause *pause = &plan.pauses[k];
                CHECK(pause->thread >= 0 && pause->thread < N_THREADS);
                CHECK(pause->before >= 1 && pause->before < moves[pause->thread]);
            }
        }
    }
}

TEST(threads_begin_in_every_order_and_the_one_that_pauses_never_last)
{
    bool has_been[N_THREADS][N_THREADS] = {{false}};
    rr_planner planner = {.seed = 1, .n_threads = N_THREADS};
    for (int i = 0; i < 400; i++) {
        rr_plan plan = rr_planner_next(&planner, moves);
        int mask = 0;
        for (int k = 0; k < N_THREADS; k++) {
            mask |= 1 << plan.order[k];
        }
        CHECK_EQUAL(mask, (1 << N_THREADS) - 1);
        if (plan.kind == RR_PLAN_ONE_PAUSE) {
            CHECK(plan.pauses[0].thread != plan.order[N_THREADS - 1]);
            has_been[plan.order[0]][plan.order[1]] = true;
        }
    }
    for (int a = 0; a < N_THREADS; a++) {
        for (int b = 0; b < N_THREADS; b++) {
            CHECK(has_been[a][b] == (a != b));
        }
    }
}

TEST(plans_depend_on_the_seed_and_on_the_moves_alone)
{
    rr_planner one = {.seed = 7, .n_threads = 2}, same = one;
    rr_planner other = {.seed = 8, .n_threads = 2};
    int n_other = 0;
    for (int i = 0; i < 100; i++) {
        rr_plan a = rr_planner_next(&one, moves), b = rr_planner_next(&same, moves);
        rr_plan c = rr_planner_next(&other, moves);
        CHECK_EQUAL((int)a.kind, (int)b.kind);
        CHECK_EQUAL(a.pauses[0].thread, b.pauses[0].thread);
        CHECK_EQUAL(a.pauses[0].before, b.pauses[0].before);
        CHECK_EQUAL(a.pauses[1].before, b.pauses[1].before);
        n_other += a.pauses[0].before != c.pauses[0].before;
    }
    CHECK(n_other > 0);
}

TEST(a_thread_whose_moves_are_not_known_or_one_has_a_place_all_the_same)
{
    static const int64_t unknown[2] = {0, 1};
    rr_planner planner = {.seed = 3, .n_threads = 2};
    for (int i = 0; i < 100; i++) {
        rr_plan plan = rr_planner_next(&planner, unknown);
        for (int k = 0; k < plan.n_pauses; k++) {
            CHECK(plan.pauses[k].before >= 1);
        }
    }
}
