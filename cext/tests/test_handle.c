/* test_handle.c -- a single object: ledger, misuse, threads; every mode. */
#include "arena/handle.h"
#include "base/rr_status.h"
#include "modes/native_modes.h"
#include "tests/testing.h"

#include <pthread.h>

typedef struct held {
    rr_domain *domain;
    rr_handle *handle;
} held;

static held
take_in_hand(int mode)
{
    held h = {NULL, NULL};
    rr_test_about(rr_mode_card_of(mode)->name);
    if (rr_domain_open(&h.domain) != RR_OK ||
        rr_handle_open(mode, h.domain, &h.handle) != RR_OK) {
        rr_test_failed(__FILE__, __LINE__, "the handle does not open");
    }
    return h;
}

static void
put_down(held h)
{
    rr_handle_close(h.handle);
    rr_domain_close(h.domain);
}

/* Does the mode's deferred work now; returns how much there was. */
static int64_t
settle(held h)
{
    int64_t n = 0, m = 0;
    bool is_done = rr_handle_quiesce(h.handle, &n) == RR_OK &&
                   rr_handle_collapse(h.handle, &m) == RR_OK;
    return is_done ? n + m : RR_EBUG;
}

static rr_handle_reading
read_off(held h)
{
    rr_handle_reading reading;
    rr_handle_read(h.handle, &reading);
    return reading;
}

TEST(a_mode_that_is_none_is_refused)
{
    rr_handle *handle = NULL;
    CHECK_EQUAL(rr_handle_open(-1, NULL, &handle), RR_EINVAL);
    CHECK_EQUAL(rr_handle_open(RR_N_MODES, NULL, &handle), RR_EINVAL);
    CHECK(handle == NULL);
    rr_handle_close(NULL);
}

TEST(a_new_object_has_one_reference)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        held h = take_in_hand(mode);
        rr_handle_reading r = read_off(h);

        CHECK_EQUAL(r.refcount, 1);
        CHECK_EQUAL(r.ledger, 1);
        CHECK_EQUAL(r.deaths, 0);
        CHECK_EQUAL(r.operations, 0);
        CHECK(rr_handle_use(h.handle));
        put_down(h);
    }
}

TEST(one_thread_counts_right_in_every_mode)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        held h = take_in_hand(mode);

        rr_handle_incref(h.handle, 10, true);
        rr_handle_decref(h.handle, 4, true);
        rr_handle_incref(h.handle, 0, true);

        rr_handle_reading r = read_off(h);
        CHECK_EQUAL(r.refcount, 7);
        CHECK_EQUAL(r.ledger, 7);
        CHECK_EQUAL(r.operations, 14);
        CHECK_EQUAL(r.in_flight, 0);
        put_down(h);
    }
}

TEST(the_last_decref_frees_once_with_a_ledger_of_zero)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        held h = take_in_hand(mode);

        rr_handle_incref(h.handle, 2, true);
        rr_handle_decref(h.handle, 3, true);
        (void)settle(h);

        rr_handle_reading r = read_off(h);
        CHECK_EQUAL(r.deaths, 1);
        CHECK_EQUAL(r.refcount, 0);
        CHECK_EQUAL(r.ledger_at_end, 0);
        CHECK_EQUAL(r.uses_after_free, 0);
        put_down(h);
    }
}

TEST(misuse_after_the_free_is_counted_and_changes_nothing_else)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        held h = take_in_hand(mode);
        rr_handle_decref(h.handle, 1, true);
        (void)settle(h);

        rr_handle_decref(h.handle, 3, true);
        rr_handle_incref(h.handle, 2, true);
        bool alive = rr_handle_use(h.handle);

        /* Three over-releases; then two increfs and a use. */
        rr_handle_reading r = read_off(h);
        CHECK(!alive);
        CHECK_EQUAL(r.over_releases, 3);
        CHECK_EQUAL(r.uses_after_free, 3);
        CHECK_EQUAL(r.operations, 7);
        CHECK_EQUAL(r.deaths, 1);
        CHECK_EQUAL(r.refcount, 0);
        CHECK_EQUAL(r.ledger, 0);
        put_down(h);
    }
}

TEST(decrefs_too_many_in_one_call_are_over_releases)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        held h = take_in_hand(mode);

        rr_handle_decref(h.handle, 5, true);

        /* If operations are only deferred, nothing is freed.  They add up to a sum below
         * zero, which frees nothing either. */
        bool is_put_off = rr_native_modes[mode]->n_lanes > 0;
        CHECK_EQUAL(read_off(h).uses_after_free, 0);
        CHECK_EQUAL(read_off(h).over_releases, 4);
        CHECK_EQUAL(read_off(h).deaths, !is_put_off);
        CHECK_EQUAL(settle(h) > 0, is_put_off);
        CHECK_EQUAL(read_off(h).deaths, !is_put_off);
        put_down(h);
    }
}

TEST(a_decref_after_the_free_is_an_over_release_unless_an_incref_was_before_it)
{
    held h = take_in_hand(0);
    rr_handle_decref(h.handle, 1, false);

    rr_handle_incref(h.handle, 2, false);
    rr_handle_decref(h.handle, 3, false);

    rr_handle_reading r = read_off(h);
    CHECK_EQUAL(r.uses_after_free, 4);
    CHECK_EQUAL(r.over_releases, 1);
    CHECK_EQUAL(r.ledger, 0);
    put_down(h);
}

static int64_t
first_is(held h, rr_first_kind kind, rr_doing doing, int64_t before, int64_t after)
{
    rr_first first;
    return rr_handle_first(h.handle, kind, &first) && first.doing == doing &&
           first.thread == (uint64_t)(uintptr_t)pthread_self() &&
           first.before == before && first.after == after;
}

TEST(the_first_of_each_kind_is_kept_with_operation_thread_and_count)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        if (rr_native_modes[mode]->n_lanes > 0) {
            continue; /* frees at a collapse: see below */
        }
        held h = take_in_hand(mode);
        CHECK_EQUAL(rr_handle_firsts_known(h.handle), 0);

        rr_handle_incref(h.handle, 1, false);
        rr_handle_decref(h.handle, 2, false);
        (void)settle(h);
        CHECK_EQUAL(rr_handle_firsts_known(h.handle), 1U << RR_FIRST_FREE);
        (void)rr_handle_use(h.handle);
        rr_handle_incref(h.handle, 1, false);
        rr_handle_decref(h.handle, 3, false);

        CHECK(first_is(h, RR_FIRST_LATE_USE, RR_DOING_USE, 0, 0));
        CHECK(first_is(h, RR_FIRST_OVER_RELEASE, RR_DOING_DECREF, 0, -1));
        put_down(h);
    }
}

TEST(a_free_is_attributed_to_the_operation_that_caused_it)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        held h = take_in_hand(mode);

        rr_handle_decref(h.handle, 1, false);
        bool is_put_off = read_off(h).deaths == 0;
        (void)settle(h);

        if (!is_put_off) {
            CHECK(first_is(h, RR_FIRST_FREE, RR_DOING_DECREF, 1, 0));
        }
        else {
            CHECK(first_is(h, RR_FIRST_FREE, RR_DOING_QUIESCE, 0, 0) ||
                  first_is(h, RR_FIRST_FREE, RR_DOING_COLLAPSE, 0, 0));
        }
        put_down(h);
    }
}

static void
misuse(void *arg, int thread)
{
    (void)thread;
    rr_handle_decref(arg, 100, false);
}

TEST(threads_that_drop_too_much_at_once_leave_one_whole_entry)
{
    held h = take_in_hand(0);

    rr_test_threads(2, misuse, h.handle);

    rr_first first;
    CHECK(rr_handle_first(h.handle, RR_FIRST_OVER_RELEASE, &first));
    CHECK_EQUAL(first.doing, RR_DOING_DECREF);
    CHECK(first.thread != 0);
    CHECK(first.thread != (uint64_t)(uintptr_t)pthread_self());
    CHECK(first.before <= 0);
    CHECK_EQUAL(first.after, first.before - 1);
    CHECK_EQUAL(read_off(h).over_releases, 199);
    CHECK_EQUAL(read_off(h).uses_after_free, 0);
    CHECK_EQUAL(read_off(h).operations, 200);
    put_down(h);
}

enum { THREADS = 2, TIMES = 2000 };

static void
take_and_drop(void *arg, int thread)
{
    rr_handle *handle = arg;
    rr_handle_incref(handle, TIMES + thread, true);
    (void)rr_handle_use(handle);
    rr_handle_decref(handle, TIMES + thread, true);
}

TEST(threads_count_right_in_modes_that_claim_it_and_account_for_all_in_every)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        held h = take_in_hand(mode);

        rr_test_threads(THREADS, take_and_drop, h.handle);

        rr_handle_reading r = read_off(h);
        CHECK_EQUAL(r.operations, 2 * (TIMES + TIMES + 1) + THREADS);
        CHECK_EQUAL(r.in_flight, 0);
        if (rr_mode_card_of(mode)->claim == RR_CORRECT) {
            CHECK_EQUAL(r.refcount, 1);
            CHECK_EQUAL(r.ledger, 1);
            CHECK_EQUAL(r.deaths, 0);
            CHECK_EQUAL(r.uses_after_free, 0);
        }
        put_down(h);
    }
}

static rr_domain *shared_domain;

static int
open_and_close(void)
{
    rr_handle *handle;
    int status = rr_handle_open(0, shared_domain, &handle);
    if (status == RR_OK) {
        rr_handle_close(handle);
    }
    return status;
}

TEST(every_allocation_of_an_opening_may_fail)
{
    CHECK_EQUAL(rr_domain_open(&shared_domain), RR_OK);
    rr_test_allocation_faults(open_and_close);
    rr_domain_close(shared_domain);
}

/* ---- widened gaps -------------------------------------------------------------------- */

enum { HAMMERED = 2000 };

static void
hammer(void *arg, int thread)
{
    rr_handle *handle = arg;
    (void)thread;
    (void)rr_handle_incref(handle, HAMMERED, true);
}

/* A thread that is alone sleeps in its gaps, 0.2 s in all, until the other comes.  Then
 * each waits for the other in a fourth of its gaps. */
TEST(two_threads_lose_counts_exactly_where_a_mode_does_if_gaps_are_widened)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        rr_domain *domain;
        rr_handle *handle;
        rr_handle_reading reading;
        rr_test_about(rr_mode_card_of(mode)->name);
        CHECK_EQUAL(rr_domain_open(&domain), RR_OK);
        CHECK_EQUAL(rr_handle_open(mode, domain, &handle), RR_OK);
        CHECK_EQUAL(rr_handle_widen(handle), RR_OK);

        rr_test_threads(2, hammer, handle);

        rr_handle_read(handle, &reading);
        CHECK_EQUAL(reading.ledger, 1 + 2 * HAMMERED);
        CHECK(reading.gaps_met <= reading.gap_waits);
        if (mode == RR_MODE_unlocked || mode == RR_MODE_mixed_width) {
            CHECK(reading.refcount < reading.ledger);
            CHECK(reading.gaps_met > 0);
        }
        else if (rr_mode_card_of(mode)->claim == RR_CORRECT ||
                 rr_mode_card_of(mode)->place > 0) {
            CHECK_EQUAL(reading.refcount, reading.ledger);
        }
        else { /* a new mode that is broken may lose some, or none */
            CHECK(reading.refcount <= reading.ledger);
        }
        rr_handle_close(handle);
        rr_domain_close(domain);
    }
}

TEST(a_thread_that_may_not_wait_has_natural_gaps)
{
    rr_domain *domain;
    rr_handle *handle;
    rr_handle_reading reading;
    CHECK_EQUAL(rr_domain_open(&domain), RR_OK);
    CHECK_EQUAL(rr_handle_open(RR_MODE_unlocked, domain, &handle), RR_OK);
    CHECK_EQUAL(rr_handle_widen(handle), RR_OK);

    CHECK_EQUAL(rr_handle_incref(handle, 100, false), RR_OK);
    CHECK_EQUAL(rr_handle_decref(handle, 101, false), RR_OK);

    rr_handle_read(handle, &reading);
    CHECK_EQUAL(reading.deaths, 1);
    CHECK_EQUAL(reading.gap_waits, 0);
    rr_handle_close(handle);
    rr_domain_close(domain);
}
