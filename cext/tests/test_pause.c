/* test_pause.c -- which thread waits in a round with pauses; one thread plays all. */
#include <stdatomic.h>

#include "base/rr_status.h"
#include "tests/upgrade_and_drop.h"

static bool
open_serial(rr_round *r, int first, int n_pauses, rr_pause pause)
{
    if (!open_round(RR_MODE_atomic, r)) {
        return false;
    }
    r->is_widened = true;
    rr_plan plan = {
        .is_serial = true,
        .order = {first, first == T1 ? T2 : T1},
        .n_pauses = n_pauses,
        .pauses = {pause},
    };
    rr_round_plan(r, &plan);
    return true;
}

TEST(a_thread_that_is_not_first_begins_when_the_first_one_has_ended)
{
    rr_round r;
    if (!open_serial(&r, T2, 0, (rr_pause){0, 0})) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    int n_moves = 0;
    while (!rr_machine_has_ended(r.m, T2)) {
        CHECK_EQUAL(rr_round_move(&r, T1, &rng), RR_MOVE_WAITS);
        CHECK_EQUAL(rr_round_move(&r, T2, &rng), RR_MOVED);
        n_moves++;
    }
    rr_move begins = rr_round_move(&r, T1, &rng);
    rr_round_close(&r);

    CHECK(n_moves >= 2);
    CHECK_EQUAL(begins, RR_MOVED);
}

TEST(a_thread_that_pauses_goes_on_when_the_others_have_ended)
{
    rr_round r;
    if (!open_serial(&r, T2, 1, (rr_pause){T2, 1})) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    rr_move waits = rr_round_move(&r, T1, &rng);
    rr_move stores = rr_round_move(&r, T2, &rng);
    rr_move pauses = rr_round_move(&r, T2, &rng);
    while (!rr_machine_has_ended(r.m, T1)) {
        CHECK_EQUAL(rr_round_move(&r, T1, &rng), RR_MOVED);
        CHECK(rr_machine_has_ended(r.m, T1) ||
              rr_round_move(&r, T2, &rng) == RR_MOVE_WAITS);
    }
    rr_move drops = rr_round_move(&r, T2, &rng);
    int64_t n_operations = r.n_operations;
    rr_round_close(&r);

    CHECK_EQUAL(waits, RR_MOVE_WAITS);
    CHECK_EQUAL(stores, RR_MOVED);
    CHECK_EQUAL(pauses, RR_MOVE_WAITS);
    CHECK_EQUAL(drops, RR_MOVED);
    CHECK_EQUAL(n_operations, 2); /* T1's upgrade, and the decref */
}

TEST(a_thread_that_pauses_does_not_wait_for_one_that_has_to_wait)
{
    rr_round r;
    if (!open_serial(&r, T2, 0, (rr_pause){0, 0})) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    r.n_in_batches = 1; /* T2 can do nothing, as if a lock blocked it */
    r.wants_alone = UINT64_C(1) << 5;
    (void)rr_round_move(&r, T2, &rng); /* S = a */
    rr_move before = rr_round_move(&r, T1, &rng);
    rr_move in_vain = rr_round_move(&r, T2, &rng);
    r.wants_alone = 0;
    rr_move after = rr_round_move(&r, T1, &rng);
    rr_round_close(&r);

    CHECK_EQUAL(before, RR_MOVE_WAITS);
    CHECK_EQUAL(in_vain, RR_MOVE_WAITS);
    CHECK_EQUAL(after, RR_MOVED);
}

TEST(a_thread_that_waited_runs_after_those_that_pause_in_a_serial_round)
{
    rr_round r;
    if (!open_serial(&r, T1, 0, (rr_pause){0, 0})) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    r.n_in_batches = 1; /* T1 must be alone for its upgrade of null, and waits */
    rr_move in_vain = rr_round_move(&r, T1, &rng);
    rr_move stores = rr_round_move(&r, T2, &rng);
    r.n_in_batches = 0;
    rr_move waits = rr_round_move(&r, T1, &rng);
    while (!rr_machine_has_ended(r.m, T2)) {
        r.wants_alone = 0;
        CHECK_EQUAL(rr_round_move(&r, T2, &rng), RR_MOVED);
    }
    rr_move goes_on = rr_round_move(&r, T1, &rng);
    rr_round_close(&r);

    CHECK_EQUAL(in_vain, RR_MOVE_WAITS);
    CHECK_EQUAL(stores, RR_MOVED);
    CHECK_EQUAL(waits, RR_MOVE_WAITS);
    CHECK_EQUAL(goes_on, RR_MOVED);
}

TEST(a_pause_ends_after_many_steps_of_others_who_wait_for_that)
{
    rr_round r;
    if (!open_serial(&r, T2, 0, (rr_pause){0, 0})) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    /* As if T2 were in a loop that only T1 can end. */
    atomic_store(&r.n_steps, RR_LONGEST_PAUSE);
    rr_move before = rr_round_move(&r, T1, &rng);
    atomic_store(&r.n_steps, RR_LONGEST_PAUSE + 1);
    rr_move waits = rr_round_move(&r, T2, &rng);
    rr_move after = rr_round_move(&r, T1, &rng);
    rr_round_close(&r);

    CHECK_EQUAL(before, RR_MOVE_WAITS);
    CHECK_EQUAL(waits, RR_MOVE_WAITS);
    CHECK_EQUAL(after, RR_MOVED);
}

TEST(nobody_is_waited_for_who_pauses_waits_for_company_or_has_ended)
{
    rr_round r;
    if (!open_serial(&r, T2, 0, (rr_pause){0, 0})) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    bool while_paused = rr_round_may_get_company(&r, T2);
    bool while_free = rr_round_may_get_company(&r, T1);
    r.seeking = UINT64_C(1) << T2;
    bool while_seeking = rr_round_may_get_company(&r, T1);
    r.seeking = 0;
    while (!rr_machine_has_ended(r.m, T2)) {
        (void)rr_round_move(&r, T2, &rng);
    }
    bool after_end = rr_round_may_get_company(&r, T1);
    rr_round_close(&r);

    CHECK(!while_paused);
    CHECK(while_free);
    CHECK(!while_seeking);
    CHECK(!after_end);
}

static void
run(void *arg, int thread)
{
    rr_conformance *conformance = arg;
    rr_conformance_turn turn;
    while ((turn = rr_conformance_advance(conformance, thread, 1000)) != RR_CONFORMANCE_DONE) {
        if (turn == RR_CONFORMANCE_WAIT) {
            rr_conformance_pause(conformance, thread, false);
        }
    }
}

TEST(every_widened_round_in_every_mode_comes_to_a_known_end_or_is_undecided)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_test_about(rr_mode_card_of(mode)->name);
        rr_conformance_config config = {.program = &program,
                                    .mode = mode,
                                    .n_rounds = 200,
                                    .most_steps = 100,
                                    .seed = 1,
                                    .is_widened = true};
        rr_conformance *conformance;
        CHECK_EQUAL(rr_conformance_open(&config, &conformance), RR_OK);
        rr_test_threads(program.n_threads, run, conformance);
        rr_conformance_tally tally;
        rr_conformance_tally_of(conformance, &tally);
        int status = rr_conformance_status(conformance);
        rr_conformance_close(conformance);

        CHECK_EQUAL(status, RR_OK);
        CHECK_EQUAL(tally.rounds, 200);
        CHECK_EQUAL(tally.cut + tally.disputed, 0);
    }
}

/* One thread plays all, so that the rounds are the same in each run. */
static void
run_in_turns(rr_conformance *conformance)
{
    for (bool is_done = false; !is_done;) {
        is_done = true;
        for (int t = 0; t < program.n_threads; t++) {
            is_done &= rr_conformance_advance(conformance, t, 1000) == RR_CONFORMANCE_DONE;
        }
    }
}

/* Widened, so that by the plan of one of the first rounds T2 pauses and T1 takes a
 * reference, which leaks. */
static void
check_rounds(rr_conformance_config config, int64_t least, int64_t most)
{
    config.program = &program;
    config.mode = RR_MODE_atomic;
    config.n_rounds = 60;
    config.most_steps = 100;
    config.is_widened = true;
    rr_conformance *conformance;
    CHECK_EQUAL(rr_conformance_open(&config, &conformance), RR_OK);
    run_in_turns(conformance);
    rr_conformance_tally tally;
    rr_conformance_tally_of(conformance, &tally);
    rr_conformance_close(conformance);
    CHECK(tally.rounds >= least && tally.rounds <= most);
}

TEST(a_conformance_run_ends_at_the_first_corrupt_round_when_all_were_clean_or_when_time_is_over)
{
    check_rounds((rr_conformance_config){.seed = 1}, 60, 60);
    check_rounds((rr_conformance_config){.seed = 1, .until_corrupt = true}, 1, 10);
    check_rounds((rr_conformance_config){.seed = 1, .clean_rounds = 40}, 60, 60);
    check_rounds((rr_conformance_config){.seed = 1, .most_ns = 1, .least_rounds = 7}, 7, 7);
}

TEST(a_conformance_run_whose_first_rounds_were_clean_has_no_more)
{
    rr_conformance_config config = {.program = &program,
                                .mode = RR_MODE_atomic,
                                .gil_held = true, /* so that nothing leaks */
                                .n_rounds = 60,
                                .most_steps = 100,
                                .clean_rounds = 9};
    rr_conformance *conformance;
    CHECK_EQUAL(rr_conformance_open(&config, &conformance), RR_OK);
    run_in_turns(conformance);
    int64_t n_rounds = rr_conformance_progress(conformance);
    rr_conformance_close(conformance);

    CHECK_EQUAL(n_rounds, 9);
}
