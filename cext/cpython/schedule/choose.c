/* choose.c -- which of several runners goes on: by the schedule, at random, by priority. */
#include "cpython/schedule/internal.h"

#include "base/rr_rng.h"

static rr_run run;
static rr_rng rng;
static rr_choice choices[RR_MOST_CHOICES];
static rr_decision made[RR_MOST_DECISIONS];
static uint32_t n_choices, n_made, next_decision;
static uint32_t changes[16];
static int lowest_priority;
static uint64_t in_a_row;
static int asked_for; /* who goes on at the next choice that permits it */
static bool has_diverged;

static int
random_of(uint32_t mask)
{
    int n = (int)(rr_rng_next(&rng) % (uint64_t)__builtin_popcount(mask));
    while (n-- > 0) {
        mask &= mask - 1;
    }
    return rr_lowest(mask);
}

static int
by_priority(uint32_t mask, int current)
{
    for (uint32_t i = 0; i < run.n_changes; i++) {
        if (changes[i] == n_choices && current != RR_NO_RUNNER) {
            rr_runners[current].priority = --lowest_priority;
        }
    }
    int best = rr_lowest(mask);
    for (int i = 0; i < rr_n_runners; i++) {
        if (mask >> i & 1 && rr_runners[i].priority > rr_runners[best].priority) {
            best = i;
        }
    }
    return best;
}

static int
preferred(uint32_t mask, int current, bool can_go_on, int usual)
{
    switch (run.strategy) {
    case RR_RANDOM: {
        double at = (double)(rr_rng_next(&rng) >> 11) * 0x1p-53;
        return !can_go_on || at < run.preempt_probability ? random_of(mask) : usual;
    }
    case RR_PCT:
        return by_priority(mask, current);
    default:
        if (next_decision == run.n_decisions ||
            run.decisions[next_decision].at != n_choices) {
            return usual;
        }
        uint32_t to = run.decisions[next_decision++].runner;
        has_diverged |= (mask >> to & 1) == 0;
        return mask >> to & 1 ? (int)to : usual;
    }
}

static void
record(uint32_t at, int to)
{
    made[n_made] = (rr_decision){at, (uint32_t)to};
    if (rr_flight_recorder != NULL) {
        rr_flight_recorder->decisions[n_made] = made[n_made];
        rr_flight_recorder->n_decisions = n_made + 1;
    }
    n_made++;
}

int
rr_choose(uint32_t mask, int current, bool can_go_on, rr_point point,
          uintptr_t address, size_t n, uint64_t where)
{
    int usual = can_go_on ? current : rr_lowest(mask);
    if (!rr_is_running) { /* a drain: in turn, and not recorded */
        return usual;
    }
    uint32_t others = can_go_on ? mask & ~(1u << current) : 0;
    if (others != 0 && ++in_a_row > rr_schedule_settings.most_steps_in_a_row) {
        usual = rr_lowest(others);
        in_a_row = 0;
        rr_events_give_up();
    }
    if (asked_for != RR_NO_RUNNER && mask >> asked_for & 1) {
        usual = asked_for;
        asked_for = RR_NO_RUNNER;
    }
    int to = preferred(mask, current, can_go_on, usual);
    if (to != usual && n_made < RR_MOST_DECISIONS) {
        record(n_choices, to);
    }
    if (n_choices < RR_MOST_CHOICES) {
        choices[n_choices] = (rr_choice){
            .step = (uint32_t)rr_steps,
            .current = (uint8_t)current,
            .current_could_go_on = can_go_on,
            .able = (uint8_t)mask,
            .chosen = (uint8_t)to,
            .point = (uint8_t)point,
            .is_in_call = current != RR_NO_RUNNER && rr_is_in_call(&rr_runners[current]),
            .address = address,
            .copied_from = current == RR_NO_RUNNER
                               ? 0
                               : rr_copied_from(&rr_runners[current], point, address, n),
            .size = n,
            .epoch = current == RR_NO_RUNNER ? 0 : rr_epoch_now(current),
            .order = rr_order_now(),
            .where = where,
        };
    }
    n_choices++;
    rr_event_add(&(rr_event){
        .kind = RR_EVENT_CHOICE,
        .runner = (uint8_t)current,
        .chosen = (uint8_t)to,
        .size = mask,
    });
    return to;
}

void
rr_choose_before_unlock(int runner)
{
    for (uint32_t i = n_choices < RR_MOST_CHOICES ? n_choices : RR_MOST_CHOICES; i-- > 0;) {
        if (choices[i].current == runner) {
            choices[i].unlocks = true;
            break;
        }
    }
    rr_event_before_unlock(runner);
}

void
rr_choose_afresh(void)
{
    in_a_row = 0;
}

void
rr_point_gives_way(void)
{
    in_a_row += rr_schedule_settings.most_steps_in_a_row;
    rr_events_give_up();
}

void
rr_choose_next(int runner)
{
    asked_for = runner;
}

/* ---- a run ---------------------------------------------------------------------------- */

static void
draw_priorities(void)
{
    lowest_priority = 0;
    for (int i = 0; i < rr_n_runners; i++) {
        rr_runners[i].priority = i + 1;
    }
    for (int i = rr_n_runners - 1; i > 0; i--) {
        int j = (int)(rr_rng_next(&rng) % (uint64_t)(i + 1));
        int other = rr_runners[i].priority;
        rr_runners[i].priority = rr_runners[j].priority;
        rr_runners[j].priority = other;
    }
    for (uint32_t i = 0; i < run.n_changes; i++) {
        changes[i] = (uint32_t)(rr_rng_next(&rng) % (run.horizon > 0 ? run.horizon : 1));
    }
}

void
rr_choose_begin(const rr_run *how)
{
    run = *how;
    if (run.n_changes > sizeof changes / sizeof *changes) {
        run.n_changes = sizeof changes / sizeof *changes;
    }
    rng = rr_rng_stream(run.seed, 0);
    n_choices = n_made = next_decision = 0;
    in_a_row = 0;
    has_diverged = false;
    asked_for = RR_NO_RUNNER;
    if (run.strategy == RR_PCT) {
        draw_priorities();
    }
    if (rr_flight_recorder != NULL) {
        rr_flight_recorder->n_runs++;
        rr_flight_recorder->n_decisions = 0;
    }
}

bool
rr_may_conflict(rr_point point, uintptr_t address, uintptr_t copied_from, size_t n,
                int runner, uint32_t epoch)
{
    switch (point) {
    case RR_POINT_READ:
    case RR_POINT_WRITE:
        return rr_shadow_conflicts(address, n, runner) ||
               (copied_from != 0 && rr_shadow_conflicts(copied_from, n, runner)) ||
               rr_epoch_meets_calls(runner, epoch);
    case RR_POINT_QUIET_CALL:
        return false;
    default: /* the interpreter, which is not instrumented, may be the other party */
        return true;
    }
}

void
rr_choose_result(rr_result *out)
{
    out->n_choices = n_choices;
    out->n_made = n_made;
    out->has_diverged = has_diverged || next_decision < run.n_decisions;
    /* Only now is it known which places runners touched without an order. */
    uint32_t n = n_choices < RR_MOST_CHOICES ? n_choices : RR_MOST_CHOICES;
    for (uint32_t i = 0; i < n; i++) {
        rr_choice *c = &choices[i];
        out->n_preemptions += c->current_could_go_on && c->chosen != c->current;
        /* A thread that runs while a lock is held may later wait for it, and the wait
         * switches without a preemption: one place in each section where it is held must
         * do. */
        c->conflicts = c->is_in_call || c->unlocks ||
                       rr_may_conflict((rr_point)c->point, c->address, c->copied_from,
                                       c->size, c->current, c->epoch);
    }
    rr_events_end();
}

const rr_choice *
rr_schedule_choices(uint32_t *n)
{
    *n = n_choices < RR_MOST_CHOICES ? n_choices : RR_MOST_CHOICES;
    return choices;
}

const rr_decision *
rr_schedule_made(uint32_t *n)
{
    *n = n_made;
    return made;
}
