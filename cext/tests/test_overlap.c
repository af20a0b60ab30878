/* test_overlap.c -- the time with one and with two inside, on hand-made intervals. */
#include "race/overlap.h"
#include "tests/testing.h"

static void
check(const rr_interval *intervals, int n, int64_t busy_ns, int64_t crowded_ns)
{
    rr_overlap overlap = rr_overlap_of(intervals, n);
    CHECK_EQUAL(overlap.busy_ns, busy_ns);
    CHECK_EQUAL(overlap.crowded_ns, crowded_ns);
}

TEST(one_alone_is_never_crowded)
{
    check((rr_interval[]){{10, 30}}, 1, 20, 0);
}

TEST(intervals_apart_do_not_overlap_and_the_gap_is_not_busy)
{
    check((rr_interval[]){{0, 10}, {50, 60}}, 2, 20, 0);
}

TEST(intervals_that_touch_do_not_overlap)
{
    check((rr_interval[]){{0, 10}, {10, 20}}, 2, 20, 0);
}

TEST(two_that_overlap_partly_are_crowded_for_that_part)
{
    check((rr_interval[]){{0, 10}, {6, 20}}, 2, 20, 4);
    check((rr_interval[]){{6, 20}, {0, 10}}, 2, 20, 4);
}

TEST(one_inside_another_is_crowded_for_the_inner)
{
    check((rr_interval[]){{0, 100}, {40, 50}}, 2, 100, 10);
}

TEST(three_at_once_are_crowded_once)
{
    /* Busy 0 to 30; two inside 5 to 10 and 20 to 25, three 10 to 20. */
    check((rr_interval[]){{0, 20}, {5, 25}, {10, 30}}, 3, 30, 20);
}

TEST(an_empty_interval_counts_as_absent)
{
    check((rr_interval[]){{0, 10}, {5, 5}, {8, 2}}, 3, 10, 0);
    check((rr_interval[]){{0, 0}}, 1, 0, 0);
}

TEST(as_many_intervals_as_are_allowed_fit)
{
    rr_interval intervals[RR_MAX_INTERVALS];
    for (int t = 0; t < RR_MAX_INTERVALS; t++) {
        intervals[t] = (rr_interval){t, 1000 - t};
    }
    check(intervals, RR_MAX_INTERVALS, 1000, 998);
}
