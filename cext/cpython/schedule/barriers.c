/* barriers.c -- barriers of POSIX, and waits for a futex that code calls by itself, as
 * std::atomic::wait, std::latch, std::barrier and the semaphores of C++20 do.
 *
 * As with condition variables, runners wait in signals.c.  No model of a run follows them.
 */
#include "cpython/schedule/pthread_wrappers.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* pre: rr_signals_begin_wait.  Returns whether somebody woke it: if not, its time was
 * over. */
static bool
wait_until_woken(rr_runner *me, rr_want wants, const void *what, bool has_limit, void *pc,
                 const char *name)
{
    me->has_limit = has_limit;
    rr_point_wait(me, wants, what, RR_POINT_LOCK, pc, name);
    me->has_limit = false;
    return rr_signals_end_wait(me);
}

/* ---- barriers ----------------------------------------------------------------------- */

/* The first words of a barrier in glibc. */
typedef struct barrier_words {
    unsigned n_came, n_let_go, parties;
} barrier_words;

static barrier_words
words_of(const pthread_barrier_t *barrier)
{
    barrier_words words;
    memcpy(&words, barrier, sizeof words);
    return words;
}

static unsigned
n_waiting_at(const pthread_barrier_t *barrier)
{
    unsigned n = 0;
    for (int i = 0; i < rr_n_runners; i++) {
        n += rr_runners[i].condition == barrier && !rr_runners[i].is_woken;
    }
    return n;
}

/* Threads that are no runners come to the real barrier, and so do all then.  But all of one
 * round must come to the same one: those threads start and end at any moment. */
static bool
is_real_now(const pthread_barrier_t *barrier, unsigned n_waiting)
{
    barrier_words words = words_of(barrier);
    return n_waiting == 0 && (words.n_came != words.n_let_go || rr_has_other_threads());
}

static int
barrier_wait(pthread_barrier_t *barrier)
{
    rr_runner *me = rr_me;
    if (me == NULL || !rr_is_running) {
        return pthread_barrier_wait(barrier);
    }
    rr_events_give_up();
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)barrier, 0, RR_CALLER,
                "pthread_barrier_wait");
    unsigned n_waiting = n_waiting_at(barrier);
    if (is_real_now(barrier, n_waiting)) {
        return pthread_barrier_wait(barrier);
    }
    rr_clock_release(me, barrier);
    bool is_last = n_waiting + 1 >= words_of(barrier).parties;
    if (is_last) {
        rr_signals_wake_all(barrier);
    }
    else {
        rr_signals_begin_wait(me, barrier);
        (void)wait_until_woken(me, RR_WANTS_BARRIER, barrier, false, RR_CALLER,
                               "pthread_barrier_wait");
    }
    rr_clock_acquire(me, barrier);
    return is_last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

/* ---- futexes -------------------------------------------------------------------------- */

static long
wait_for_futex(rr_runner *me, const uint32_t *word, uint32_t value, bool has_limit,
               void *pc)
{
    rr_events_give_up();
    rr_point_at(me, RR_POINT_LOCK, (uintptr_t)word, 0, pc, "futex");
    /* Before it looks at the word: a thread that is no runner may change that at any
     * moment, and then wake who waits. */
    rr_signals_begin_wait(me, word);
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value) {
        if (rr_signals_end_wait(me)) {
            return 0;
        }
        errno = EAGAIN;
        return -1;
    }
    if (!wait_until_woken(me, RR_WANTS_FUTEX, word, has_limit, pc, "futex")) {
        errno = ETIMEDOUT;
        return -1;
    }
    return 0;
}

static void
wake_futex(const uint32_t *word, long most, void *pc)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        rr_events_give_up();
        rr_point_at(me, RR_POINT_LOCK, (uintptr_t)word, 0, pc, "futex");
    }
    if (most > RR_MOST_RUNNERS) {
        rr_signals_wake_all(word);
    }
    for (long i = 0; i < most && most <= RR_MOST_RUNNERS; i++) {
        rr_signals_wake_one(word);
    }
}

static long
system_call(long number, long a, long b, long c, long d, long e, long f)
{
    const uint32_t *word = (const uint32_t *)(uintptr_t)a;
    long operation = number == SYS_futex ? b & FUTEX_CMD_MASK : -1;
    bool waits = operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET;
    if (waits && rr_me != NULL && rr_is_running) {
        return wait_for_futex(rr_me, word, (uint32_t)c, d != 0, RR_CALLER);
    }
    if (operation == FUTEX_WAKE || operation == FUTEX_WAKE_BITSET) {
        wake_futex(word, c, RR_CALLER); /* and those that are no runners: */
    }
    return syscall(number, a, b, c, d, e, f);
}

const rr_wrapper rr_barrier_wrappers[] = {
    {"pthread_barrier_wait", (rr_function)barrier_wait},
    {"syscall", (rr_function)system_call},
    {NULL, NULL},
};
