/* test_outcomes.c -- the sets of kinds in which runs end, and their numbers. */
#include "explore/successors.h"
#include "tests/testing.h"

/* Different sets for different numbers: an odd factor loses nothing modulo a power of two. */
static uint32_t
some_set(int i)
{
    return (uint32_t)i * 40503 % (UINT32_C(1) << RR_N_FINDINGS);
}

TEST(every_set_keeps_the_number_with_which_it_came_and_a_full_table_takes_no_more)
{
    static uint16_t outcome_at[RR_OUTCOME_SLOTS];
    static uint32_t outcomes[RR_MAX_OUTCOMES];
    rr_graph g = {.outcome_at = outcome_at, .outcomes = outcomes};
    for (int i = 0; i < RR_MAX_OUTCOMES; i++) {
        CHECK(rr_graph_outcome(&g, some_set(i)) == i);
    }
    for (int i = 0; i < RR_MAX_OUTCOMES; i++) {
        CHECK(rr_graph_known_outcome(&g, some_set(i)) == i);
        CHECK(rr_graph_outcome(&g, some_set(i)) == i);
        CHECK(outcomes[i] == some_set(i));
    }
    CHECK(g.n_outcomes == RR_MAX_OUTCOMES);
    CHECK(rr_graph_outcome(&g, some_set(RR_MAX_OUTCOMES)) == -1);
}
