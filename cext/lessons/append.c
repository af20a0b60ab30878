/* append.c -- the three steps, the lock that may go around them, and the inventory.
 *
 * Item number k of thread t is the number t * n_appends + k + 1, so every item is unique
 * and 0 is an empty slot.
 *
 * Memory order: accesses of the array and its length are relaxed, since the race between
 * them is the subject.  Only `steps` orders: each step adds to it after its access
 * (release), and an append reads it before its first access (acquire).  So an append that
 * counts as not interleaved has seen everything that was done before it, and cannot lose
 * anything.
 */
#include "lessons/append.h"

#include <stdatomic.h>

#include "lessons/growable.h"
#include "base/rr_alloc.h"
#include "base/rr_clock.h"
#include "base/rr_rng.h"
#include "base/rr_status.h"

/* How many turns a pause spins before it yields the core, and how often it yields. */
enum { PAUSE_SPINS = 1000, PAUSE_YIELDS = 50 };

enum { STEPS_OF_APPEND = 3 };

typedef enum rr_position {
    AT_START, /* has not arrived yet */
    AT_MEETING,
    AT_BEGIN, /* of an append */
    AT_LOCK,  /* waits for it */
    AT_STORE,
    AT_PUBLISH,
    AT_END,
} rr_position;

/* One thread's part; only that thread writes it. */
typedef struct rr_appender {
    _Alignas(RR_CACHE_BYTES) rr_position position;
    int64_t index;       /* read by the current append */
    int64_t steps_begin; /* of all threads, before the current append */
    int64_t steps_seen;  /* of all threads, after this thread's last step */
    int64_t interleaved;
    int64_t ended_ns;
    rr_rng rng;
    _Atomic int64_t n_done; /* read by rr_append_progress in any thread */
} rr_appender;

struct rr_append {
    rr_append_config config;
    rr_appender *appenders;
    rr_growable array;
    _Atomic bool stopped;
    _Atomic int64_t began_ns; /* written by the last thread to arrive */
    /* Separate cache lines: every thread writes these. */
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t length;
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t steps;
    _Alignas(RR_CACHE_BYTES) _Atomic int n_arrived;
    _Atomic int n_able; /* threads that neither wait for the lock nor are done */
    _Alignas(RR_CACHE_BYTES) _Atomic bool lock;
};

int
rr_append_open(const rr_append_config *config, rr_append **out)
{
    if (config->n_threads < 1 || config->n_threads > RR_MAX_APPENDERS ||
        config->n_appends < 1 || config->n_appends > RR_MAX_APPENDS) {
        return RR_EINVAL;
    }
    rr_append *append = rr_alloc(1, sizeof *append);
    if (append == NULL) {
        return RR_ENOMEM;
    }
    append->config = *config;
    append->appenders = rr_alloc((size_t)config->n_threads, sizeof *append->appenders);
    if (append->appenders == NULL) {
        rr_free(append);
        return RR_ENOMEM;
    }
    for (int t = 0; t < config->n_threads; t++) {
        append->appenders[t].rng = rr_rng_stream(config->seed, (uint64_t)t);
    }
    atomic_init(&append->n_able, config->n_threads);
    *out = append;
    return RR_OK;
}

void
rr_append_close(rr_append *append)
{
    if (append != NULL) {
        rr_growable_close(&append->array);
        rr_free(append->appenders);
        rr_free(append);
    }
}

/* ---- the lock around the three steps ----------------------------------------------- */

/* A flag and not a pthread mutex: one thread may take the steps of all, and threads that
 * wait do so in rr_append_pause, where the GIL is released. */
static bool
try_lock(rr_append *append)
{
    return !atomic_exchange_explicit(&append->lock, true, memory_order_acquire);
}

static void
unlock(rr_append *append)
{
    atomic_store_explicit(&append->lock, false, memory_order_release);
}

static void
count_able(rr_append *append, int d)
{
    atomic_fetch_add_explicit(&append->n_able, d, memory_order_relaxed);
}

/* ---- one thread's steps ------------------------------------------------------------- */

static void
count_step(rr_append *append, rr_appender *me)
{
    me->steps_seen =
        atomic_fetch_add_explicit(&append->steps, 1, memory_order_acq_rel) + 1;
}

static bool
is_stopped(const rr_append *append)
{
    return atomic_load_explicit(&append->stopped, memory_order_relaxed);
}

static void
arrive(rr_append *append, rr_appender *me)
{
    me->position = AT_MEETING;
    /* Acquire and release: no thread begins before all have opened what they need. */
    int before = atomic_fetch_add_explicit(&append->n_arrived, 1, memory_order_acq_rel);
    if (before == append->config.n_threads - 1) {
        atomic_store_explicit(&append->began_ns, rr_now_ns(), memory_order_relaxed);
    }
}

static bool
all_arrived(const rr_append *append)
{
    return atomic_load_explicit(&append->n_arrived, memory_order_acquire) ==
           append->config.n_threads;
}

/* May the next append begin?  If not, *turn says why. */
static bool
may_begin(rr_append *append, rr_appender *me, rr_append_turn *turn)
{
    int64_t done = atomic_load_explicit(&me->n_done, memory_order_relaxed);
    if (is_stopped(append) || done == append->config.n_appends) {
        if (me->position != AT_LOCK) {
            count_able(append, -1);
        }
        me->position = AT_END;
        me->ended_ns = rr_now_ns();
        *turn = RR_APPEND_DONE;
        return false;
    }
    if (append->config.locked && !try_lock(append)) {
        if (me->position != AT_LOCK) {
            count_able(append, -1);
        }
        me->position = AT_LOCK;
        *turn = RR_APPEND_WAITS;
        return false;
    }
    if (me->position == AT_LOCK) {
        count_able(append, 1);
    }
    return true;
}

static void
read_length(rr_append *append, rr_appender *me)
{
    me->steps_begin = atomic_load_explicit(&append->steps, memory_order_acquire);
    me->index = atomic_load_explicit(&append->length, memory_order_relaxed);
    count_step(append, me);
    me->position = AT_STORE;
}

static int
store_item(rr_append *append, rr_appender *me, int thread)
{
    int64_t done = atomic_load_explicit(&me->n_done, memory_order_relaxed);
    int64_t item = thread * append->config.n_appends + done + 1;
    int status = rr_growable_store(&append->array, me->index, (int32_t)item);
    if (status == RR_OK) {
        count_step(append, me);
        me->position = AT_PUBLISH;
    }
    return status;
}

static void
publish_length(rr_append *append, rr_appender *me)
{
    atomic_store_explicit(&append->length, me->index + 1, memory_order_relaxed);
    count_step(append, me);
    me->interleaved += me->steps_seen - me->steps_begin > STEPS_OF_APPEND;
    me->position = AT_BEGIN;
    atomic_fetch_add_explicit(&me->n_done, 1, memory_order_relaxed);
    if (append->config.locked) {
        unlock(append);
    }
}

int
rr_append_step(rr_append *append, int thread, rr_append_turn *out)
{
    rr_appender *me = &append->appenders[thread];
    int status = RR_OK;
    switch (me->position) {
    case AT_START:
        arrive(append, me);
        *out = RR_APPEND_WAITS;
        break;
    case AT_MEETING:
        *out = RR_APPEND_WAITS;
        if (is_stopped(append) || all_arrived(append)) {
            me->position = AT_BEGIN;
        }
        break;
    case AT_BEGIN:
    case AT_LOCK:
        if (may_begin(append, me, out)) {
            read_length(append, me);
            *out = RR_APPEND_READ;
        }
        break;
    case AT_STORE:
        status = store_item(append, me, thread);
        *out = RR_APPEND_STORED;
        break;
    case AT_PUBLISH:
        publish_length(append, me);
        *out = RR_APPEND_PUBLISHED;
        break;
    case AT_END:
        *out = RR_APPEND_DONE;
        break;
    }
    return status;
}

/* A coin flip between two steps: a wait at each of them would move all threads in
 * lockstep, which no interpreter does. */
static bool
skips_pause(rr_appender *me)
{
    return me->position != AT_MEETING && me->position != AT_LOCK &&
           rr_rng_next(&me->rng) >> 63;
}

/* Is there something new for this thread to do, or nothing to wait for? */
static bool
pause_is_over(const rr_append *append, const rr_appender *me)
{
    if (is_stopped(append)) {
        return true;
    }
    switch (me->position) {
    case AT_MEETING:
        return all_arrived(append);
    case AT_LOCK:
        return !atomic_load_explicit(&append->lock, memory_order_relaxed);
    default:
        return atomic_load_explicit(&append->n_able, memory_order_relaxed) <= 1 ||
               atomic_load_explicit(&append->steps, memory_order_relaxed) !=
                   me->steps_seen;
    }
}

void
rr_append_pause(rr_append *append, int thread)
{
    rr_appender *me = &append->appenders[thread];
    if (skips_pause(me)) {
        return;
    }
    for (int i = 0; i < PAUSE_SPINS + PAUSE_YIELDS; i++) {
        if (pause_is_over(append, me)) {
            return;
        }
        if (i < PAUSE_SPINS) {
            rr_relax();
        }
        else {
            rr_yield();
        }
    }
}

void
rr_append_stop(rr_append *append)
{
    atomic_store_explicit(&append->stopped, true, memory_order_relaxed);
}

int64_t
rr_append_progress(const rr_append *append)
{
    int64_t done = 0;
    for (int t = 0; t < append->config.n_threads; t++) {
        done += atomic_load_explicit(&append->appenders[t].n_done, memory_order_relaxed);
    }
    return done;
}

/* ---- the inventory ------------------------------------------------------------------ */

/* Marks the item at an index as found.  Returns 1 if its append is complete, 0 if it is
 * still in progress, and RR_EBUG for an item that was found before, or never existed. */
static int
find_item(const rr_append *append, int64_t index, uint8_t *found)
{
    int64_t n_appends = append->config.n_appends;
    int64_t item = rr_growable_load(&append->array, index) - 1;
    if (item < 0 || item >= append->config.n_threads * n_appends) {
        return RR_EBUG;
    }
    uint8_t bit = (uint8_t)(1u << (item % 8));
    if (found[item / 8] & bit) {
        return RR_EBUG;
    }
    found[item / 8] |= bit;
    const rr_appender *owner = &append->appenders[item / n_appends];
    return item % n_appends <
           atomic_load_explicit(&owner->n_done, memory_order_relaxed);
}

int
rr_append_tally_of(const rr_append *append, rr_append_tally *out)
{
    int64_t n_items = append->config.n_threads * append->config.n_appends;
    uint8_t *found = rr_alloc((size_t)(n_items / 8 + 1), sizeof *found);
    if (found == NULL) {
        return RR_ENOMEM;
    }
    rr_append_tally tally = {0};
    tally.appends = rr_append_progress(append);
    tally.length = atomic_load_explicit(&append->length, memory_order_relaxed);

    /* Slots fill without holes: a length is published only after the slot below it was
     * stored.  So the first empty slot is the end of all items. */
    int status = RR_OK;
    for (int64_t i = 0; i < n_items; i++) {
        if (i >= tally.length && rr_growable_load(&append->array, i) == 0) {
            break;
        }
        int completed = find_item(append, i, found);
        if (completed < 0) {
            status = completed;
            break;
        }
        *(i < tally.length ? &tally.kept : &tally.cut_off) += completed;
    }
    rr_free(found);
    tally.overwritten = tally.appends - tally.kept - tally.cut_off;

    int64_t began = atomic_load_explicit(&append->began_ns, memory_order_relaxed);
    for (int t = 0; t < append->config.n_threads; t++) {
        const rr_appender *appender = &append->appenders[t];
        tally.interleaved += appender->interleaved;
        int64_t took = appender->ended_ns - began;
        tally.elapsed_ns =
            began != 0 && took > tally.elapsed_ns ? took : tally.elapsed_ns;
    }
    *out = tally;
    return status;
}
