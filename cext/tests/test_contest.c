/* test_contest.c -- a round of a program: who waits for whom, and what native answers
 * are held to. */
#include "base/rr_status.h"
#include "contest/inside.h"
#include "tests/testing.h"

/* T1 upgrades what is in S, which is null at first; T2, which holds A, puts it there and
 * drops its count. */
static rr_body bodies[] = {
    {.base = 0, .n_instrs = 2, .n_locals = 1, .arg = -1, .self = -1},
    {.base = 2, .n_instrs = 3, .n_locals = 1, .arg = -1, .self = -1},
};
static rr_instr instrs[] = {
    {.op = RR_OP_UPGRADE, .result = 0, .p = {-1, 0}},
    {.op = RR_OP_RETURN, .result = -1},
    {.op = RR_OP_STORE, .result = -1, .p = {-1, 0, 0}, .live = 1},
    {.op = RR_OP_DECREF, .result = -1, .p = {0}, .live = 1},
    {.op = RR_OP_RETURN, .result = -1},
};
static rr_value values[] = {{.kind = RR_VALUE_LOCAL, .x = 0}};
static rr_cell cells[] = {{.owning = 0, .initial = 0}};
static rr_template templates[] = {{.finaliser = -1, .count = 1}};
static rr_named_object objects[] = {{.type = 0, .count = 1}};
static rr_hold holds[] = {{.thread = 1, .local = 0, .object = 0, .owning = 1}};
static const rr_program program = {
    .n_threads = 2,
    .n_bodies = 2,
    .n_instrs = 5,
    .n_values = 1,
    .n_cells = 1,
    .n_objects = 1,
    .n_templates = 1,
    .n_holds = 1,
    .bodies = bodies,
    .instrs = instrs,
    .values = values,
    .cells = cells,
    .templates = templates,
    .objects = objects,
    .holds = holds,
};
enum { T1, T2 };

/* Room for what the modes read in between. */
static const int32_t capacity[RR_N_CAPACITIES] = {[RR_CAPACITY_READS] = 8,
                                                  [RR_CAPACITY_FRAMES] = 2};

static bool
open_round(int mode, rr_round *r)
{
    int status = rr_round_open(&program, mode, false, capacity, 100, r);
    if (status != RR_OK) {
        rr_test_failed(__FILE__, __LINE__, "the round does not open: %d", status);
        return false;
    }
    rr_test_about(rr_mode_card_of(mode)->name);
    rr_round_begin(r);
    return true;
}

TEST(a_wish_to_step_alone_ends_with_the_step_that_it_was_for)
{
    rr_round r;
    if (!open_round(RR_MODE_atomic, &r)) {
        return;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    r.n_in_bouts = 1; /* as if a third thread were counting something else */
    rr_move at_null = rr_round_move(&r, T1, &rng);
    uint64_t wished = r.wants_alone;
    rr_move stores = rr_round_move(&r, T2, &rng);
    r.n_in_bouts = 0;
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

TEST(whoever_wishes_to_step_alone_is_not_overtaken_by_counting)
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

/* The bout of T1's upgrade and T2's decref, with what they are said to have given. */
static rr_explanation
explain(int mode, int64_t upgraded, bool ended_life, int64_t count)
{
    rr_round r;
    if (!open_round(mode, &r)) {
        return RR_CANNOT;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    (void)rr_round_move(&r, T2, &rng); /* S = a */
    rr_words words = rr_mode_begin(r.m->mode, &(const rr_start){.count = count});
    rr_bout bout = {
        .object = 0,
        .n = 2,
        .attempts = {{T1, RR_OP_UPGRADE, {upgraded, false}},
                     {T2, RR_OP_DECREF, {0, ended_life}}},
    };
    rr_explanation explanation = rr_explain(&r.explainer, r.m, &bout, &words);
    rr_round_close(&r);
    return explanation;
}

TEST(answers_that_some_order_of_accesses_gives_are_explained)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        if (rr_model_modes[mode]->settles) {
            continue; /* its threads are not in the contest's machine */
        }
        CHECK_EQUAL(explain(mode, 1, false, 1), RR_EXPLAINED); /* upgraded first */
        /* Dropped first; this one's unlock comes too late. */
        rr_explanation dropped =
            mode == RR_MODE_free_inside_lock ? RR_FOUND : RR_EXPLAINED;
        CHECK_EQUAL(explain(mode, 0, true, 0), dropped);
    }
}

TEST(answers_that_no_order_of_accesses_gives_are_not_explained)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        if (rr_model_modes[mode]->settles) {
            continue; /* its threads are not in the contest's machine */
        }
        CHECK_EQUAL(explain(mode, 1, false, 7), RR_UNEXPLAINED);
        CHECK_EQUAL(explain(mode, 0, false, 1), RR_UNEXPLAINED);
        CHECK_EQUAL(explain(mode, 0, true, 1), RR_UNEXPLAINED);
    }
}

TEST(a_lost_count_is_explained_without_a_lock_and_by_nothing_with_one)
{
    /* Both read 1; the decref's 0 is written last, or first. */
    CHECK_EQUAL(explain(RR_MODE_unlocked, 1, true, 0), RR_EXPLAINED);
    CHECK_EQUAL(explain(RR_MODE_object_lock, 1, true, 0), RR_UNEXPLAINED);
    CHECK_EQUAL(explain(RR_MODE_atomic, 1, true, 0), RR_UNEXPLAINED);
}

/* The model has the upgrade look again before it writes; no compiled mode does. */
TEST(an_upgrade_that_went_past_the_end_of_a_life_is_undecided)
{
    CHECK_EQUAL(explain(RR_MODE_unlocked, 1, true, 2), RR_AMBIGUOUS);
    CHECK_EQUAL(explain(RR_MODE_atomic, 1, true, 2), RR_UNEXPLAINED);
}

static int
open_and_close(void)
{
    rr_contest_config config = {&program, RR_MODE_object_lock, false, 1, 100, 0};
    rr_contest *contest;
    int status = rr_contest_open(&config, &contest);
    if (status == RR_OK) {
        rr_contest_close(contest);
    }
    return status;
}

TEST(a_contest_that_lacks_memory_holds_none)
{
    rr_test_allocation_faults(open_and_close);
}

static void
run(void *arg, int thread)
{
    rr_contest *contest = arg;
    rr_contest_turn turn;
    while ((turn = rr_contest_advance(contest, thread, 1000)) != RR_CONTEST_DONE) {
        if (turn == RR_CONTEST_WAIT) {
            rr_contest_pause(contest, thread, false);
        }
    }
}

TEST(every_round_on_threads_is_in_one_outcome_or_undecided)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        if (rr_model_modes[mode]->settles) {
            continue; /* its threads are not in the contest's machine */
        }
        rr_test_about(rr_mode_card_of(mode)->name);
        rr_contest_config config = {&program, mode, false, 500, 100, 1};
        rr_contest *contest;
        CHECK_EQUAL(rr_contest_open(&config, &contest), RR_OK);
        rr_test_threads(program.n_threads, run, contest);
        rr_contest_tally tally;
        rr_contest_tally_of(contest, &tally);
        int64_t told = 0;
        for (int i = 0; i < rr_contest_n_outcomes(contest); i++) {
            told += rr_contest_outcome_of(contest, i)->n_rounds;
        }
        int status = rr_contest_status(contest);
        rr_contest_close(contest);

        CHECK_EQUAL(status, RR_OK);
        CHECK_EQUAL(tally.rounds, 500);
        CHECK_EQUAL(told + tally.undecided, 500);
        CHECK_EQUAL(tally.cut + tally.disputed, 0);
    }
}
