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

/* A pause that waits for nobody.  With the GIL it lets go on who has released it. */
#define MOST_ALONE_NS INT64_C(40000)
/* A longer pause ends after 1, 2, 4, ... calls of others. */
#define MOST_WANTED_LOG 6
#define DOZE_AFTER_NS 20000
#define DOZE_NS 20000

#ifndef Py_GIL_DISABLED
/* Threads that the extension has let run without the GIL. */
static _Atomic int32_t n_detached;
#endif
static _Atomic uint64_t n_calls; /* of all threads, while there are pauses */

/* Threads that the extension has started itself read them while they are written.  The
 * number of the settings is written last, and tells a thread to read the others. */
static _Atomic uint64_t seed;
static _Atomic int64_t shortest_ns, longest_ns, left_ns;
static _Atomic uint32_t one_in, n_settings, n_threads;
static _Atomic bool at_returns;

typedef struct own_pauses {
    rr_rng rng;
    rr_pauses how;
    uint32_t n_settings;
    bool is_in_vain; /* nobody came in during the last pause */
    uint64_t n_calls, others_in_vain;
} own_pauses;

static __thread own_pauses own;

void
rr_schedule_set_pauses(const rr_pauses *how)
{
    atomic_store_explicit(&one_in, 0, memory_order_relaxed);
    atomic_store_explicit(&seed, how->seed, memory_order_relaxed);
    atomic_store_explicit(&shortest_ns, how->shortest_ns, memory_order_relaxed);
    atomic_store_explicit(&longest_ns, how->longest_ns, memory_order_relaxed);
    atomic_store_explicit(&at_returns, how->at_returns, memory_order_relaxed);
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
        .at_returns = atomic_load_explicit(&at_returns, memory_order_relaxed),
    };
    mine->rng = rr_rng_stream(
        mine->how.seed, atomic_fetch_add_explicit(&n_threads, 1, memory_order_relaxed));
}

/* NULL: this call is not late. */
static own_pauses *
late_one(void)
{
    own_pauses *mine = &own;
    const rr_pauses *how = &mine->how;
    return how->one_in != 0 && rr_rng_next(&mine->rng) % how->one_in == 0 &&
                   atomic_load_explicit(&left_ns, memory_order_relaxed) > 0
               ? mine
               : NULL;
}

/* Whether there are pauses at all; counts this call, which others may wait for. */
static bool
counts_call(void)
{
    uint32_t number = atomic_load_explicit(&n_settings, memory_order_acquire);
    if (atomic_load_explicit(&one_in, memory_order_relaxed) == 0) {
        return false;
    }
    if (own.n_settings != number) {
        begin(&own, number);
    }
    own.n_calls++;
    atomic_fetch_add_explicit(&n_calls, 1, memory_order_relaxed);
    return true;
}

static int64_t
length_of(own_pauses *mine)
{
    int64_t spread = mine->how.longest_ns - mine->how.shortest_ns + 1;
    spread = spread > 1 ? spread : 1;
    return mine->how.shortest_ns + (int64_t)(rr_rng_next(&mine->rng) % (uint64_t)spread);
}

static void
pause_for(int64_t length)
{
    int64_t until = rr_now_ns() + length;
    atomic_fetch_sub_explicit(&left_ns, length, memory_order_relaxed);
    int error = errno; /* the code may read it after the pause */
    do {
        rr_yield();
    } while (rr_now_ns() < until);
    errno = error;
}

static uint64_t
calls_of_others(const own_pauses *mine)
{
    return atomic_load_explicit(&n_calls, memory_order_relaxed) - mine->n_calls;
}

/* The next thread needs the GIL, or on a busy machine a core, before it does anything: a
 * pause of a fixed length is too short, or too long.  It ends when others have made some
 * calls.  While nobody makes any, only the first pause of a thread is long. */
static void
pause_until_others_came(own_pauses *mine, int64_t length)
{
    uint64_t before = calls_of_others(mine);
    uint64_t wanted = UINT64_C(1) << rr_rng_next(&mine->rng) % MOST_WANTED_LOG;
    int64_t began = rr_now_ns();
    int error = errno; /* the code may read it after the pause */
    if (mine->is_in_vain && mine->others_in_vain == before && length > MOST_ALONE_NS) {
        length = MOST_ALONE_NS;
    }
    int64_t now = began;
    do {
        if (now - began < DOZE_AFTER_NS) {
            rr_yield();
        }
        else {
            rr_doze(DOZE_NS);
        }
        now = rr_now_ns();
    } while (calls_of_others(mine) - before < wanted && now - began < length);
    errno = error;
    atomic_fetch_sub_explicit(&left_ns, now - began, memory_order_relaxed);
    mine->others_in_vain = calls_of_others(mine);
    mine->is_in_vain = mine->others_in_vain == before;
}

#ifdef Py_GIL_DISABLED

static void
pause_some(own_pauses *mine)
{
    int64_t length = length_of(mine);
    if (length > MOST_ALONE_NS) {
        pause_until_others_came(mine, length);
    }
    else {
        pause_for(length);
    }
}

/* Between a call that returns a borrowed reference and the increment is no other call, and
 * none between one that moves memory and where the new address is stored. */
bool
rr_pause_at_call(void)
{
    own_pauses *mine = counts_call() ? late_one() : NULL;
    if (mine == NULL) {
        return false;
    }
    if ((rr_rng_next(&mine->rng) & 1) != 0 && mine->how.at_returns) {
        return true;
    }
    pause_some(mine);
    return false;
}

void
rr_pause(void)
{
    pause_some(&own);
}

void
rr_pause_detached(bool begins)
{
    (void)begins;
    own_pauses *mine = counts_call() ? late_one() : NULL;
    if (mine != NULL) {
        pause_some(mine);
    }
}

#else

bool
rr_pause_at_call(void)
{
    if (!counts_call() || atomic_load_explicit(&n_detached, memory_order_relaxed) <= 0) {
        return false;
    }
    own_pauses *mine = late_one();
    if (mine != NULL) {
        int64_t length = length_of(mine);
        pause_for(length < MOST_ALONE_NS ? length : MOST_ALONE_NS);
    }
    return false;
}

void
rr_pause(void)
{
}

void
rr_pause_detached(bool begins)
{
    if (begins) {
        atomic_fetch_add_explicit(&n_detached, 1, memory_order_relaxed);
    }
    own_pauses *mine = counts_call() ? late_one() : NULL;
    if (mine != NULL) {
        pause_until_others_came(mine, length_of(mine));
    }
    if (!begins) {
        atomic_fetch_sub_explicit(&n_detached, 1, memory_order_relaxed);
    }
}

#endif
