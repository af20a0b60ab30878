/* tally.c -- what the last thread at the barrier does with a round: it tallies the round
 * and decides whether it was the last. */
#include <stdatomic.h>
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_clock.h"
#include "base/rr_status.h"
#include "conformance/internal.h"

static void
give_up(rr_conformance *c, int status)
{
    if (status != RR_OK && c->status == RR_OK) {
        c->status = status;
    }
    atomic_store_explicit(&c->stopped, true, memory_order_relaxed);
}

/* A copy of the round's schedule, with room for one more step; NULL if it is too long or
 * there is no memory. */
static int32_t *
copy_schedule(rr_conformance *c, int32_t *n_codes)
{
    int64_t n = atomic_load_explicit(&c->round.n_steps, memory_order_relaxed);
    if (n > RR_MAX_SCHEDULE) {
        return NULL;
    }
    int32_t *codes = rr_alloc((size_t)n + 1, sizeof *codes);
    if (codes == NULL) {
        give_up(c, RR_ENOMEM);
        return NULL;
    }
    memcpy(codes, c->round.codes, (size_t)n * sizeof *codes);
    *n_codes = (int32_t)n;
    return codes;
}

static void
keep_shortest(rr_conformance *c, rr_conformance_outcome *outcome)
{
    int64_t n = atomic_load_explicit(&c->round.n_steps, memory_order_relaxed);
    if (outcome->codes == NULL) {
        outcome->codes = copy_schedule(c, &outcome->n_codes);
    } else if (n < outcome->n_codes) {
        memcpy(outcome->codes, c->round.codes, (size_t)n * sizeof *outcome->codes);
        outcome->n_codes = (int32_t)n;
    }
}

static void
count_outcome(rr_conformance *c, uint32_t kinds)
{
    int i = 0;
    while (i < c->n_outcomes && c->outcomes[i].kinds != kinds) {
        i++;
    }
    if (i == RR_MAX_CONFORMANCE_OUTCOMES) {
        give_up(c, RR_EBUG); /* there are 14 kinds, and only few go together */
        return;
    }
    if (i == c->n_outcomes) {
        c->n_outcomes++;
        c->outcomes[i] = (rr_conformance_outcome){.kinds = kinds};
    }
    c->outcomes[i].n_rounds++;
    c->is_corrupt |= kinds != 0;
    keep_shortest(c, &c->outcomes[i]);
}

int
rr_conformance_open_round(rr_conformance *c)
{
    const rr_conformance_config *config = &c->config;
    const uint64_t *gap_seed = config->is_widened ? &config->seed : NULL;
    int status = rr_round_open(config->program, config->mode, config->gil_held,
                               c->capacity, config->most_steps, gap_seed, &c->round);
    c->round.stopped = &c->stopped;
    return status;
}

/* Widens the layout; the round then runs again. */
static void
widen(rr_conformance *c)
{
    int which = c->round.m->grow;
    int32_t *capacity = &c->capacity[which];
    /* An operation in progress stores its position first, and then what it has read. */
    int32_t least = which == RR_CAPACITY_READS ? 2 : 1;
    *capacity = *capacity == 0 ? least : 2 * *capacity;
    if (*capacity > RR_MAX_CAPACITY) {
        give_up(c, RR_EROOM);
        return;
    }
    rr_round_close(&c->round);
    int status = rr_conformance_open_round(c);
    if (status != RR_OK) {
        give_up(c, status);
    }
}

static void
note_misuse(rr_conformance *c)
{
    const rr_machine *m = c->round.m;
    c->is_misused = true;
    c->misuse = (rr_conformance_misuse){
        .misuse = m->misuse,
        .thread = c->round.thread,
        .statement = m->seen.instr != NULL ? m->seen.instr->statement : -1,
    };
    if (c->round.misuse_code >= 0) {
        c->misuse.codes = copy_schedule(c, &c->misuse.n_codes);
        if (c->misuse.codes != NULL) {
            c->misuse.codes[c->misuse.n_codes++] = c->round.misuse_code;
        }
    }
    give_up(c, RR_OK);
}

static void
note_moves(rr_conformance *c)
{
    for (int t = 0; t < c->n_threads; t++) {
        int64_t n = c->round.pauses.n_moves[t];
        if (n > 0 && (c->fewest_moves[t] == 0 || n < c->fewest_moves[t])) {
            c->fewest_moves[t] = n;
        }
        if (n > c->most_moves[t]) {
            c->most_moves[t] = n;
        }
    }
}

static bool
is_enough(const rr_conformance_config *config, const rr_conformance_tally *tally,
          bool is_corrupt)
{
    bool is_late = config->most_ns > 0 && tally->elapsed_ns >= config->most_ns;
    bool is_clean_enough =
        config->clean_rounds > 0 && tally->rounds >= config->clean_rounds;
    return (is_late && tally->rounds >= config->least_rounds) ||
           (is_corrupt ? config->until_corrupt : is_clean_enough);
}

static void
tally_round(rr_conformance *c)
{
    rr_conformance_tally *tally = &c->tally;
    rr_interval intervals[RR_MAX_INTERVALS];
    int n = 0;
    for (int t = 0; t < c->n_threads; t++) {
        for (int i = 0; i < c->participants[t].n_stretches; i++) {
            intervals[n++] = c->participants[t].stretches[i];
        }
    }
    rr_overlap overlap = rr_overlap_of(intervals, n);
    if (!c->config.gil_held) {
        tally->busy_ns += overlap.busy_ns;
        tally->crowded_ns += overlap.crowded_ns;
    }
    tally->rounds++;
    tally->steps += atomic_load_explicit(&c->round.n_steps, memory_order_relaxed);
    tally->operations += c->round.n_operations;
    tally->shared += rr_round_n_shared(&c->round);
    tally->met += c->round.n_met;
    tally->elapsed_ns = rr_now_ns() - c->began_ns;
    if (is_enough(&c->config, tally, c->is_corrupt)) {
        give_up(c, RR_OK);
    }
    note_moves(c);
    atomic_store_explicit(&c->settled, tally->rounds, memory_order_release);
}

void
rr_conformance_tally_round(rr_conformance *c)
{
    switch (atomic_load_explicit(&c->round.state, memory_order_acquire)) {
    case RR_ROUND_OVER:
        count_outcome(c, c->round.kinds);
        tally_round(c);
        break;
    case RR_ROUND_UNDECIDED:
        c->tally.undecided++;
        tally_round(c);
        break;
    case RR_ROUND_CUT:
        c->tally.cut++;
        tally_round(c);
        break;
    case RR_ROUND_DISPUTED:
        c->tally.disputed++;
        tally_round(c);
        break;
    case RR_ROUND_MISUSED:
        note_misuse(c);
        break;
    case RR_ROUND_GROW:
        widen(c);
        break;
    default:
        break;
    }
}
