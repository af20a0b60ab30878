/* returns.c -- where calls of a thread that return late will return to. */
#include "cpython/schedule/internal.h"

enum { MOST_RETURNS = 64 };

typedef struct late_return {
    void *const *slot;
    void *to;
} late_return;

static __thread struct {
    int n;
    late_return kept[MOST_RETURNS];
} returns;

/* Those with a slot further down the stack have been left, by longjmp for example. */
static void
forget_below(void *const *slot)
{
    while (returns.n > 0 && returns.kept[returns.n - 1].slot < slot) {
        returns.n--;
    }
}

bool
rr_return_keep(void *const *slot)
{
    forget_below(slot);
    if (returns.n > 0 && returns.kept[returns.n - 1].slot == slot) {
        returns.n--; /* left too: the place is in use again */
    }
    if (returns.n == MOST_RETURNS) {
        return false;
    }
    returns.kept[returns.n++] = (late_return){slot, *slot};
    return true;
}

void *
rr_return_late(void *const *slot)
{
    rr_pause();
    forget_below(slot);
    return returns.kept[--returns.n].to;
}
