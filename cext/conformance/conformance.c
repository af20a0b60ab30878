/* conformance.c -- the rounds of a conformance: one state machine per thread, one tally
 * per round. */
#include "conformance/conformance.h"

#include <stdatomic.h>
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_clock.h"
#include "base/rr_status.h"
#include "conformance/internal.h"

/* How many turns a pause spins before it yields the core, and how often it yields. */
enum { PAUSE_SPINS = 200, PAUSE_YIELDS = 20 };

/* After so many pauses in vain, a pause sleeps for this long.  With more busy threads
 * than cores, the awaited thread makes progress sooner if the others poll less. */
enum { VAIN_PAUSES = 50, PAUSE_NS = 50000 };

/* A yield that took this long gave the core to another process for a time slice.  The
 * thread then sleeps instead, for the next NAPS pauses: the system runs a thread that has
 * slept before those that were busy. */
enum { LONG_YIELD_NS = 500000, NAPS = 200, NAP_NS = 20000 };

/* How often a thread checks at a round's start whether it may set off; after that it does
 * so anyway.  First it spins: with enough cores, the others come meanwhile.  At the last
 * checks it yields the core, or releases the GIL. */
enum { START_SPINS = 64, START_YIELDS = 8 };

/* If others need this core, spinning lets none of them run.  A hesitation this long
 * yields the core instead, and a shorter one is skipped. */
enum { TURNS_OF_A_YIELD = 8 };

/* Moves that a thread tries in vain before its turn ends. */
enum { MOST_VAIN_MOVES = 64 };

int
rr_conformance_open(const rr_conformance_config *config, rr_conformance **out)
{
    if (config->n_rounds < 1 || config->most_steps < 1) {
        return RR_EINVAL;
    }
    rr_conformance *c = rr_alloc(1, sizeof *c);
    if (c == NULL) {
        return RR_ENOMEM;
    }
    c->config = *config;
    c->n_threads = config->program->n_threads;
    c->barrier.n_threads = c->n_threads;
    c->planner = (rr_planner){.seed = config->seed, .n_threads = c->n_threads};
    int status = RR_ENOMEM;
    c->participants = rr_alloc((size_t)c->n_threads, sizeof *c->participants);
    if (c->participants != NULL) {
        for (int t = 0; t < c->n_threads; t++) {
            c->participants[t].rng = rr_rng_stream(config->seed, (uint64_t)t);
        }
        status = rr_conformance_open_round(c);
    }
    if (status != RR_OK) {
        rr_conformance_close(c);
        return status;
    }
    *out = c;
    return RR_OK;
}

void
rr_conformance_close(rr_conformance *conformance)
{
    if (conformance == NULL) {
        return;
    }
    rr_round_close(&conformance->round);
    for (int i = 0; i < conformance->n_outcomes; i++) {
        rr_free(conformance->outcomes[i].codes);
    }
    rr_free(conformance->misuse.codes);
    rr_free(conformance->participants);
    rr_free(conformance);
}

/* ---- rounds ---------------------------------------------------------------------- */

static bool
is_over(const rr_conformance *c)
{
    return atomic_load_explicit(&c->stopped, memory_order_relaxed) ||
           rr_conformance_progress(c) >= c->config.n_rounds;
}

/* The largest number of moves that a thread ever had, except in a loop in which it
 * waited. */
static int64_t
expected_moves(const rr_conformance *c, int thread)
{
    int64_t most = c->most_moves[thread];
    int64_t without_loops = 4 * c->fewest_moves[thread] + 8;
    return most < without_loops ? most : without_loops;
}

static void
plan_round(rr_conformance *c)
{
    int64_t moves[RR_MAX_PROGRAM_THREADS];
    for (int t = 0; t < c->n_threads; t++) {
        moves[t] = expected_moves(c, t);
    }
    rr_plan plan = rr_planner_next(&c->planner, moves);
    rr_round_plan(&c->round, &plan);
    if (plan.is_serial) {
        c->first = plan.order[0];
    }
}

static void
between_rounds(rr_conformance *c, bool has_begun)
{
    if (has_begun) {
        rr_conformance_tally_round(c);
    } else {
        c->began_ns = rr_now_ns();
    }
    if (!is_over(c)) {
        c->first =
            rr_start_first(c->config.seed, rr_conformance_progress(c), c->n_threads);
        atomic_store_explicit(&c->n_here, 0, memory_order_relaxed);
        atomic_store_explicit(&c->has_set_off, false, memory_order_relaxed);
        rr_round_begin(&c->round);
        if (c->config.is_widened) {
            plan_round(c);
        }
    }
}

/* ---- what each thread does ------------------------------------------------------- */

/* Is the thread past the barrier?  Arrives there first if it has not yet. */
static bool
pass_barrier(rr_conformance *c, rr_participant *me)
{
    if (!me->waiting) {
        /* Read before arriving: the round cannot change until this thread has. */
        me->round = rr_barrier_round(&c->barrier);
        me->waiting = true;
        if (rr_barrier_arrive(&c->barrier)) {
            between_rounds(c, me->has_begun);
            rr_barrier_open(&c->barrier);
        }
    }
    if (rr_barrier_round(&c->barrier) == me->round) {
        return false;
    }
    me->waiting = false;
    me->has_begun = true;
    me->n_stretches = 0;
    me->is_moving = false;
    me->is_at_start = true;
    me->patience = c->config.gil_held ? START_YIELDS : START_SPINS + START_YIELDS;
    atomic_fetch_add_explicit(&c->n_here, 1, memory_order_relaxed);
    return true;
}

/* `began_ns`: the start of this move, if the previous one was in vain. */
static void
note_move(rr_participant *me, int64_t began_ns)
{
    if (!me->is_moving && me->n_stretches < RR_MAX_STRETCHES) {
        me->is_moving = true;
        me->stretches[me->n_stretches++].begin = began_ns;
    }
    if (me->is_moving) {
        me->stretches[me->n_stretches - 1].end = rr_now_ns();
    }
}

static void
give_core_away(rr_participant *me)
{
    if (me->n_naps > 0) {
        me->n_naps--;
        rr_doze(NAP_NS);
        return;
    }
    int64_t began_ns = rr_now_ns();
    rr_yield();
    if (rr_now_ns() - began_ns > LONG_YIELD_NS) {
        me->n_naps = NAPS;
    }
}

static void
hesitate(rr_conformance *c, rr_participant *me)
{
    if (c->config.gil_held || c->n_threads == 1 || c->round.pauses.plan.is_serial) {
        return; /* no other thread would come meanwhile */
    }
    int turns = rr_start_hesitation(&me->pace);
    if (me->shares_core) {
        if (turns >= TURNS_OF_A_YIELD) {
            give_core_away(me);
        }
        return;
    }
    while (turns-- > 0) {
        rr_relax();
    }
}

/* The thread chosen to be first waits until all are here, unless it has the GIL; the
 * others wait until it sets off.  Relaxed: the flags order nothing else. */
static bool
may_set_off(const rr_conformance *c, int thread)
{
    if (thread != c->first) {
        return atomic_load_explicit(&c->has_set_off, memory_order_relaxed);
    }
    return c->config.gil_held ||
           atomic_load_explicit(&c->n_here, memory_order_relaxed) == c->n_threads;
}

/* Leaves the start: the first thread at once, the others with a lag.  False: with the GIL
 * held, release it first. */
static bool
set_off(rr_conformance *c, int thread)
{
    rr_participant *me = &c->participants[thread];
    while (!may_set_off(c, thread) && me->patience-- > 0) {
        if (c->config.gil_held) {
            return false;
        }
        if (me->patience < START_YIELDS) {
            give_core_away(me);
        } else {
            rr_relax();
        }
    }
    me->is_at_start = false;
    me->shares_core = me->patience < START_YIELDS;
    me->pace = rr_start_pace(c->config.seed, rr_conformance_progress(c), thread);
    if (thread == c->first) {
        atomic_store_explicit(&c->has_set_off, true, memory_order_relaxed);
    } else {
        hesitate(c, me);
    }
    return true;
}

static rr_conformance_turn
advance(rr_conformance *c, int thread, int64_t budget)
{
    rr_participant *me = &c->participants[thread];
    int vain = 0;
    while (budget-- > 0) {
        if (is_over(c)) {
            return RR_CONFORMANCE_DONE;
        }
        if (me->waiting || !me->has_begun) {
            if (!pass_barrier(c, me)) {
                return RR_CONFORMANCE_WAIT;
            }
        }
        if (me->is_at_start && !set_off(c, thread)) {
            return RR_CONFORMANCE_GAVE_WAY;
        }
        int64_t began_ns = me->is_moving ? 0 : rr_now_ns();
        switch (rr_round_move(&c->round, thread, &me->rng)) {
        case RR_MOVED:
            note_move(me, began_ns);
            vain = 0;
            hesitate(c, me);
            break;
        case RR_MOVED_OFF_GIL:
            note_move(me, began_ns);
            return RR_CONFORMANCE_GAVE_WAY;
        case RR_MOVE_WAITS:
            me->is_moving = false;
            if (c->config.gil_held || ++vain == MOST_VAIN_MOVES) {
                return RR_CONFORMANCE_WAIT;
            }
            rr_relax();
            break;
        case RR_MOVE_ENDS:
            (void)pass_barrier(c, me);
            break;
        }
    }
    return RR_CONFORMANCE_AGAIN;
}

rr_conformance_turn
rr_conformance_advance(rr_conformance *conformance, int thread, int64_t budget)
{
    if (!conformance->config.gil_held) {
        return advance(conformance, thread, budget);
    }
    int64_t begin = rr_now_ns();
    rr_conformance_turn turn = advance(conformance, thread, budget);
    conformance->participants[thread].turn_ns += rr_now_ns() - begin;
    return turn;
}

static bool
may_go_on(rr_conformance *c, const rr_participant *me, int64_t steps)
{
    if (atomic_load_explicit(&c->stopped, memory_order_relaxed)) {
        return true;
    }
    return me->waiting
               ? rr_barrier_round(&c->barrier) != me->round
               : atomic_load_explicit(&c->round.n_steps, memory_order_relaxed) != steps;
}

void
rr_conformance_pause(rr_conformance *conformance, int thread, bool is_brief)
{
    rr_participant *me = &conformance->participants[thread];
    /* At the barrier another thread may be resetting the round. */
    int64_t steps = me->waiting ? 0
                                : atomic_load_explicit(&conformance->round.n_steps,
                                                       memory_order_relaxed);
    int turns = is_brief ? PAUSE_SPINS : PAUSE_SPINS + PAUSE_YIELDS;
    for (int i = 0; i < turns; i++) {
        if (may_go_on(conformance, me, steps)) {
            me->vain_pauses = 0;
            return;
        }
        if (i < PAUSE_SPINS) {
            rr_relax();
        } else {
            give_core_away(me);
        }
    }
    if (!is_brief && ++me->vain_pauses > VAIN_PAUSES) {
        rr_doze(PAUSE_NS);
    }
}

void
rr_conformance_stop(rr_conformance *conformance)
{
    atomic_store_explicit(&conformance->stopped, true, memory_order_relaxed);
}

int64_t
rr_conformance_progress(const rr_conformance *conformance)
{
    return atomic_load_explicit(&conformance->settled, memory_order_acquire);
}

/* ---- afterwards ------------------------------------------------------------------ */

void
rr_conformance_tally_of(const rr_conformance *conformance, rr_conformance_tally *out)
{
    *out = conformance->tally;
    if (conformance->config.gil_held) {
        for (int t = 0; t < conformance->n_threads; t++) {
            out->busy_ns += conformance->participants[t].turn_ns;
        }
    }
}

int
rr_conformance_n_outcomes(const rr_conformance *conformance)
{
    return conformance->n_outcomes;
}

const rr_conformance_outcome *
rr_conformance_outcome_of(const rr_conformance *conformance, int index)
{
    return index >= 0 && index < conformance->n_outcomes ? &conformance->outcomes[index]
                                                         : NULL;
}

int
rr_conformance_status(const rr_conformance *conformance)
{
    return conformance->status;
}

const rr_conformance_misuse *
rr_conformance_misuse_of(const rr_conformance *conformance)
{
    return conformance->is_misused ? &conformance->misuse : NULL;
}
