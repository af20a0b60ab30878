/* test_conformance.c -- rounds of a program: which threads wait, and the outcomes. */
#include "base/rr_status.h"
#include "tests/upgrade_and_drop.h"

TEST(a_wish_to_step_alone_ends_with_the_step_that_it_was_for)
{
    rr_round r;
    if (!open_round(RR_MODE_atomic, &r)) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    r.n_in_batches = 1; /* as if a third thread were counting something else */
    rr_move at_null = rr_round_move(&r, T1, &rng);
    uint64_t wished = r.wants_alone;
    rr_move stores = rr_round_move(&r, T2, &rng);
    r.n_in_batches = 0;
    rr_move at_object = rr_round_move(&r, T1, &rng);
    uint64_t wishes = r.wants_alone;
    int64_t n_operations = r.n_operations;
    rr_round_close(&r);

    CHECK_EQUAL(at_null, RR_MOVE_WAITS);
    CHECK(wished == UINT64_C(1) << T1);
    CHECK_EQUAL(stores, RR_MOVED);
    CHECK_EQUAL(at_object, RR_MOVED);
    CHECK(wishes == 0);
    CHECK_EQUAL(n_operations, 1);
}

TEST(a_thread_that_wants_to_step_alone_is_not_overtaken_by_counting)
{
    rr_round r;
    if (!open_round(RR_MODE_atomic, &r)) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    rr_move stores = rr_round_move(&r, T2, &rng);
    r.wants_alone = UINT64_C(1) << 5;
    rr_move counts = rr_round_move(&r, T2, &rng);
    rr_round_close(&r);

    CHECK_EQUAL(stores, RR_MOVED);
    CHECK_EQUAL(counts, RR_MOVE_WAITS);
}

/* T2 has dropped the last reference and is about to end. */
static bool
open_ending(rr_round *r, rr_rng *rng)
{
    if (!open_round(RR_MODE_biased, r)) {
        return false;
    }
    *rng = rr_rng_stream(1, 0);
    while (rr_machine_next(r->m, T2).kind != RR_NEXT_HOOK) {
        (void)rr_round_move(r, T2, rng);
    }
    return true;
}

TEST(a_hook_waits_until_nobody_is_at_another_object)
{
    rr_round r;
    rr_rng rng;
    if (!open_ending(&r, &rng)) {
        return;
    }
    r.n_in_batches = 1; /* as if a third thread were counting something */
    rr_move meanwhile = rr_round_move(&r, T2, &rng);
    uint64_t wished = r.wants_alone;
    r.n_in_batches = 0;
    rr_move leaves = rr_round_move(&r, T2, &rng);
    uint64_t wishes = r.wants_alone;
    bool has_ended = rr_machine_has_ended(r.m, T2);
    int64_t n_operations = r.n_operations;
    rr_round_close(&r);

    CHECK_EQUAL(meanwhile, RR_MOVE_WAITS);
    CHECK(wished == UINT64_C(1) << T2);
    CHECK_EQUAL(leaves, RR_MOVED);
    CHECK(wishes == 0);
    CHECK(has_ended);
    CHECK_EQUAL(n_operations, 1); /* the decref */
}

TEST(of_two_hooks_that_wish_to_be_alone_one_is)
{
    rr_round r;
    rr_rng rng;
    if (!open_ending(&r, &rng)) {
        return;
    }
    r.wants_alone = UINT64_C(1) << 5;
    rr_move polite = rr_round_move(&r, T2, &rng);
    r.wants_alone |= UINT64_C(1) << T2;
    rr_move leaves = rr_round_move(&r, T2, &rng);
    rr_round_close(&r);

    CHECK_EQUAL(polite, RR_MOVE_WAITS);
    CHECK_EQUAL(leaves, RR_MOVED);
}

TEST(nobody_counts_elsewhere_while_a_hook_is_under_way)
{
    rr_round r;
    if (!open_round(RR_MODE_biased, &r)) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    (void)rr_round_move(&r, T2, &rng); /* S = a */
    r.n_hooks = r.n_in_batches = 1; /* as if it were at another object */
    rr_move counts = rr_round_move(&r, T2, &rng);
    r.n_hooks = 0;
    rr_move counts_beside_counting = rr_round_move(&r, T2, &rng);
    rr_round_close(&r);

    CHECK_EQUAL(counts, RR_MOVE_WAITS);
    CHECK_EQUAL(counts_beside_counting, RR_MOVED);
}

static int
open_and_close(void)
{
    rr_conformance_config config = {.program = &program,
                                .mode = RR_MODE_object_lock,
                                .n_rounds = 1,
                                .most_steps = 100};
    rr_conformance *conformance;
    int status = rr_conformance_open(&config, &conformance);
    if (status == RR_OK) {
        rr_conformance_close(conformance);
    }
    return status;
}

TEST(a_conformance_run_that_lacks_memory_holds_none)
{
    rr_test_allocation_faults(open_and_close);
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

TEST(every_round_on_threads_is_in_one_outcome_or_undecided)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_test_about(rr_mode_card_of(mode)->name);
        rr_conformance_config config = {.program = &program,
                                    .mode = mode,
                                    .n_rounds = 500,
                                    .most_steps = 100,
                                    .seed = 1};
        rr_conformance *conformance;
        CHECK_EQUAL(rr_conformance_open(&config, &conformance), RR_OK);
        rr_test_threads(program.n_threads, run, conformance);
        rr_conformance_tally tally;
        rr_conformance_tally_of(conformance, &tally);
        int64_t known = 0;
        for (int i = 0; i < rr_conformance_n_outcomes(conformance); i++) {
            known += rr_conformance_outcome_of(conformance, i)->n_rounds;
        }
        int status = rr_conformance_status(conformance);
        rr_conformance_close(conformance);

        CHECK_EQUAL(status, RR_OK);
        CHECK_EQUAL(tally.rounds, 500);
        CHECK_EQUAL(known + tally.undecided, 500);
        CHECK_EQUAL(tally.cut + tally.disputed, 0);
    }
}

static rr_native_operation
operation(uint32_t after)
{
    return (rr_native_operation){.op = RR_OP_INCREF, .after = after};
}

TEST(operations_meet_if_neither_was_done_before_the_other_began)
{
    rr_batch together = {.n = 2, .operations = {operation(0), operation(0)}};
    rr_batch one_by_one = {.n = 2, .operations = {operation(2), operation(0)}};
    rr_batch a_late_one = {.n = 3, .operations = {operation(0), operation(0), operation(1)}};
    rr_batch the_last = {.n = 3, .operations = {operation(0), operation(0), operation(3)}};
    rr_batch alone = {.n = 1, .operations = {operation(0)}};

    CHECK(rr_has_met(&together, 0) && rr_has_met(&together, 1));
    CHECK(!rr_has_met(&one_by_one, 0) && !rr_has_met(&one_by_one, 1));
    CHECK(rr_has_met(&a_late_one, 0) && rr_has_met(&a_late_one, 2));
    CHECK(rr_has_met(&the_last, 0) && rr_has_met(&the_last, 1));
    CHECK(!rr_has_met(&the_last, 2));
    CHECK(!rr_has_met(&alone, 0));
}

TEST(operations_one_by_one_might_have_met_if_they_were_of_two_threads_at_one_object)
{
    rr_round r;
    if (!open_round(RR_MODE_atomic, &r)) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    (void)rr_round_move(&r, T2, &rng); /* S = a */
    (void)rr_round_move(&r, T1, &rng); /* counts a */
    int64_t by_one = rr_round_n_shared(&r);
    (void)rr_round_move(&r, T2, &rng); /* drops a */
    int64_t by_two = rr_round_n_shared(&r);
    int64_t n_met = r.n_met;
    rr_round_begin(&r);
    int64_t anew = rr_round_n_shared(&r);
    rr_round_close(&r);

    CHECK_EQUAL(by_one, 0);
    CHECK_EQUAL(by_two, 2);
    CHECK_EQUAL(n_met, 0);
    CHECK_EQUAL(anew, 0);
}

/* Runs all threads of a conformance in turns, as on one core. */
static void
run_in_turns(rr_conformance *conformance)
{
    bool is_done = false;
    while (!is_done) {
        is_done = true;
        for (int t = 0; t < program.n_threads; t++) {
            is_done &= rr_conformance_advance(conformance, t, 1000) == RR_CONFORMANCE_DONE;
        }
    }
}

TEST(threads_that_take_turns_are_not_under_way_together_and_do_not_meet)
{
    rr_conformance_config config = {.program = &program,
                                .mode = RR_MODE_atomic,
                                .n_rounds = 50,
                                .most_steps = 100,
                                .seed = 1};
    rr_conformance *conformance;
    CHECK_EQUAL(rr_conformance_open(&config, &conformance), RR_OK);
    run_in_turns(conformance);
    rr_conformance_tally tally;
    rr_conformance_tally_of(conformance, &tally);
    rr_conformance_close(conformance);

    CHECK_EQUAL(tally.rounds, 50);
    CHECK(tally.busy_ns > 0);
    CHECK_EQUAL(tally.crowded_ns, 0);
    CHECK(tally.operations > 0);
    CHECK_EQUAL(tally.met, 0);
}

/* With the GIL held no thread waits in the core, so one thread can play all of them. */
TEST(the_first_step_of_a_round_is_that_of_the_thread_drawn_for_it)
{
    enum { N_ROUNDS = 60, SEED = 5 };
    rr_conformance_config config = {.program = &program,
                                .mode = RR_MODE_atomic,
                                .gil_held = true,
                                .n_rounds = N_ROUNDS,
                                .most_steps = 100,
                                .seed = SEED};
    rr_conformance *conformance;
    CHECK_EQUAL(rr_conformance_open(&config, &conformance), RR_OK);
    int first_of[N_ROUNDS];
    int n_seen = 0;
    bool is_done = false;
    for (int turn = 0; !is_done; turn++) {
        int thread = turn % program.n_threads;
        is_done = rr_conformance_advance(conformance, thread, 1) == RR_CONFORMANCE_DONE;
        int64_t round = rr_conformance_progress(conformance);
        if (round < N_ROUNDS && round == n_seen && conformance->round.n_steps > 0) {
            first_of[n_seen++] = conformance->round.codes[0] / 4;
        }
    }
    rr_conformance_close(conformance);

    CHECK_EQUAL(n_seen, N_ROUNDS);
    for (int round = 0; round < N_ROUNDS; round++) {
        CHECK_EQUAL(first_of[round], rr_start_first(SEED, round, program.n_threads));
    }
}
