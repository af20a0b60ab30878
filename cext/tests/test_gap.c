/* test_gap.c -- widened gaps change nothing but the moment of an access. */
#include "mem/rr_gap.h"

#include "arena/arena.h"
#include "base/rr_status.h"
#include "race/race.h"
#include "tests/racing.h"
#include "tests/testing.h"

enum { N_OBJECTS = 12, HOLD = 24 };

static rr_race_tally
race_widened(int mode, int n_threads, bool shared, int32_t odds, uint64_t seed)
{
    rr_test_about(rr_mode_card_of(mode)->name);
    rr_race *race;
    rr_race_tally tally = {0};
    rr_race_config config = {
        .mode = mode,
        .n_threads = n_threads,
        .n_objects = N_OBJECTS,
        .hold = HOLD,
        .together = 1,
        .shared = shared,
        .gap_odds = odds,
        .seed = seed,
    };
    if (rr_race_open(&config, &race) != RR_OK) {
        rr_test_failed(__FILE__, __LINE__, "the race does not open");
        return tally;
    }
    rr_test_threads(n_threads, race_on_thread, race);
    rr_race_tally_of(race, &tally);
    rr_race_close(race);
    return tally;
}

static void
check_intact(const rr_race_tally *t)
{
    CHECK(t->objects > 0);
    CHECK_EQUAL(t->intact, t->objects);
    CHECK_EQUAL(t->dangling_uses, 0);
    CHECK_EQUAL(t->double_frees, 0);
    CHECK_EQUAL(t->lost_increments, 0);
    CHECK_EQUAL(t->lost_decrements, 0);
    CHECK_EQUAL(t->drift, 0);
    CHECK(t->gaps_met <= t->gap_waits);
}

TEST(every_correct_mode_is_intact_with_two_threads_and_ten_seeds)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (uint64_t seed = 0; seed < 10 && rr_mode_card_of(mode)->claim == RR_CORRECT; seed++) {
            rr_race_tally tally = race_widened(mode, 2, true, 1 + (int32_t)seed % 3, seed);
            check_intact(&tally);
        }
    }
}

TEST(every_correct_mode_is_intact_with_more_threads_than_cores)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        if (rr_mode_card_of(mode)->claim == RR_CORRECT) {
            rr_race_tally tally = race_widened(mode, 5, true, 2, 7);
            check_intact(&tally);
        }
    }
}

TEST(objects_that_no_two_threads_share_are_intact_in_every_mode)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_race_tally tally = race_widened(mode, 2, false, 1, 3);
        check_intact(&tally);
    }
}

TEST(one_thread_alone_meets_nobody_in_any_gap)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_race_tally tally = race_widened(mode, 1, true, 1, 3);
        check_intact(&tally);
        CHECK_EQUAL(tally.gap_waits, 0);
    }
}

/* In every second gap a thread waits until the other has made an access, if that happens
 * within a millisecond.  So a load of the other thread comes between its load and its
 * store, and each of these waits loses an update.  An object is still intact if its two
 * phases have lost equally many.  For all twelve objects that is very unlikely, since
 * each wait is independently random.  (With a wait in each gap the threads alternate, and
 * do lose equally many.) */
TEST(modes_with_a_plain_word_lose_updates)
{
    const int modes[] = {RR_MODE_unlocked, RR_MODE_mixed_width};
    for (int i = 0; i < 2; i++) {
        rr_race_tally tally = race_widened(modes[i], 2, true, 2, 5);
        CHECK(tally.gaps_met > 0);
        CHECK(tally.lost_increments + tally.lost_decrements > 0);
        CHECK(tally.intact < tally.objects);
    }
}

TEST(an_operation_of_one_access_has_no_gap)
{
    rr_race_tally tally = race_widened(RR_MODE_atomic, 2, true, 1, 5);
    CHECK_EQUAL(tally.gap_waits, 0);
    tally = race_widened(RR_MODE_unlocked, 2, true, 1, 5);
    CHECK(tally.gap_waits > 0);
}

TEST(threads_that_take_turns_have_no_gaps_to_widen)
{
    rr_race_config config = {.n_threads = 2, .n_objects = 1, .hold = 1, .together = 1};
    rr_race *race = NULL;
    config.gap_odds = -1;
    CHECK_EQUAL(rr_race_open(&config, &race), RR_EINVAL);
    config.gap_odds = 1;
    config.in_turns = true;
    CHECK_EQUAL(rr_race_open(&config, &race), RR_EINVAL);
    config.in_turns = false;
    config.together = 2;
    CHECK_EQUAL(rr_race_open(&config, &race), RR_EINVAL);
    CHECK(race == NULL);
}

TEST(a_thread_without_a_record_runs_the_widened_modes_as_they_are)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_test_about(rr_mode_card_of(mode)->name);
        const rr_mode *widened = rr_widened_modes[mode], *native = rr_native_modes[mode];
        CHECK(rr_gap_self == NULL);
        CHECK_EQUAL(widened->keeps, native->keeps);
        CHECK_EQUAL(widened->n_lanes, native->n_lanes);
        CHECK_EQUAL(widened->settles, native->settles);
        CHECK((widened->count_get == NULL) == (native->count_get == NULL));
        rr_domain *domain;
        rr_arena *arena;
        CHECK_EQUAL(rr_domain_open(&domain), RR_OK);
        CHECK_EQUAL(rr_arena_open(1, widened, domain, &arena), RR_OK);
        rr_threads_join(domain, widened, 0);
        int64_t before = rr_threads_enter(0);
        rr_object *o = rr_arena_renew(arena, 0, widened, &(const rr_start){.count = 1, .tid = 1});

        CHECK_EQUAL(widened->incref_run[RR_ONE_BY_ONE](o, 40), 0);
        CHECK(widened->try_incref(o));
        CHECK_EQUAL(rr_object_count(o, widened), 42);
        CHECK_EQUAL(widened->decref_run[RR_ONE_BY_ONE](o, 42), 0);

        (void)rr_threads_quiesce(domain, widened, 0);
        (void)rr_threads_collapse(domain, widened, 0);
        CHECK(rr_object_is_freed(o));
        rr_threads_become(before);
        rr_arena_close(arena);
        rr_domain_close(domain);
    }
}

/* ---- which thread waits for which -------------------------------------------------- */

TEST(nobody_waits_where_nobody_else_is_going)
{
    rr_gaps gaps = {0};
    rr_gap_thread me = {.gaps = &gaps, .odds = 1};
    rr_gaps_begin(&gaps, 1);
    rr_gap_self = &me;

    rr_gap_before_access(); /* the first of an operation */
    rr_gap_before_access();
    rr_gap_end_operation();
    rr_gap_before_access();
    rr_gap_end_operation();

    rr_gap_self = NULL;
    CHECK_EQUAL(me.waits, 0);
    CHECK_EQUAL(gaps.n_steps, 3);
    CHECK_EQUAL(gaps.waits_for[0], RR_GAP_GOING);
}

TEST(a_gap_ends_by_itself_and_at_once_when_all_are_over)
{
    rr_gaps gaps = {0};
    rr_gap_thread me = {.gaps = &gaps, .odds = 1};
    rr_gaps_begin(&gaps, 2); /* the other one never makes an access */
    rr_gap_self = &me;

    rr_gap_before_access();
    rr_gap_before_access();
    CHECK_EQUAL(me.waits, 1);
    CHECK_EQUAL(me.met, 0);
    rr_gaps_end(&gaps);
    rr_gap_before_access();

    rr_gap_self = NULL;
    CHECK_EQUAL(me.waits, 1);
    CHECK_EQUAL(gaps.waits_for[0], RR_GAP_GOING);
}

TEST(a_thread_that_does_not_come_is_waited_for_once)
{
    rr_gaps gaps = {0};
    rr_gap_thread me = {.gaps = &gaps, .odds = 1};
    rr_gaps_begin(&gaps, 2);
    atomic_store(&gaps.waits_for[1], RR_GAP_EXPECTED);
    rr_gap_self = &me;

    for (int i = 0; i < 5; i++) {
        rr_gap_before_access();
    }

    rr_gap_self = NULL;
    CHECK_EQUAL(me.waits, 1);
    CHECK_EQUAL(gaps.waits_for[1], RR_GAP_AWAY);
}
