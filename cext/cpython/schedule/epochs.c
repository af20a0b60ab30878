/* epochs.c -- which accesses of a runner may meet a call of another one.
 *
 * An epoch is a stretch of a runner in which its vector clock stays as it is.  What a call
 * touches is not seen, so it may conflict with each access in an epoch of another runner
 * that no lock orders with its own.
 */
#include "cpython/schedule/internal.h"

#include <string.h>

enum { MOST_EPOCHS = 1 << 10 };

typedef enum answer { NOT_ASKED, NO, YES } answer;

typedef struct epoch {
    uint32_t clock[RR_MOST_RUNNERS];
    bool calls;
    uint8_t meets_calls; /* an answer, once all runners have ended */
} epoch;

static epoch epochs[RR_MOST_RUNNERS][MOST_EPOCHS];
static uint32_t n_epochs[RR_MOST_RUNNERS];
static bool is_lost; /* a runner has more epochs than there is room for */

static void
add_epoch(int runner)
{
    epoch *next = &epochs[runner][n_epochs[runner]++];
    memcpy(next->clock, rr_runners[runner].clock, sizeof next->clock);
    next->calls = rr_is_in_call(&rr_runners[runner]);
    next->meets_calls = NOT_ASKED;
}

void
rr_epochs_begin(void)
{
    is_lost = false;
    for (int i = 0; i < RR_MOST_RUNNERS; i++) {
        n_epochs[i] = 0;
        add_epoch(i);
    }
}

void
rr_epoch_next(const rr_runner *me)
{
    uint32_t n = n_epochs[me->number];
    size_t size = sizeof me->clock;
    if (n == 0) { /* no run has begun: it is a drain */
        return;
    }
    if (memcmp(epochs[me->number][n - 1].clock, me->clock, size) == 0) {
        return;
    }
    if (n == MOST_EPOCHS) {
        is_lost = true;
        return;
    }
    add_epoch(me->number);
}

uint32_t
rr_epoch_now(int runner)
{
    return n_epochs[runner] - 1;
}

void
rr_epoch_calls(const rr_runner *me)
{
    epochs[me->number][n_epochs[me->number] - 1].calls = true;
}

static bool
is_before(const epoch *a, int runner, const epoch *b)
{
    return a->clock[runner] <= b->clock[runner];
}

static bool
meets_calls_of(const epoch *mine, int runner, int other)
{
    for (uint32_t i = 0; i < n_epochs[other]; i++) {
        const epoch *e = &epochs[other][i];
        if (e->calls && !is_before(mine, runner, e) && !is_before(e, other, mine)) {
            return true;
        }
    }
    return false;
}

bool
rr_epoch_meets_calls(int runner, uint32_t number)
{
    if (is_lost) {
        return true;
    }
    epoch *mine = &epochs[runner][number];
    if (mine->meets_calls == NOT_ASKED) {
        bool found = false;
        for (int i = 0; i < rr_n_runners && !found; i++) {
            found = i != runner && meets_calls_of(mine, runner, i);
        }
        mine->meets_calls = found ? YES : NO;
    }
    return mine->meets_calls == YES;
}
