/* test_stretches.c -- when threads were inside, with turns and without. */
#include "race/race.h"

#include "base/rr_status.h"
#include "modes/native_modes.h"
#include "tests/racing.h"
#include "tests/testing.h"

static rr_race_config
a_small_race(void)
{
    return (rr_race_config){
        .n_threads = 2,
        .n_objects = 6,
        .hold = 8,
        .together = 1,
        .form = RR_BY_FOURS,
        .shared = true,
        .seed = 1,
    };
}

/* Checks each stretch of a thread, and that together they have so many operations. */
static void
check_stretches(const rr_race *race, int thread, int64_t most, int64_t operations)
{
    const rr_race_stretch *kept = NULL;
    int64_t n = rr_race_stretches_of(race, thread, &kept);
    CHECK(n <= most);
    for (int64_t i = 0; i < n; i++) {
        CHECK(0 <= kept[i].begin_ns && kept[i].begin_ns <= kept[i].end_ns);
        CHECK(i == 0 || kept[i - 1].end_ns <= kept[i].begin_ns);
        CHECK(i == 0 || kept[i - 1].round <= kept[i].round);
        operations -= kept[i].operations;
    }
    CHECK_EQUAL(operations, 0);
}

TEST(the_stretches_of_a_thread_have_all_its_operations)
{
    for (int turns = 0; turns < 2; turns++) {
        rr_race_config config = a_small_race();
        config.in_turns = turns != 0;
        config.n_stretches = 1000;
        rr_race *race;
        CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

        race_in_turns(race, 2, 5);

        for (int t = 0; t < 2; t++) {
            check_stretches(race, t, 1000, 6 * 2 * 8);
        }
        rr_race_close(race);
    }
}

TEST(a_phase_is_one_stretch_where_threads_do_not_take_turns)
{
    rr_race_config config = a_small_race();
    config.n_stretches = 1000;
    rr_race *race;
    const rr_race_stretch *kept = NULL;
    CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

    rr_test_threads(2, race_on_thread, race);

    for (int t = 0; t < 2; t++) {
        int64_t n = rr_race_stretches_of(race, t, &kept);
        CHECK(n % 2 == 0 && n <= 12); /* a batch may have several rounds */
        for (int64_t i = 0; i < n; i++) {
            CHECK_EQUAL(kept[i].drops, i % 2 == 1);
        }
        check_stretches(race, t, 1000, 6 * 2 * 8);
    }
    CHECK_EQUAL(rr_race_stretches_of(race, 2, &kept), RR_EINVAL);
    CHECK_EQUAL(rr_race_stretches_of(race, -1, &kept), RR_EINVAL);
    rr_race_close(race);
}

TEST(only_the_first_stretches_are_kept_and_none_unless_asked_for)
{
    for (int64_t most = 0; most < 4; most += 3) {
        rr_race_config config = a_small_race();
        config.n_stretches = most;
        rr_race *race;
        const rr_race_stretch *kept = NULL;
        CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

        race_in_turns(race, 2, 100);

        CHECK_EQUAL(rr_race_stretches_of(race, 0, &kept), most);
        check_stretches(race, 0, most, most * 8);
        rr_race_close(race);
    }
}
