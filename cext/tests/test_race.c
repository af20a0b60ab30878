/* test_race.c -- the referee's counts: in turns from one thread, and on real threads. */
#include "race/race.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "modes/native_modes.h"
#include "tests/racing.h"
#include "tests/testing.h"

static rr_race_config
config_of(int mode, int n_threads, int64_t n_objects, int64_t hold, bool shared)
{
    rr_test_about(rr_mode_card_of(mode)->name);
    return (rr_race_config){
        .mode = mode,
        .n_threads = n_threads,
        .n_objects = n_objects,
        .hold = hold,
        .together = 1,
        .form = RR_BY_FOURS,
        .shared = shared,
        .seed = 1,
    };
}

/* What is true of every complete race, whatever the mode lost. */
static void
check_accounts(const rr_race_config *c, const rr_race_tally *t)
{
    int64_t objects = c->n_objects * c->together * (c->shared ? 1 : c->n_threads);
    int64_t takers = c->shared ? c->n_threads : 1;
    CHECK_EQUAL(t->objects, objects);
    CHECK_EQUAL(t->intact + t->leaked + t->freed_early, objects);
    CHECK_EQUAL(t->operations, objects * (2 * takers * c->hold + 1));
    CHECK(t->lost_increments >= 0);
    CHECK(t->lost_decrements >= 0);
    CHECK(t->crowded_ns <= t->busy_ns);
    if (t->freed_early == 0) {
        CHECK_EQUAL(t->drift, t->lost_decrements - t->lost_increments);
        CHECK_EQUAL(t->dangling_uses, 0);
    }
}

static void
check_intact(const rr_race_config *c, const rr_race_tally *t)
{
    check_accounts(c, t);
    CHECK_EQUAL(t->intact, t->objects);
    CHECK_EQUAL(t->dangling_uses, 0);
    CHECK_EQUAL(t->double_frees, 0);
    CHECK_EQUAL(t->lost_increments, 0);
    CHECK_EQUAL(t->lost_decrements, 0);
    CHECK_EQUAL(t->drift, 0);
}

TEST(a_setting_out_of_range_is_refused)
{
    const rr_race_config good = config_of(0, 2, 1, 1, true);
    rr_race_config bad[] = {good, good, good, good, good, good,
                            good, good, good, good, good, good};
    bad[0].mode = -1;
    bad[1].mode = RR_N_MODES;
    bad[2].n_threads = 0;
    bad[3].n_threads = RR_MAX_THREADS + 1;
    bad[4].n_objects = 0;
    bad[5].hold = 0;
    bad[6].together = 0;
    bad[7].together = RR_MAX_TOGETHER + 1;
    bad[8].form = -1;
    bad[9].form = RR_N_FORMS;
    bad[10].n_stretches = -1;
    bad[11].n_stretches = RR_MOST_STRETCHES + 1;
    for (int i = 0; i < 12; i++) {
        rr_race *race = NULL;
        CHECK_EQUAL(rr_race_open(&bad[i], &race), RR_EINVAL);
        CHECK(race == NULL);
    }
    rr_race_close(NULL);
}

TEST(operations_that_come_one_after_the_other_are_intact_in_every_mode)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int shared = 0; shared < 2; shared++) {
            for (int64_t budget = 1; budget <= 9; budget += 4) {
                rr_race_config config = config_of(mode, 3, 5, 4, shared != 0);
                rr_race *race;
                rr_race_tally tally;
                CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

                race_in_turns(race, 3, budget);

                rr_race_tally_of(race, &tally);
                check_intact(&config, &tally);
                CHECK_EQUAL(rr_race_progress(race), 5);
                rr_race_close(race);
            }
        }
    }
}

TEST(a_round_over_several_objects_is_accounted_for_object_by_object)
{
    const int64_t together[] = {2, 21, RR_MAX_TOGETHER};
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int i = 0; i < 6; i++) {
            rr_race_config config = config_of(mode, 3, 3, 20, i < 3);
            config.together = together[i % 3];
            config.form = i % RR_N_FORMS;
            rr_race *race;
            rr_race_tally tally;
            CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

            race_in_turns(race, 3, 7);

            rr_race_tally_of(race, &tally);
            check_intact(&config, &tally);
            CHECK_EQUAL(rr_race_progress(race), 3);
            rr_race_close(race);
        }
    }
}

TEST(every_form_of_the_loop_does_as_many_operations)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int i = 0; i < 2 * RR_N_FORMS; i++) {
            rr_race_config config = config_of(mode, 2, 4, 83, true);
            config.form = i % RR_N_FORMS;
            config.together = i < RR_N_FORMS ? 1 : 53;
            rr_race *race;
            rr_race_tally tally;
            CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

            race_in_turns(race, 2, 37);

            rr_race_tally_of(race, &tally);
            check_intact(&config, &tally);
            rr_race_close(race);
        }
    }
}

TEST(one_thread_alone_is_intact_in_every_mode_and_never_crowded)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_race_config config = config_of(mode, 1, 50, 7, true);
        rr_race *race;
        rr_race_tally tally;
        CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

        rr_test_threads(1, race_on_thread, race);

        rr_race_tally_of(race, &tally);
        check_intact(&config, &tally);
        CHECK_EQUAL(tally.crowded_ns, 0);
        rr_race_close(race);
    }
}

TEST(an_object_is_late_exactly_when_others_than_its_owner_drop_the_last_reference)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int foreign = 0; foreign < 2; foreign++) {
            rr_race_config config = config_of(mode, 1, 50, 7, true);
            config.foreign = foreign != 0;
            rr_race *race;
            rr_race_tally tally;
            CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

            race_in_turns(race, 1, 5);

            rr_race_tally_of(race, &tally);
            check_intact(&config, &tally);
            bool has_lanes = rr_native_modes[mode]->n_lanes > 0;
            bool waits = has_lanes || (rr_mode_traits_of(mode).settles && !config.foreign);
            CHECK_EQUAL(tally.freed_late, waits ? 50 : 0);
            CHECK(tally.late_ns >= 0);
            CHECK(waits || tally.late_ns == 0);
            rr_race_close(race);
        }
    }
}

TEST(slots_are_renewed_over_many_more_objects_than_there_are_slots)
{
    rr_race_config config = config_of(0, 1, 5000, 1, true);
    rr_race *race;
    rr_race_tally tally;
    CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);
    int64_t live = rr_alloc_live();

    race_in_turns(race, 1, 1000);

    rr_race_tally_of(race, &tally);
    check_intact(&config, &tally);
    CHECK_EQUAL(rr_alloc_live(), live);
    rr_race_close(race);
}

static void
race_on_threads_as(rr_race_config config)
{
    int mode = config.mode, n_threads = config.n_threads;
    rr_race *race;
    rr_race_tally tally;
    CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

    rr_test_threads(n_threads, race_on_thread, race);

    rr_race_tally_of(race, &tally);
    if (rr_mode_card_of(mode)->claim == RR_CORRECT || !config.shared) {
        check_intact(&config, &tally);
    }
    else {
        check_accounts(&config, &tally);
    }
    rr_race_close(race);
}

static void
race_on_threads(int mode, int n_threads, bool shared, bool in_turns)
{
    rr_race_config config = config_of(mode, n_threads, 100, 512, shared);
    config.in_turns = in_turns;
    race_on_threads_as(config);
}

TEST(two_threads_are_intact_in_modes_that_claim_it_and_accounted_for_in_every)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        race_on_threads(mode, 2, true, false);
    }
}

TEST(more_threads_than_cores_are_accounted_for_too)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        race_on_threads(mode, 5, true, false);
    }
}

TEST(objects_that_no_two_threads_share_are_intact_in_every_mode)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        race_on_threads(mode, 2, false, false);
    }
}

TEST(threads_that_go_round_over_many_objects_are_accounted_for_too)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int shared = 0; shared < 2; shared++) {
            rr_race_config config = config_of(mode, 2, 5, 128, shared != 0);
            config.together = RR_MAX_TOGETHER;
            race_on_threads_as(config);
        }
    }
}

TEST(time_by_the_call_is_accounted_for_like_time_by_the_phase)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        race_on_threads(mode, 2, true, true);
    }
}

static void
stop_in_the_middle(void *arg, int thread)
{
    rr_race *race = arg;
    if (thread == 0) {
        while (rr_race_progress(race) < 3) {
            if (rr_race_advance(race, 0, 16) == RR_TURN_WAIT) {
                rr_race_pause(race, 0);
            }
        }
        rr_race_stop(race);
    }
    race_on_thread(race, thread);
}

TEST(a_stopped_race_ends_for_all_and_accounts_for_what_was_settled)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_race_config config = config_of(mode, 2, INT64_C(1) << 40, 8, true);
        rr_race *race;
        rr_race_tally tally;
        CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

        rr_test_threads(2, stop_in_the_middle, race);

        rr_race_tally_of(race, &tally);
        CHECK(tally.objects >= 3);
        CHECK_EQUAL(tally.objects, rr_race_progress(race));
        CHECK_EQUAL(tally.intact + tally.leaked + tally.freed_early, tally.objects);
        CHECK_EQUAL(tally.operations, tally.objects * (2 * 2 * 8 + 1));
        rr_race_close(race);
    }
}

TEST(a_race_stopped_before_it_begins_has_settled_nothing)
{
    rr_race_config config = config_of(0, 2, 10, 8, true);
    rr_race *race;
    rr_race_tally tally;
    CHECK_EQUAL(rr_race_open(&config, &race), RR_OK);

    rr_race_stop(race);
    race_in_turns(race, 2, 100);

    rr_race_tally_of(race, &tally);
    CHECK_EQUAL(tally.objects, 0);
    CHECK_EQUAL(tally.operations, 0);
    CHECK_EQUAL(tally.elapsed_ns, 0);
    rr_race_close(race);
}

static int
open_and_close(void)
{
    rr_race_config config = config_of(0, 3, 10, 4, false);
    config.n_stretches = 7;
    rr_race *race;
    int status = rr_race_open(&config, &race);
    if (status == RR_OK) {
        rr_race_close(race);
    }
    return status;
}

TEST(every_allocation_of_an_opening_may_fail)
{
    rr_test_allocation_faults(open_and_close);
}
