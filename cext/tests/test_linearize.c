/* test_linearize.c -- which native answers fit some run of the model. */
#include "base/rr_status.h"
#include "tests/upgrade_and_drop.h"

/* The present state of the machine. */
static rr_snapshot *
whole_snapshot(rr_round *r)
{
    for (int i = 0; i < r->snapshot.n_objects; i++) {
        r->snapshot.objects[i] = rr_mode_state_in_model(r->m, i);
    }
    r->snapshot.threads = rr_threads_state_in_model(r->m);
    return &r->snapshot;
}

/* The batch of T1's upgrade and T2's decref, with the answers that they supposedly
 * gave. */
static rr_linearization
explain(int mode, int64_t upgraded, bool ended_life, int64_t count)
{
    rr_round r;
    if (!open_round(mode, &r)) {
        return RR_CANNOT;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    (void)rr_round_move(&r, T2, &rng); /* S = a */
    const rr_start start = {.count = count, .is_shared = true};
    rr_snapshot *snapshot = whole_snapshot(&r);
    snapshot->objects[0].words = rr_mode_begin(r.m->mode, &start);
    rr_batch batch = {
        .object = 0,
        .n = 2,
        .operations = {{T1, RR_OP_UPGRADE, {upgraded, false}},
                     {T2, RR_OP_DECREF, {0, ended_life}}},
    };
    rr_linearization explanation = rr_linearize(&r.linearizer, r.m, &batch, snapshot);
    rr_round_close(&r);
    return explanation;
}

/* Runs one after the other natively, and changes their answers by `change`. */
static rr_linearization
explain_order(int mode, const int order[2], void (*change)(rr_batch *batch, rr_mode_state *kept))
{
    rr_round r;
    if (!open_round(mode, &r)) {
        return RR_CANNOT;
    }
    rr_rng rng = rr_rng_stream(1, 0);
    (void)rr_round_move(&r, T2, &rng); /* S = a */
    rr_snapshot *snapshot = whole_snapshot(&r);
    rr_mode_state *kept = &snapshot->objects[0];
    rr_batch batch = {
        .object = 0,
        .n = 2,
        .operations = {{.thread = T1, .op = RR_OP_UPGRADE},
                     {.thread = T2, .op = RR_OP_DECREF}},
    };
    rr_native_objects_set(r.native_objects, 0, kept);
    for (int i = 0; i < 2; i++) {
        rr_native_operation *one = &batch.operations[order[i]];
        rr_native_call call = {.thread = one->thread, .object = 0, .op = one->op};
        one->answer = rr_native_objects_run(r.native_objects, &call);
    }
    rr_native_objects_take(r.native_objects, 0, kept);
    if (change != NULL) {
        change(&batch, kept);
    }
    rr_linearization explanation = rr_linearize(&r.linearizer, r.m, &batch, snapshot);
    rr_round_close(&r);
    return explanation;
}

static const int upgraded_first[] = {T1, T2}, dropped_first[] = {T2, T1};

TEST(what_compiled_code_does_one_by_one_is_explained_in_every_mode)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        CHECK_EQUAL(explain_order(mode, upgraded_first, NULL), RR_LINEARIZED);
        /* In free_inside_lock the unlock comes too late.  In these two modes, a thread
         * that tries a freed object leaves or finds a count there, while the model's
         * upgrade does not get that far. */
        bool is_ambiguous = mode == RR_MODE_sticky || mode == RR_MODE_temporary_count;
        rr_linearization dropped = mode == RR_MODE_free_inside_lock ? RR_FOUND
                                 : is_ambiguous                   ? RR_AMBIGUOUS
                                                                  : RR_LINEARIZED;
        CHECK_EQUAL(explain_order(mode, dropped_first, NULL), dropped);
    }
}

static void
change_answer(rr_batch *batch, rr_mode_state *kept)
{
    (void)kept;
    batch->operations[0].answer.value ^= 1;
}

static void
change_end(rr_batch *batch, rr_mode_state *kept)
{
    (void)kept;
    batch->operations[1].answer.ended_life ^= true;
}

static void
change_count(rr_batch *batch, rr_mode_state *kept)
{
    (void)batch;
    kept->words.refcnt += 7;
}

static void
change_shared(rr_batch *batch, rr_mode_state *kept)
{
    (void)batch;
    kept->words.shared += 28;
}

static void
change_owner(rr_batch *batch, rr_mode_state *kept)
{
    (void)batch;
    kept->words.tid += 7;
}

static void
change_queue(rr_batch *batch, rr_mode_state *kept)
{
    (void)batch;
    kept->queue = kept->queue == 0 ? T1 + 1 : 0;
}

static void
change_lane(rr_batch *batch, rr_mode_state *kept)
{
    (void)batch;
    kept->lanes[T2][0] += 14;
}

TEST(answers_that_no_order_of_accesses_gives_are_not_explained)
{
    void (*const changes[])(rr_batch *, rr_mode_state *) = {
        change_count, change_shared, change_owner, change_queue,
        change_lane,  change_answer, change_end,
    };
    const size_t n_kept = 5; /* those before the answers */
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        /* If counts get lost, another answer can fit too. */
        size_t n = rr_mode_card_of(mode)->claim == RR_CORRECT
                       ? sizeof changes / sizeof *changes
                       : n_kept;
        for (size_t i = 0; i < n; i++) {
            CHECK_EQUAL(explain_order(mode, upgraded_first, changes[i]), RR_NOT_LINEARIZED);
            CHECK_EQUAL(explain_order(mode, dropped_first, changes[i]), RR_NOT_LINEARIZED);
        }
    }
}

/* T1 quiesces while T2 drops T1's object: before, during, or after. */
static rr_linearization
explain_settling(bool finds_it, int64_t queue, uint64_t closed)
{
    rr_hold held[] = {{.thread = T1, .local = 0, .object = 0, .owning = 1},
                      {.thread = T2, .local = 0, .object = 0, .owning = 1}};
    rr_instr steps[] = {
        {.op = RR_OP_QUIESCE, .result = -1}, {.op = RR_OP_RETURN, .result = -1},
        {.op = RR_OP_DECREF, .result = -1, .p = {0}, .live = 1},
        {.op = RR_OP_GIL, .result = -1},     {.op = RR_OP_RETURN, .result = -1},
    };
    rr_named_object twice[] = {{.type = 0, .count = 2}};
    rr_program coming_by = program;
    coming_by.holds = held;
    coming_by.n_holds = 2;
    coming_by.instrs = steps;
    coming_by.objects = twice;
    rr_round r;
    if (rr_round_open(&coming_by, RR_MODE_biased, false, capacity, 100, NULL, &r) != RR_OK) {
        return RR_CANNOT;
    }
    rr_round_begin(&r);
    rr_batch batch = {
        .object = 0,
        .n = 2,
        .operations = {{T1, RR_OP_QUIESCE, {finds_it, false}},
                     {T2, RR_OP_DECREF, {0, false}}},
    };
    /* Owned with both references; or one of them dropped; or all merged. */
    rr_snapshot *snapshot = whole_snapshot(&r);
    snapshot->threads.closed = closed;
    snapshot->objects[0] = (rr_mode_state){.words = {.refcnt = finds_it ? 0 : 2,
                                            .shared = finds_it ? 4 + 3 : 2,
                                            .tid = finds_it ? 0 : T1 + 1},
                                  .queue = queue};
    rr_linearization explanation = rr_linearize(&r.linearizer, r.m, &batch, snapshot);
    rr_round_close(&r);
    return explanation;
}

TEST(an_owner_finds_what_was_dropped_or_it_waits_but_not_both_and_not_neither)
{
    CHECK_EQUAL(explain_settling(true, 0, 0), RR_LINEARIZED);
    CHECK_EQUAL(explain_settling(false, T1 + 1, 0), RR_LINEARIZED);
    CHECK_EQUAL(explain_settling(true, T1 + 1, 0), RR_NOT_LINEARIZED);
    CHECK_EQUAL(explain_settling(false, 0, 0), RR_NOT_LINEARIZED);
    CHECK_EQUAL(explain_settling(true, 0, 1), RR_NOT_LINEARIZED); /* no thread has left */
}

TEST(a_lost_count_is_explained_without_a_lock_and_by_nothing_with_one)
{
    /* Both read 1; the decref's store of 0 is the last one, or the first. */
    CHECK_EQUAL(explain(RR_MODE_unlocked, 1, true, 0), RR_LINEARIZED);
    CHECK_EQUAL(explain(RR_MODE_object_lock, 1, true, 0), RR_NOT_LINEARIZED);
    CHECK_EQUAL(explain(RR_MODE_atomic, 1, true, 0), RR_NOT_LINEARIZED);
}

/* The model's upgrade checks again before it writes; no compiled mode does. */
TEST(an_upgrade_that_went_past_the_end_of_a_life_is_undecided)
{
    CHECK_EQUAL(explain(RR_MODE_unlocked, 1, true, 2), RR_AMBIGUOUS);
    CHECK_EQUAL(explain(RR_MODE_atomic, 1, true, 2), RR_NOT_LINEARIZED);
}
