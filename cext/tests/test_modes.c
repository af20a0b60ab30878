/* test_modes.c -- how every mode behaves in one thread, through its native table. */
#include <string.h>

#include "arena/arena.h"
#include "base/rr_status.h"
#include "tests/subject.h"
#include "tests/testing.h"

TEST(every_mode_has_a_card_that_says_all)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        const rr_mode_card *card = rr_mode_card_of(mode);
        CHECK(card != NULL);
        rr_test_about(card->name);
        CHECK(strlen(card->title) > 0);
        CHECK(strlen(card->summary) > 0);
        CHECK(strlen(card->source) > 0);
        CHECK(strlen(card->layout) > 0);
        CHECK(strlen(card->limits) > 0);
        CHECK(card->incref_steps > 0);
        CHECK(card->decref_steps > 0);
        for (int other = 0; other < mode; other++) {
            CHECK(strcmp(rr_mode_card_of(other)->name, card->name) != 0);
        }
    }
}

TEST(there_is_no_card_beyond_the_modes)
{
    CHECK(rr_mode_card_of(-1) == NULL);
    CHECK(rr_mode_card_of(RR_N_MODES) == NULL);
}

TEST(incref_adds_one_and_decref_takes_one)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_subject(mode, 5);

        s.mode->incref(s.object);
        s.mode->incref(s.object);
        s.mode->decref(s.object);

        if (s.mode->count_get != NULL) {
            CHECK_EQUAL(s.mode->count_get(s.object), 6);
        }
        CHECK(!rr_object_is_freed(s.object));
        close_subject(s);
    }
}

TEST(the_decref_of_the_last_reference_ends_the_object_and_no_earlier_one)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_subject(mode, 3);
        for (int left = 2; left >= 0; left--) {
            s.mode->decref(s.object);
            settle(s);
            CHECK_EQUAL(atomic_load(&s.object->deaths), left == 0);
        }
        close_subject(s);
    }
}

TEST(unique_holds_with_exactly_one_reference)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_subject(mode, 1);
        CHECK_EQUAL(s.mode->unique(s.object), can_tell(mode));
        s.mode->incref(s.object);
        CHECK(!s.mode->unique(s.object));
        s.mode->decref(s.object);
        CHECK_EQUAL(s.mode->unique(s.object), can_tell(mode));
        close_subject(s);
    }
}

TEST(an_object_that_others_may_try_to_count_is_not_unique_where_it_has_an_owner)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_begun(mode, &(const rr_start){1, 1, true, false});
        bool has_owner = strncmp(rr_mode_card_of(mode)->name, "biased", 6) == 0;
        CHECK_EQUAL(s.mode->unique(s.object), can_tell(mode) && !has_owner);
        close_subject(s);
    }
}

TEST(an_object_that_is_shared_is_not_unique_where_the_sign_says_so)
{
    subject s = open_begun(RR_MODE_sign_split, &(const rr_start){1, 1, false, true});
    CHECK(!s.mode->unique(s.object));
    close_subject(s);
}

TEST(try_incref_takes_a_reference_of_an_object_that_has_one)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_subject(mode, 1);
        CHECK(s.mode->try_incref(s.object));
        CHECK(!s.mode->unique(s.object));
        s.mode->decref(s.object);
        CHECK_EQUAL(s.mode->unique(s.object), can_tell(mode));
        close_subject(s);
    }
}

TEST(try_incref_fails_at_zero_and_leaves_it_zero)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_subject(mode, 0);
        CHECK(!s.mode->try_incref(s.object));
        if (s.mode->count_get != NULL) {
            CHECK_EQUAL(s.mode->count_get(s.object), 0);
        }
        close_subject(s);
    }
}

TEST(the_count_as_a_cell_comes_whole_or_not_at_all)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        const rr_mode *m = rr_native_modes[mode];
        rr_test_about(rr_mode_card_of(mode)->name);
        bool has = m->count_get != NULL;
        CHECK((m->count_set != NULL) == has);
        CHECK((m->count_cas != NULL) == has);
        CHECK((m->count_add != NULL) == has);
    }
}

TEST(the_count_as_a_cell_is_read_written_swapped_and_added_to)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_subject(mode, 1);
        if (s.mode->count_get != NULL) {
            s.mode->count_set(s.object, 40);
            CHECK_EQUAL(s.mode->count_get(s.object), 40);

            CHECK(!s.mode->count_cas(s.object, 39, 50));
            CHECK_EQUAL(s.mode->count_get(s.object), 40);
            CHECK(s.mode->count_cas(s.object, 40, 50));
            CHECK_EQUAL(s.mode->count_get(s.object), 50);

            CHECK_EQUAL(s.mode->count_add(s.object, 3), 53);
            CHECK_EQUAL(s.mode->count_add(s.object, -60), -7);
            CHECK_EQUAL(s.mode->count_get(s.object), -7);
        }
        close_subject(s);
    }
}

TEST(reaching_past_the_mode_into_the_count_ends_no_life)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_subject(mode, 1);
        if (s.mode->count_add != NULL) {
            CHECK_EQUAL(s.mode->count_add(s.object, -1), 0);
            s.mode->count_set(s.object, 0);
            CHECK(!rr_object_is_freed(s.object));
        }
        close_subject(s);
    }
}

/* ---- sign_split ------------------------------------------------------------------ */

static int64_t
word_of(subject s)
{
    return rc_load_relaxed(&s.object->ob_refcnt);
}

static subject
open_split(int64_t count, bool is_shared)
{
    return open_begun(RR_MODE_sign_split, &(const rr_start){.count = count,
                                                            .is_shared = is_shared});
}

/* The distance between the two thresholds, and beyond them an overflow of one thread. */
enum { SLACK = 1 << 20 };

TEST(the_sign_of_a_split_count_says_who_shares_and_its_size_how_many)
{
    for (int sign = -1; sign <= 1; sign += 2) {
        subject s = open_split(3, sign < 0);
        CHECK_EQUAL(word_of(s), sign * 3);

        s.mode->incref(s.object);
        CHECK_EQUAL(word_of(s), sign * 4);
        CHECK(s.mode->try_incref(s.object));
        CHECK_EQUAL(word_of(s), sign * 5);
        s.mode->decref(s.object);
        CHECK_EQUAL(word_of(s), sign * 4);
        CHECK_EQUAL(rr_object_count(s.object, s.mode), 4);
        close_subject(s);
    }
}

TEST(a_split_count_is_published_once_and_at_zero_not_at_all)
{
    const int64_t before[] = {3, -3, 0, -RC_COUNT_MAX - 1};
    const int64_t after[] = {-3, -3, 0, -RC_COUNT_MAX - 1};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        rr_words words = {.refcnt = before[i]};
        rr_native_modes[RR_MODE_sign_split]->publish(&words);
        CHECK_EQUAL(words.refcnt, after[i]);
    }
}

TEST(a_shared_split_count_beyond_the_largest_is_dropped_no_more)
{
    subject s = open_split(RC_COUNT_MAX, true);

    s.mode->decref(s.object);
    s.mode->incref(s.object);
    CHECK_EQUAL(word_of(s), -RC_COUNT_MAX);
    s.mode->incref(s.object);
    CHECK(s.mode->try_incref(s.object));
    CHECK_EQUAL(word_of(s), -RC_COUNT_MAX - 2);
    for (int i = 0; i < 5; i++) {
        s.mode->decref(s.object);
    }
    CHECK_EQUAL(word_of(s), -RC_COUNT_MAX - 2);
    CHECK(!rr_object_is_freed(s.object));
    close_subject(s);
}

TEST(a_shared_split_count_beyond_the_second_threshold_changes_no_more)
{
    int64_t last = RC_COUNT_MAX + SLACK;
    subject s = open_split(last, true);

    s.mode->incref(s.object);
    CHECK_EQUAL(word_of(s), -last - 1);
    s.mode->incref(s.object);
    CHECK(s.mode->try_incref(s.object));
    s.mode->decref(s.object);
    CHECK_EQUAL(word_of(s), -last - 1);
    close_subject(s);
}

TEST(a_local_split_count_that_overflows_is_stuck)
{
    for (int tries = 0; tries < 2; tries++) {
        subject s = open_split(RC_COUNT_MAX, false);
        if (tries) {
            CHECK(s.mode->try_incref(s.object));
        }
        else {
            s.mode->incref(s.object);
        }
        CHECK_EQUAL(word_of(s), -RC_COUNT_MAX - 2 * SLACK);
        s.mode->decref(s.object);
        s.mode->incref(s.object);
        CHECK_EQUAL(word_of(s), -RC_COUNT_MAX - 2 * SLACK);
        CHECK(!s.mode->unique(s.object));
        close_subject(s);
    }
}

TEST(a_split_count_of_nobody_stays_at_zero_when_it_is_dropped)
{
    for (int shared = 0; shared < 2; shared++) {
        subject s = open_split(0, shared != 0);
        s.mode->decref(s.object);
        CHECK_EQUAL(word_of(s), 0);
        CHECK(!rr_object_is_freed(s.object));
        close_subject(s);
    }
}

TEST(the_poison_of_freed_memory_is_a_split_count_that_changes_no_more)
{
    for (int shared = 0; shared < 2; shared++) {
        subject s = open_split(1, shared != 0);
        s.mode->decref(s.object);
        CHECK(rr_object_is_freed(s.object));

        s.mode->incref(s.object);
        (void)s.mode->try_incref(s.object);
        s.mode->decref(s.object);
        CHECK_EQUAL(word_of(s), RR_POISON);
        close_subject(s);
    }
}
