/* rr_gap.c -- how a thread waits in a widened gap. */
#include "mem/rr_gap.h"

#include "base/rr_clock.h"

/* A thread on another core makes its next access while this one spins.  With one core, or
 * if other processes occupy the cores, that thread needs this one's core.  This thread
 * then yields, and later sleeps briefly, because a yield need not choose the right
 * thread. */
enum { SPINS = 200, YIELDS = 4, DOZE_NS = 20000, LONGEST_NS = 1000000 };

/* A thread waits for 1, 2, 4 or 8 accesses of others, chosen at random: more than one so
 * that a store can overwrite several updates, as after a preemption. */
enum { STEPS_MASK = 3 };

_Thread_local rr_gap_thread *rr_gap_self = NULL;

void
rr_gaps_begin(rr_gaps *gaps, int n_threads)
{
    gaps->n_threads = n_threads;
    for (int t = 0; t < n_threads; t++) {
        atomic_store_explicit(&gaps->waits_for[t], RR_GAP_GOING, memory_order_relaxed);
    }
}

void
rr_gaps_end(rr_gaps *gaps)
{
    atomic_store_explicit(&gaps->is_over, true, memory_order_relaxed);
}

/* The thread that waits for the fewest accesses goes first.  A thread that is not
 * waiting, or whose accesses have been made, comes before all others.  So some thread
 * always goes, unless all wait for locks. */
static bool
is_first(const rr_gap_thread *me, int64_t n_steps)
{
    for (int t = 0; t < me->gaps->n_threads; t++) {
        int64_t other =
            atomic_load_explicit(&me->gaps->waits_for[t], memory_order_relaxed);
        if (t != me->number &&
            (other < n_steps || (other == n_steps && t < me->number))) {
            return false;
        }
    }
    return true;
}

static bool
is_alone(const rr_gap_thread *me)
{
    for (int t = 0; t < me->gaps->n_threads; t++) {
        if (t != me->number &&
            atomic_load_explicit(&me->gaps->waits_for[t], memory_order_relaxed) !=
                RR_GAP_AWAY) {
            return false;
        }
    }
    return true;
}

/* A thread that has not come in time is not waited for again until it does. */
static void
expect_nobody(rr_gaps *gaps)
{
    for (int t = 0; t < gaps->n_threads; t++) {
        int64_t expected = RR_GAP_EXPECTED;
        (void)atomic_compare_exchange_strong_explicit(&gaps->waits_for[t], &expected,
                                                      RR_GAP_AWAY, memory_order_relaxed,
                                                      memory_order_relaxed);
    }
}

static bool
is_reached(const rr_gap_thread *me, int64_t n_steps)
{
    return atomic_load_explicit(&me->gaps->n_steps, memory_order_relaxed) >= n_steps ||
           atomic_load_explicit(&me->gaps->is_over, memory_order_relaxed);
}

/* Returns whether there was another thread to wait for. */
static bool
wait_until(rr_gap_thread *me, int64_t n_steps)
{
    int64_t began_ns = rr_now_ns();
    atomic_store_explicit(&me->gaps->waits_for[me->number], n_steps, memory_order_relaxed);
    bool is_for_others = !is_alone(me);
    if (me->patience_ns > 0 && !is_for_others) {
        rr_doze(DOZE_NS);
        me->patience_ns -= rr_now_ns() - began_ns;
    }
    for (int turn = 0; !is_reached(me, n_steps) && !is_first(me, n_steps); turn++) {
        if (turn < SPINS) {
            rr_relax();
            continue;
        }
        if (rr_now_ns() - began_ns > LONGEST_NS) {
            expect_nobody(me->gaps);
            break;
        }
        if (turn < SPINS + YIELDS) {
            rr_yield();
        }
        else {
            rr_doze(DOZE_NS);
        }
    }
    rr_gap_enter(me);
    return is_for_others;
}

/* A step is counted after it was made: at the next access, or at the end of the
 * operation.  A thread starts waiting from the count after its own last step.  So if two
 * threads have each made an access, only the later one waits, because the other has seen
 * a step. */
void
rr_gap_before_access(void)
{
    rr_gap_thread *me = rr_gap_self;
    rr_gaps *gaps = me->gaps;
    if (!me->is_between) {
        me->is_between = true;
        return;
    }
    int64_t now = atomic_fetch_add_explicit(&gaps->n_steps, 1, memory_order_relaxed) + 1;
    uint64_t drawn = rr_rng_next(&me->rng);
    if ((int64_t)(drawn >> 32) % me->odds != 0 ||
        atomic_load_explicit(&gaps->is_over, memory_order_relaxed)) {
        return;
    }
    if (wait_until(me, now + (INT64_C(1) << (drawn & STEPS_MASK)))) {
        me->waits++;
        me->met += atomic_load_explicit(&gaps->n_steps, memory_order_relaxed) > now;
    }
}
