/* test_loaded_modes.c -- the tables of modes that are loaded while the program runs. */
#include "base/rr_status.h"
#include "modes/loaded_modes.h"
#include "modes/native_modes.h"
#include "tests/testing.h"

/* The last number, so that no other test finds a mode there. */
enum { LAST = RR_N_MODES + RR_MAX_LOADED_MODES - 1 };

TEST(a_number_of_the_catalogue_or_beyond_the_last_is_none_of_a_loaded_mode)
{
    static const rr_mode_card card = {.name = "any"};
    const int numbers[] = {-1, 0, RR_N_MODES - 1, LAST + 1};

    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(rr_loaded_mode_set(numbers[i], RR_LOADED_CARD, &card), RR_EINVAL);
        CHECK(rr_loaded_mode(numbers[i], RR_LOADED_CARD) == NULL);
    }
}

TEST(a_table_that_is_set_is_found_and_stays)
{
    static const rr_mode_card first = {.name = "first"}, second = {.name = "second"};
    CHECK(rr_mode_card_of(LAST) == NULL);

    CHECK_EQUAL(rr_loaded_mode_set(LAST, RR_LOADED_CARD, &first), RR_OK);
    CHECK_EQUAL(rr_loaded_mode_set(LAST, RR_LOADED_CARD, &second), RR_OK);

    CHECK(rr_mode_card_of(LAST) == &first);
    CHECK(rr_native_mode(LAST) == NULL);
    CHECK(!rr_mode_traits_of(LAST).has_count_word);
}
