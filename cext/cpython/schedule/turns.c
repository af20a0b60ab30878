/* turns.c -- decides which runner executes next, and hands the turn over. */
#include "cpython/schedule/internal.h"

#include <errno.h>
#include <semaphore.h>
#include <unistd.h>

rr_settings rr_schedule_settings = {
    .finds_races = true,
    .calls_are_points = true,
    .most_steps = 5000000,
    .most_steps_in_a_row = 20000,
};
rr_runner rr_runners[RR_MOST_RUNNERS];
int rr_n_runners;
_Atomic int rr_turn = -1;
bool rr_is_running;
_Atomic bool rr_is_settling;
uint64_t rr_steps;
rr_flight *rr_flight_recorder;
__thread rr_runner *rr_me __attribute__((tls_model("initial-exec")));

static pthread_mutex_t turns_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int n_blocked;
static uint64_t n_switches, n_inferred, hash;

void
rr_turns_lock(void)
{
    pthread_mutex_lock(&turns_lock);
}

void
rr_turns_unlock(void)
{
    pthread_mutex_unlock(&turns_lock);
}

/* Of the word of a mutex in glibc.  Other bits say that the owner has ended, and that it
 * must be told to the next one (PTHREAD_MUTEX_ROBUST). */
enum { OWNER_BITS = 0x3fffffff };

/* ---- who could go on ------------------------------------------------------------- */

static bool
can_have(const rr_runner *runner)
{
    switch (runner->wants) {
    case RR_WANTS_GIL:
#ifdef Py_GIL_DISABLED
        return true;
#else
        return rr_gil_holder == RR_NO_RUNNER;
#endif
    case RR_WANTS_PY_MUTEX:
        return (*(const volatile uint8_t *)runner->wanted & 1) == 0;
    case RR_WANTS_PTHREAD_MUTEX: {
        const pthread_mutex_t *mutex = runner->wanted;
        bool is_again = (mutex->__data.__kind & 3) == PTHREAD_MUTEX_RECURSIVE &&
                        mutex->__data.__owner == runner->tid;
        return is_again || (mutex->__data.__lock & OWNER_BITS) == 0;
    }
    case RR_WANTS_SPIN_LOCK: {
        pthread_spinlock_t *lock = (void *)(uintptr_t)runner->wanted;
        return pthread_spin_trylock(lock) == 0 && pthread_spin_unlock(lock) == 0;
    }
    case RR_WANTS_TO_READ: {
        pthread_rwlock_t *lock = (void *)(uintptr_t)runner->wanted;
        return pthread_rwlock_tryrdlock(lock) == 0 && pthread_rwlock_unlock(lock) == 0;
    }
    case RR_WANTS_TO_WRITE: {
        pthread_rwlock_t *lock = (void *)(uintptr_t)runner->wanted;
        return pthread_rwlock_trywrlock(lock) == 0 && pthread_rwlock_unlock(lock) == 0;
    }
    case RR_WANTS_ONCE: /* in glibc it is odd while it is being done */
        return (*(const volatile pthread_once_t *)runner->wanted & 1) == 0;
    case RR_WANTS_STATIC:
        return rr_static_is_free(runner->wanted);
    case RR_WANTS_THREAD:
        return rr_thread_has_ended(runner);
    case RR_WANTS_SIGNAL:
    case RR_WANTS_BARRIER:
    case RR_WANTS_FUTEX:
        return rr_signals_have_one(runner);
    case RR_WANTS_SEMAPHORE:
    case RR_WANTS_PY_LOCK: { /* a semaphore, where the platform has them */
        int value = 0;
        return sem_getvalue((sem_t *)(uintptr_t)runner->wanted, &value) == 0 && value > 0;
    }
    default:
        return true;
    }
}

bool
rr_schedule_has_waiters(void)
{
    bool found = false;
    rr_turns_lock();
    int turn = atomic_load(&rr_turn);
    /* While another runner executes, what it wants can change at any moment. */
    bool can_ask = turn == -1 || (rr_me != NULL && turn == rr_me->number);
    for (int i = 0; can_ask && i < rr_n_runners; i++) {
        const rr_runner *runner = &rr_runners[i];
        bool is_ready = atomic_load(&runner->status) == RR_RUNNER_READY;
        /* A thread that it joins may end by itself. */
        bool by_others = runner->wants != RR_WANTS_GIL && runner->wants != RR_WANTS_THREAD;
        found |= is_ready && by_others && !can_have(runner);
    }
    rr_turns_unlock();
    return found;
}

/* Runners that sleep elsewhere may have been woken by the last step: waits until each
 * sleeps again or has arrived at a point, so that a replay decides among the same. */
static void
let_blocked_settle(void)
{
    if (rr_n_joining > 0) {
        rr_threads_settle();
    }
    if (atomic_load(&n_blocked) == 0) {
        return;
    }
    atomic_store(&rr_is_settling, true);
    for (int i = 0; i < rr_n_runners; i++) {
        for (int k = 0; k < 2000; k++) {
            if (atomic_load(&rr_runners[i].status) != RR_RUNNER_BLOCKED ||
                rr_thread_sleeps(&rr_runners[i])) {
                break;
            }
            (void)usleep(50);
        }
    }
    atomic_store(&rr_is_settling, false);
}

/* Time passes only where no runner could go on otherwise, not even one that sleeps. */
static uint32_t
whose_time_is_over(const rr_runner *me)
{
    uint32_t mask = 0;
    if (atomic_load(&n_blocked) > 0) {
        return 0;
    }
    for (int i = 0; i < rr_n_runners; i++) {
        const rr_runner *runner = &rr_runners[i];
        bool waits = runner == me || atomic_load(&runner->status) == RR_RUNNER_READY;
        mask |= waits && runner->has_limit ? 1u << i : 0;
    }
    return mask;
}

static uint32_t
able(void)
{
    uint32_t mask = 0;
    for (int i = 0; i < rr_n_runners; i++) {
        if (atomic_load(&rr_runners[i].status) == RR_RUNNER_READY &&
            can_have(&rr_runners[i])) {
            mask |= 1u << i;
        }
    }
    return mask;
}

/* ---- the turn ---------------------------------------------------------------------- */

static void
give(int to)
{
    atomic_store(&rr_runners[to].status, RR_RUNNER_RUNS);
    atomic_store(&rr_turn, to);
    n_switches++;
    rr_choose_afresh();
    rr_futex_wake(&rr_runners[to].turn);
}

bool
rr_turns_pick(rr_point point)
{
    let_blocked_settle();
    uint32_t mask = able();
    mask = mask != 0 ? mask : whose_time_is_over(NULL);
    if (mask == 0) {
        return false;
    }
    bool is_choice = (mask & (mask - 1)) != 0;
    give(is_choice ? rr_choose(mask, RR_NO_RUNNER, false, point, 0, 0, 0) : rr_lowest(mask));
    return true;
}

static void
no_longer_blocked(rr_runner *me, int status)
{
    int was = RR_RUNNER_BLOCKED;
    if (atomic_compare_exchange_strong(&me->status, &was, status)) {
        atomic_fetch_sub(&n_blocked, 1);
    }
}

/* Comes back from a wait that the monitor inferred: queues up for a turn. */
static void
arrive(rr_runner *me)
{
    /* Before the lock, so that a thread that waits for it to settle sees it awake. */
    no_longer_blocked(me, RR_RUNNER_READY);
    rr_turns_lock();
#ifndef Py_GIL_DISABLED
    if (RR_CURRENT_STATE() == me->state && rr_gil_holder != me->number) {
        rr_gil_taken(me);
    }
#endif
    if (atomic_load(&rr_turn) == -1) {
        (void)rr_turns_pick(RR_POINT_LOCK);
    }
    rr_turns_unlock();
    rr_futex_wait(&me->turn);
}

/* Nobody could go on but those that sleep elsewhere, or threads that are no runners and
 * may have a lock: gives the turn back. */
static void
wait_for_sleepers(rr_runner *me)
{
    bool is_alone = atomic_load(&n_blocked) == 0 && !rr_has_other_threads();
    /* Once more: such a thread may have given it up and ended after the look at it. */
    if (is_alone && able() == 0 && !can_have(me)) {
        rr_give_up(RR_BY_DEADLOCK);
    }
    rr_events_give_up();
    rr_turns_lock();
    atomic_store(&me->status, RR_RUNNER_READY);
    atomic_store(&rr_turn, -1);
    rr_turns_unlock();
    rr_futex_wait(&me->turn);
}

/* Returns whether the runner could have gone on, and another one was preferred. */
static bool
pass_on(rr_runner *me, rr_point point, uintptr_t address, size_t n, uint64_t where)
{
    let_blocked_settle();
    uint32_t mine = 1u << me->number, mask = able() | (can_have(me) ? mine : 0);
    mask = mask != 0 ? mask : whose_time_is_over(me);
    bool can_go_on = (mask & mine) != 0;
    if (mask == mine) {
        return false;
    }
    if (mask == 0) {
        wait_for_sleepers(me);
        return false;
    }
    bool is_choice = (mask & (mask - 1)) != 0;
    int to = is_choice ? rr_choose(mask, me->number, can_go_on, point, address, n, where)
                       : rr_lowest(mask);
    if (to == me->number) {
        return false;
    }
    atomic_store(&me->status, RR_RUNNER_READY);
    me->is_preempted = can_go_on;
    give(to);
    rr_futex_wait(&me->turn);
    me->is_preempted = false;
    return can_go_on;
}

static void
reach(rr_runner *me, rr_point point, uintptr_t address, size_t n, void *pc,
      const char *name)
{
    atomic_fetch_add_explicit(&me->n_points, 1, memory_order_relaxed);
    if (atomic_load_explicit(&rr_turn, memory_order_acquire) != me->number) {
        arrive(me);
    }
    uint64_t step = ++rr_steps;
    uint64_t where = rr_image_place(pc);
    hash = (hash ^ (where * 31 + (uint64_t)point * RR_MOST_RUNNERS +
                    (uint64_t)me->number)) *
           UINT64_C(0x100000001b3);
    hash ^= hash >> 29;
    if (rr_steps > rr_schedule_settings.most_steps) {
        rr_give_up(RR_BY_LIVELOCK);
    }
    /* What has happened before the point, as an unlock has, happens before the choice. */
    bool has_happened = point == RR_POINT_UNLOCK;
    if (has_happened) {
        rr_choose_before_unlock(me->number);
        rr_order_step(me, point, address, n, where);
    }
    rr_event_point(me, point, address, n, where);
    bool was_preempted = pass_on(me, point, address, n, where);
    has_happened |= point == RR_POINT_GIL_RELEASE && name == NULL;
    if (!has_happened || rr_is_in_call(me)) { /* then the rest of the call may follow */
        rr_order_step(me, point, address, n, where);
    }
    me->last_read = point == RR_POINT_READ ? address : 0;
    me->n_last_read = point == RR_POINT_READ ? n : 0;
    rr_log_point(me, step, point, address, n, pc, name, was_preempted);
}

void
rr_point_at(rr_runner *me, rr_point point, uintptr_t address, size_t n, void *pc,
            const char *name)
{
    if (rr_is_running) {
        int error = errno; /* the code may read it after the point, and waits set it */
        reach(me, point, address, n, pc, name);
        errno = error;
    }
}

void
rr_point_wait(rr_runner *me, rr_want wants, const void *wanted, rr_point point,
              void *pc, const char *name)
{
    me->wants = wants;
    me->wanted = wanted;
    me->wants_at = pc;
    me->wants_in = name;
    rr_point_at(me, point, (uintptr_t)wanted, 0, pc, name);
    me->wants = RR_WANTS_NOTHING;
    me->wanted = NULL;
}

void
rr_turns_block(rr_runner *runner)
{
    n_inferred++;
    rr_events_give_up();
    atomic_store(&runner->status, RR_RUNNER_BLOCKED);
    atomic_fetch_add(&n_blocked, 1);
    atomic_store(&rr_turn, -1);
#ifndef Py_GIL_DISABLED
    if (rr_gil_holder == runner->number) {
        rr_gil_left(runner);
    }
#endif
    (void)rr_turns_pick(RR_POINT_LOCK);
}

void
rr_turns_end(rr_runner *me)
{
    no_longer_blocked(me, RR_RUNNER_RUNS);
    rr_turns_lock();
    int turn = atomic_load(&rr_turn);
    atomic_store(&me->status, RR_RUNNER_DONE);
    if (turn == me->number || turn == -1) {
        atomic_store(&rr_turn, -1);
        if (rr_is_running) {
            rr_event_add(
                &(rr_event){.kind = RR_EVENT_END, .runner = (uint8_t)me->number});
        }
        (void)rr_turns_pick(RR_POINT_END);
    }
    rr_turns_unlock();
}

/* ---- a run --------------------------------------------------------------------------- */

void
rr_turns_begin(int n)
{
    rr_n_runners = n;
    n_switches = n_inferred = rr_steps = 0;
    hash = UINT64_C(0xcbf29ce484222325);
    rr_gil_holder = RR_NO_RUNNER;
    atomic_store(&rr_turn, -1);
    atomic_store(&n_blocked, 0);
}

void
rr_turns_result(rr_result *out)
{
    *out = (rr_result){
        .steps = rr_steps,
        .switches = n_switches,
        .hash = hash,
        .blocks_inferred = n_inferred,
        .order = rr_order_now(),
    };
    for (int i = 0; i < rr_n_runners; i++) {
        out->points[i] = atomic_load(&rr_runners[i].n_points);
        out->calls[i] = rr_runners[i].n_calls;
    }
    rr_choose_result(out);
}
