/* round_state.c -- the lock of a round, the steps it has taken, and how it ended. */
#include <stdatomic.h>

#include "base/rr_clock.h"
#include "conformance/internal.h"

/* Turns of an idle loop after which a waiting thread yields its core, and after which it
 * sleeps instead: if other processes need the core, the thread then gets it back
 * sooner. */
enum { PATIENCE = 200, LONG_PATIENCE = 800, NAP_NS = 20000 };

/* ---- the lock ------------------------------------------------------------------- */

void
rr_round_pause_once(int turn)
{
    if (turn > LONG_PATIENCE) {
        rr_doze(NAP_NS);
    } else if (turn % PATIENCE == PATIENCE - 1) {
        rr_yield();
    } else {
        rr_relax();
    }
}

void
rr_round_lock(rr_round *r)
{
    for (int turn = 0;
         atomic_exchange_explicit(&r->is_locked, true, memory_order_acquire); turn++) {
        rr_round_pause_once(turn);
    }
}

void
rr_round_unlock(rr_round *r)
{
    atomic_store_explicit(&r->is_locked, false, memory_order_release);
}

/* ---- under the lock ------------------------------------------------------------- */

bool
rr_round_is_over(const rr_round *r)
{
    return atomic_load_explicit(&r->state, memory_order_relaxed) != RR_ROUND_RUNS;
}

void
rr_round_end(rr_round *r, rr_round_state state)
{
    atomic_store_explicit(&r->state, (int)state, memory_order_release);
}

void
rr_round_end_with(rr_round *r, uint32_t kinds)
{
    uint32_t latent = r->m->w[r->m->layout.latent] != 0;
    r->kinds = kinds | latent << RR_DANGLING_FREE;
    rr_round_end(r, RR_ROUND_OVER);
}

void
rr_round_note_step(rr_round *r, int32_t code)
{
    int64_t n = atomic_load_explicit(&r->n_steps, memory_order_relaxed);
    if (n < RR_MAX_SCHEDULE) {
        r->codes[n] = code;
    }
    atomic_store_explicit(&r->n_steps, n + 1, memory_order_relaxed);
    if (n + 1 >= r->most_steps && !rr_round_is_over(r)) {
        rr_round_end(r, RR_ROUND_CUT);
    }
}

void
rr_round_stopped_by(rr_round *r, rr_progress progress, int thread, int32_t code)
{
    r->thread = thread;
    r->misuse_code = code;
    rr_round_end(r, progress == RR_GROW ? RR_ROUND_GROW : RR_ROUND_MISUSED);
}
