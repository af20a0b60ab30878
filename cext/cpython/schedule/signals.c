/* signals.c -- who waits for a signal of a condition variable, and which nobody has taken.
 *
 * No runner waits in a condition variable: it is noted here that it does, and the scheduler
 * decides who takes a signal.  A waiter can take one that came after its wait began.  A
 * signal that finds no waiter is lost.  No waiter wakes without a signal, although POSIX
 * permits it.
 *
 * Threads that are no runners may signal at any moment, hence the lock.
 */
#include "cpython/schedule/internal.h"

#include <string.h>

typedef struct pending_signal {
    const void *condition;
    uint64_t at;
} pending_signal;

/* The oldest first; no more for a condition than it has waiters. */
static pending_signal pending[RR_MOST_RUNNERS];
static int n_pending;
static uint64_t signal_clock;
static pthread_mutex_t signals_lock = PTHREAD_MUTEX_INITIALIZER;

void
rr_signals_forget(void)
{
    n_pending = 0;
    for (int i = 0; i < RR_MOST_RUNNERS; i++) {
        rr_runners[i].condition = NULL;
        rr_runners[i].has_limit = false;
    }
}

static void
drop_signal(int number)
{
    n_pending--;
    memmove(&pending[number], &pending[number + 1],
            (size_t)(n_pending - number) * sizeof *pending);
}

/* The number of the oldest signal that the runner can take; -1: there is none. */
static int
signal_for(const rr_runner *runner)
{
    for (int i = 0; i < n_pending; i++) {
        if (pending[i].condition == runner->condition &&
            pending[i].at > runner->waits_since) {
            return i;
        }
    }
    return -1;
}

bool
rr_signals_have_one(const rr_runner *runner)
{
    pthread_mutex_lock(&signals_lock);
    bool is = runner->is_woken || signal_for(runner) >= 0;
    pthread_mutex_unlock(&signals_lock);
    return is;
}

void
rr_signals_begin_wait(rr_runner *me, const void *condition)
{
    pthread_mutex_lock(&signals_lock);
    me->condition = condition;
    me->waits_since = signal_clock;
    me->is_woken = false;
    pthread_mutex_unlock(&signals_lock);
}

bool
rr_signals_end_wait(rr_runner *me)
{
    pthread_mutex_lock(&signals_lock);
    int number = me->is_woken ? -1 : signal_for(me);
    bool is_signalled = me->is_woken || number >= 0;
    if (number >= 0) {
        drop_signal(number);
    }
    me->condition = NULL;
    pthread_mutex_unlock(&signals_lock);
    return is_signalled;
}

void
rr_signals_wake_one(const void *condition)
{
    pthread_mutex_lock(&signals_lock);
    int n = 0;
    for (int i = 0; i < RR_MOST_RUNNERS; i++) {
        n += rr_runners[i].condition == condition && !rr_runners[i].is_woken;
    }
    for (int i = 0; i < n_pending; i++) {
        n -= pending[i].condition == condition;
    }
    if (n > 0) {
        pending[n_pending++] = (pending_signal){condition, ++signal_clock};
    }
    pthread_mutex_unlock(&signals_lock);
}

void
rr_signals_wake_all(const void *condition)
{
    pthread_mutex_lock(&signals_lock);
    for (int i = 0; i < RR_MOST_RUNNERS; i++) {
        rr_runners[i].is_woken |= rr_runners[i].condition == condition;
    }
    for (int i = n_pending - 1; i >= 0; i--) {
        if (pending[i].condition == condition) {
            drop_signal(i);
        }
    }
    pthread_mutex_unlock(&signals_lock);
}
