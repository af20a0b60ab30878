/* test_status.c -- every status has its own message. */
#include <string.h>

#include "base/rr_status.h"
#include "tests/testing.h"

static const int statuses[] = {
#define RR_STATUS(name, value, message) name,
#include "base/status.def"
#undef RR_STATUS
};
enum { N_STATUSES = sizeof statuses / sizeof statuses[0] };

TEST(success_is_zero_and_every_failure_negative)
{
    CHECK_EQUAL(statuses[0], 0);
    for (int i = 1; i < N_STATUSES; i++) {
        CHECK(statuses[i] < 0);
    }
}

TEST(no_two_statuses_share_a_value_or_a_message)
{
    for (int i = 0; i < N_STATUSES; i++) {
        for (int j = 0; j < i; j++) {
            CHECK(statuses[i] != statuses[j]);
            CHECK(strcmp(rr_status_message(statuses[i]),
                         rr_status_message(statuses[j])) != 0);
        }
    }
}

TEST(a_number_that_is_no_status_still_has_a_message)
{
    CHECK(strcmp(rr_status_message(-1000), "unknown status") == 0);
    CHECK(strcmp(rr_status_message(1), "unknown status") == 0);
}
