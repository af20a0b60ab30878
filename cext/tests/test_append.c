/* test_append.c -- appends with schedules of known outcome, and on real threads. */
#include "lessons/append.h"

#include "lessons/growable.h"
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "tests/testing.h"

static rr_append *
begun(int n_threads, int64_t n_appends, bool locked)
{
    rr_append_config config = {n_threads, n_appends, locked, 1};
    rr_append *append;
    if (rr_append_open(&config, &append) != RR_OK) {
        return NULL;
    }
    rr_append_turn turn;
    for (int step = 0; step < 2; step++) { /* arrive, and see that all have arrived */
        for (int t = 0; t < n_threads; t++) {
            (void)rr_append_step(append, t, &turn);
        }
    }
    return append;
}

/* Takes one step for each digit; returns what the last one did. */
static rr_append_turn
take(rr_append *append, const char *schedule)
{
    rr_append_turn turn = RR_APPEND_DONE;
    for (const char *c = schedule; *c != '\0'; c++) {
        (void)rr_append_step(append, *c - '0', &turn);
    }
    return turn;
}

static void
check_tally(rr_append *append, int64_t kept, int64_t overwritten, int64_t cut_off)
{
    rr_append_tally tally;
    CHECK_EQUAL(rr_append_tally_of(append, &tally), RR_OK);
    CHECK_EQUAL(tally.kept, kept);
    CHECK_EQUAL(tally.overwritten, overwritten);
    CHECK_EQUAL(tally.cut_off, cut_off);
    CHECK_EQUAL(tally.appends, kept + overwritten + cut_off);
}

TEST(two_that_read_the_same_length_keep_one_item)
{
    rr_append *append = begun(2, 1, false);
    CHECK_EQUAL(take(append, "010101"), RR_APPEND_PUBLISHED);
    check_tally(append, 1, 1, 0);
    rr_append_close(append);
}

TEST(a_length_published_late_cuts_off_what_came_since)
{
    rr_append *append = begun(2, 3, false);
    CHECK_EQUAL(take(append, "011111111100"), RR_APPEND_PUBLISHED);
    check_tally(append, 1, 1, 2);
    rr_append_close(append);
}

TEST(the_lock_makes_the_second_one_wait)
{
    rr_append *append = begun(2, 1, true);
    CHECK_EQUAL(take(append, "01"), RR_APPEND_WAITS);
    CHECK_EQUAL(take(append, "00111"), RR_APPEND_PUBLISHED);
    check_tally(append, 2, 0, 0);
    rr_append_close(append);
}

TEST(items_stay_where_they_are_when_the_array_grows)
{
    static const int64_t ends[] = {0, 63, 64, 191, 192, 100000, RR_MAX_SLOTS - 1};
    enum { N = sizeof ends / sizeof *ends };
    rr_growable array = {0};
    CHECK_EQUAL(rr_growable_load(&array, 5), 0);
    for (int i = 0; i < N - 1; i++) { /* without the last: half a gigabyte */
        CHECK_EQUAL(rr_growable_store(&array, ends[i], i + 1), RR_OK);
    }
    for (int i = 0; i < N - 1; i++) {
        CHECK_EQUAL(rr_growable_load(&array, ends[i]), i + 1);
    }
    CHECK_EQUAL(rr_growable_load(&array, ends[N - 1]), 0);
    rr_growable_close(&array);
}

TEST(the_largest_run_fits_the_array)
{
    CHECK((int64_t)RR_MAX_APPENDERS * RR_MAX_APPENDS <= RR_MAX_SLOTS);
    CHECK_EQUAL(RR_MAX_SLOTS,
                RR_FIRST_SEGMENT * ((INT64_C(1) << RR_MAX_SEGMENTS) - 1));
}

static void
append_on_thread(void *arg, int thread)
{
    rr_append_turn turn;
    while (rr_append_step(arg, thread, &turn) == RR_OK && turn != RR_APPEND_DONE) {
        rr_append_pause(arg, thread);
    }
}

static void
check_threads(int n_threads, bool locked)
{
    enum { N_APPENDS = 500 };
    rr_append_config config = {n_threads, N_APPENDS, locked, 7};
    rr_append *append;
    rr_append_tally tally;
    CHECK_EQUAL(rr_append_open(&config, &append), RR_OK);
    rr_test_threads(n_threads, append_on_thread, append);
    int status = rr_append_tally_of(append, &tally);
    rr_append_close(append);

    CHECK_EQUAL(status, RR_OK);
    CHECK_EQUAL(tally.appends, n_threads * N_APPENDS);
    CHECK_EQUAL(tally.kept, tally.length);
    CHECK(tally.overwritten >= 0);
    if (locked || n_threads == 1) {
        CHECK_EQUAL(tally.kept, tally.appends);
        CHECK_EQUAL(tally.interleaved, 0);
    }
    CHECK(tally.interleaved > 0 || tally.kept == tally.appends);
}

TEST(on_threads_every_item_is_accounted_for)
{
    for (int n = 1; n <= 4; n++) {
        check_threads(n, false);
        check_threads(n, true);
    }
}

static int
append_many(void)
{
    rr_append_config config = {1, 200, false, 0};
    rr_append *append;
    int status = rr_append_open(&config, &append);
    if (status != RR_OK) {
        return status;
    }
    rr_append_turn turn = RR_APPEND_WAITS;
    while (status == RR_OK && turn != RR_APPEND_DONE) {
        status = rr_append_step(append, 0, &turn);
    }
    rr_append_tally tally;
    if (status == RR_OK) {
        status = rr_append_tally_of(append, &tally);
    }
    rr_append_close(append);
    return status;
}

TEST(each_allocation_may_fail)
{
    rr_test_allocation_faults(append_many);
}

TEST(arguments_outside_their_range_are_refused)
{
    rr_append *append;
    rr_append_config wrong[] = {
        {0, 1, false, 0},
        {RR_MAX_APPENDERS + 1, 1, false, 0},
        {1, 0, false, 0},
        {1, RR_MAX_APPENDS + 1, false, 0},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_EQUAL(rr_append_open(&wrong[i], &append), RR_EINVAL);
    }
}
