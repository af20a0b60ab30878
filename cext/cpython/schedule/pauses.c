/* pauses.c -- threads that no schedule rules pause now and then, where others can come in.
 *
 * A window of some nanoseconds is met by luck only: a pointer that was read, and the call
 * that uses it.  A pause there makes it wider, and changes nothing else: each thread could
 * have been stopped by the kernel at that place.
 */
#include "cpython/schedule/internal.h"

#include <errno.h>

#include "base/rr_clock.h"
#include "base/rr_rng.h"

/* So long threads pause in all, with the same settings: a call that makes a million others
 * is late with some of them, and does not use as much processor time as a hang. */
#define MOST_NS INT64_C(2000000000)

/* Threads that the extension has started itself read them while they are written.  The
 * number of the settings is written last, and tells a thread to read the others. */
static _Atomic uint64_t seed;
static _Atomic int64_t shortest_ns, longest_ns, left_ns;
static _Atomic uint32_t one_in, n_settings, n_threads;

typedef struct own_pauses {
    rr_rng rng;
    rr_pauses how;
    uint32_t n_settings;
} own_pauses;

static __thread own_pauses own;

void
rr_schedule_set_pauses(const rr_pauses *how)
{
    atomic_store_explicit(&one_in, 0, memory_order_relaxed);
    atomic_store_explicit(&seed, how->seed, memory_order_relaxed);
    atomic_store_explicit(&shortest_ns, how->shortest_ns, memory_order_relaxed);
    atomic_store_explicit(&longest_ns, how->longest_ns, memory_order_relaxed);
    atomic_store_explicit(&left_ns, MOST_NS, memory_order_relaxed);
    atomic_store_explicit(&n_threads, 0, memory_order_relaxed);
    atomic_store_explicit(&one_in, how->one_in, memory_order_relaxed);
    atomic_fetch_add_explicit(&n_settings, 1, memory_order_release);
}

/* If the settings change meanwhile, some are old, until the next call. */
static void
begin(own_pauses *mine, uint32_t number)
{
    mine->n_settings = number;
    mine->how = (rr_pauses){
        .seed = atomic_load_explicit(&seed, memory_order_relaxed),
        .one_in = atomic_load_explicit(&one_in, memory_order_relaxed),
        .shortest_ns = atomic_load_explicit(&shortest_ns, memory_order_relaxed),
        .longest_ns = atomic_load_explicit(&longest_ns, memory_order_relaxed),
    };
    mine->rng = rr_rng_stream(
        mine->how.seed, atomic_fetch_add_explicit(&n_threads, 1, memory_order_relaxed));
}

void
rr_pause_perhaps(void)
{
    uint32_t number = atomic_load_explicit(&n_settings, memory_order_acquire);
    if (atomic_load_explicit(&one_in, memory_order_relaxed) == 0) {
        return;
    }
    own_pauses *mine = &own;
    if (mine->n_settings != number) {
        begin(mine, number);
    }
    const rr_pauses *how = &mine->how;
    if (how->one_in == 0 || rr_rng_next(&mine->rng) % how->one_in != 0 ||
        atomic_load_explicit(&left_ns, memory_order_relaxed) <= 0) {
        return;
    }
    int64_t spread = how->longest_ns - how->shortest_ns + 1;
    spread = spread > 1 ? spread : 1;
    int64_t length = how->shortest_ns + (int64_t)(rr_rng_next(&mine->rng) % (uint64_t)spread);
    int64_t until = rr_now_ns() + length;
    atomic_fetch_sub_explicit(&left_ns, length, memory_order_relaxed);
    int error = errno; /* the code may read it after the pause */
    do {
        rr_yield();
    } while (rr_now_ns() < until);
    errno = error;
}
