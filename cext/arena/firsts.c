/* firsts.c -- each entry is written once, by the thread that claimed it. */
#include "arena/firsts.h"

#include <pthread.h>

static _Thread_local rr_doing doing_now;

void
rr_firsts_begin(rr_doing doing)
{
    doing_now = doing;
}

void
rr_firsts_note(rr_firsts *firsts, rr_first_kind kind, int64_t before, int64_t after)
{
    unsigned bit = 1U << kind;
    /* Relaxed: claiming orders nothing, it only decides which thread writes.  The load
     * saves later threads an exclusive access. */
    if ((atomic_load_explicit(&firsts->claimed, memory_order_relaxed) & bit) != 0 ||
        (atomic_fetch_or_explicit(&firsts->claimed, bit, memory_order_relaxed) & bit) !=
            0) {
        return;
    }
    firsts->entries[kind] = (rr_first){
        .doing = doing_now,
        .thread = (uint64_t)(uintptr_t)pthread_self(),
        .before = before,
        .after = after,
    };
    atomic_fetch_or_explicit(&firsts->written, bit, memory_order_release);
}

void
rr_firsts_note_end(rr_firsts *firsts, bool is_first, int64_t ledger)
{
    int64_t dropped = doing_now == RR_DOING_DECREF ? 1 : 0;
    rr_firsts_note(firsts, is_first ? RR_FIRST_FREE : RR_FIRST_REFREE, ledger + dropped,
                   ledger);
}

bool
rr_firsts_read(rr_firsts *firsts, rr_first_kind kind, rr_first *out)
{
    if ((rr_firsts_known(firsts) & (1U << kind)) == 0) {
        return false;
    }
    *out = firsts->entries[kind];
    return true;
}

unsigned
rr_firsts_known(rr_firsts *firsts)
{
    return atomic_load_explicit(&firsts->written, memory_order_acquire);
}
