/* plan.c -- computes the plans of widened rounds. */
#include "conformance/plan.h"

#include "base/rr_rng.h"

/* The assumed number of a thread's moves while it is not known. */
enum { FIRST_GUESS = 8 };

/* How often rounds with one pause cover every place before most rounds have two. */
enum { SWEEPS = 2 };

static const rr_plan_kind first_kinds[RR_PLAN_PERIOD] = {
    RR_PLAN_ONE_PAUSE,  RR_PLAN_COMPANY, RR_PLAN_ONE_PAUSE, RR_PLAN_ONE_PAUSE,
    RR_PLAN_TWO_PAUSES, RR_PLAN_MIXED,   RR_PLAN_ONE_PAUSE, RR_PLAN_ONE_PAUSE,
};
static const rr_plan_kind later_kinds[RR_PLAN_PERIOD] = {
    RR_PLAN_TWO_PAUSES, RR_PLAN_COMPANY, RR_PLAN_TWO_PAUSES, RR_PLAN_TWO_PAUSES,
    RR_PLAN_ONE_PAUSE,  RR_PLAN_MIXED,   RR_PLAN_TWO_PAUSES, RR_PLAN_TWO_PAUSES,
};

/* Multiples of these, modulo one, cover a line and a square evenly from the first on
 * (M. Roberts: The unreasonable effectiveness of quasirandom sequences, 2018): 1/g with
 * the golden ratio g, and 1/p and 1/p^2 with the plastic ratio p; times 2^64. */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)
#define PLASTIC_1 UINT64_C(0xc13fa9a902a6328f)
#define PLASTIC_2 UINT64_C(0x91e10da5c79e7b1c)

static int
below(rr_rng *rng, int n)
{
    return (int)(rr_rng_next(rng) % (uint64_t)n);
}

/* Where a thread can pause: before each of its moves but the first. */
static int64_t
n_places(const int64_t *moves, int thread)
{
    int64_t n = moves[thread] > 0 ? moves[thread] : FIRST_GUESS;
    return n > 1 ? n - 1 : 1;
}

/* The first element of a seed's sequences. */
static uint64_t
offset_of(const rr_planner *p, uint64_t sequence)
{
    rr_rng rng = rr_rng_stream(~p->seed ^ GOLDEN, sequence);
    return rr_rng_next(&rng);
}

static rr_pause
pause_at(int thread, uint64_t fraction, const int64_t *moves)
{
    uint64_t n = (uint64_t)n_places(moves, thread);
    return (rr_pause){thread, 1 + (int64_t)((fraction >> 32) * n >> 32)};
}

static void
swap(int *order, int i, int j)
{
    int kept = order[i];
    order[i] = order[j];
    order[j] = kept;
}

static void
shuffle(rr_rng *rng, int n_threads, int *order)
{
    for (int i = 0; i < n_threads; i++) {
        order[i] = i;
    }
    for (int i = n_threads - 1; i > 0; i--) {
        swap(order, i, below(rng, i + 1));
    }
}

static void
put(int *order, int thread, int place)
{
    int i = 0;
    while (order[i] != thread) {
        i++;
    }
    swap(order, i, place);
}

/* Each thread in turn pauses at one place after the other.  It may start at any position
 * but the last, since then no thread would run before it goes on. */
static void
plan_one_pause(const rr_planner *p, rr_rng *rng, const int64_t *moves, rr_plan *plan)
{
    uint64_t n = (uint64_t)p->n_threads;
    uint64_t i = (uint64_t)p->n_of[RR_PLAN_ONE_PAUSE] + p->seed % n;
    int thread = (int)(i % n);
    put(plan->order, thread, n > 2 ? below(rng, p->n_threads - 1) : 0);
    plan->pauses[plan->n_pauses++] =
        pause_at(thread, offset_of(p, 0) + i / n * GOLDEN, moves);
}

/* The first thread pauses, and usually the second too, so that the first one goes on. */
static void
plan_two_pauses(const rr_planner *p, rr_rng *rng, const int64_t *moves, rr_plan *plan)
{
    uint64_t n = (uint64_t)p->n_threads;
    uint64_t i = (uint64_t)p->n_of[RR_PLAN_TWO_PAUSES] + p->seed % n;
    int first = (int)(i % n);
    put(plan->order, first, 0);
    int other = plan->order[n > 1 && below(rng, 8) != 0];
    plan->pauses[plan->n_pauses++] =
        pause_at(first, offset_of(p, 1) + i / n * PLASTIC_1, moves);
    plan->pauses[plan->n_pauses++] =
        pause_at(other, offset_of(p, 2) + i / n * PLASTIC_2, moves);
}

static rr_plan_kind
kind_of_next(const rr_planner *p, const int64_t *moves)
{
    int64_t n = 0;
    for (int t = 0; t < p->n_threads; t++) {
        n += n_places(moves, t);
    }
    bool is_swept = p->n_of[RR_PLAN_ONE_PAUSE] >= SWEEPS * n;
    return (is_swept ? later_kinds : first_kinds)[p->n_plans % RR_PLAN_PERIOD];
}

rr_plan
rr_planner_next(rr_planner *planner, const int64_t *moves)
{
    /* Separate from the streams of start.c and of the machine's choices. */
    rr_rng rng = rr_rng_stream(planner->seed ^ GOLDEN, (uint64_t)planner->n_plans);
    rr_plan plan = {
        .kind = kind_of_next(planner, moves),
        .is_back_soon = rr_rng_next(&rng) % 2 == 0,
    };
    plan.is_serial = plan.kind == RR_PLAN_ONE_PAUSE || plan.kind == RR_PLAN_TWO_PAUSES;
    plan.has_company = !plan.is_serial;
    shuffle(&rng, planner->n_threads, plan.order);
    switch (plan.kind) {
    case RR_PLAN_ONE_PAUSE:
        plan_one_pause(planner, &rng, moves, &plan);
        break;
    case RR_PLAN_TWO_PAUSES:
        plan_two_pauses(planner, &rng, moves, &plan);
        break;
    case RR_PLAN_MIXED:
        plan.pauses[plan.n_pauses++] = pause_at(plan.order[0], rr_rng_next(&rng), moves);
        break;
    default:
        break;
    }
    planner->n_of[plan.kind]++;
    planner->n_plans++;
    return plan;
}
