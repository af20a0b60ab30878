/* pauses.c -- threads that no schedule rules pause now and then, where others can come in.
 *
 * A window of some nanoseconds is met by luck only: a pointer that was read, and the call
 * that uses it.  A pause there makes it wider, and changes nothing else: each thread could
 * have been stopped by the kernel at that place.
 */
#include "cpython/schedule/internal.h"

#include "base/rr_clock.h"
#include "base/rr_rng.h"

/* Read by all threads; written while none of them is in patched code. */
static rr_pauses pauses;
static _Atomic uint32_t n_settings, n_threads;

static __thread rr_rng rng;
static __thread uint32_t seen_settings;

void
rr_schedule_set_pauses(const rr_pauses *how)
{
    pauses = *how;
    atomic_store_explicit(&n_threads, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&n_settings, 1, memory_order_release);
}

void
rr_pause_perhaps(void)
{
    uint32_t number = atomic_load_explicit(&n_settings, memory_order_acquire);
    if (pauses.one_in == 0) {
        return;
    }
    if (seen_settings != number) {
        seen_settings = number;
        rng = rr_rng_stream(pauses.seed, atomic_fetch_add_explicit(&n_threads, 1,
                                                                   memory_order_relaxed));
    }
    if (rr_rng_next(&rng) % pauses.one_in != 0) {
        return;
    }
    int64_t spread = pauses.longest_ns - pauses.shortest_ns + 1;
    int64_t length = pauses.shortest_ns + (int64_t)(rr_rng_next(&rng) % (uint64_t)spread);
    int64_t until = rr_now_ns() + length;
    do {
        rr_yield();
    } while (rr_now_ns() < until);
}
