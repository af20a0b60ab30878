/* sample.c -- the two strategies, and what is stored of a run. */
#include "explore/sample.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

int
rr_sample_open(rr_machine *m, rr_strategy strategy, int depth, int64_t max_steps,
               int64_t horizon, uint64_t seed, uint64_t first_run, rr_sample *out)
{
    rr_sample *s = out;
    *s = (rr_sample){
        .strategy = strategy,
        .depth = depth,
        .max_steps = max_steps,
        .horizon = horizon,
        .seed = seed,
        .first_run = first_run,
    };
    for (int i = 0; i < RR_N_FINDINGS; i++) {
        s->found[i].n_steps = -1;
    }
    int status = rr_walk_open(m, &s->walk);
    s->tally = rr_alloc((size_t)1 << RR_N_FINDINGS, sizeof *s->tally);
    s->change_points = rr_alloc((size_t)depth, sizeof *s->change_points);
    if (status != RR_OK || s->tally == NULL || s->change_points == NULL) {
        rr_sample_close(s);
        return RR_ENOMEM;
    }
    return RR_OK;
}

void
rr_sample_close(rr_sample *s)
{
    rr_walk_close(&s->walk);
    rr_free(s->tally);
    rr_free(s->change_points);
    rr_free(s->codes);
    for (int i = 0; i < RR_N_FINDINGS; i++) {
        rr_free(s->found[i].codes);
    }
    *s = (rr_sample){0};
}

/* Uniform below n, without the bias of a modulo operation. */
static uint64_t
below(rr_sample *s, uint64_t n)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % n, x;
    do {
        x = rr_rng_next(&s->rng);
    } while (x >= limit);
    return x % n;
}

/* ---- PCT ------------------------------------------------------------------------ */

/* A thread, or its store buffer: each has its own priority. */
static int
actor_of(int32_t code)
{
    return 2 * rr_thread_of_code(code) + (rr_branch_of_code(code) == RR_DRAIN);
}

static void
draw_priorities(rr_sample *s)
{
    int n = 2 * s->walk.m->layout.n_threads;
    for (int i = 0; i < n; i++) {
        s->priority[i] = s->depth + i;
    }
    for (int i = n - 1; i > 0; i--) {
        int other = (int)below(s, (uint64_t)i + 1), mine = s->priority[i];
        s->priority[i] = s->priority[other];
        s->priority[other] = mine;
    }
    for (int i = 0; i + 1 < s->depth; i++) {
        s->change_points[i] = 1 + (int64_t)below(s, (uint64_t)s->horizon);
    }
}

/* Under C11: any of the messages that the step of a code may take. */
static int32_t
any_message(rr_sample *s, int32_t code)
{
    const rr_walk *walk = &s->walk;
    int32_t step = code & ((1 << RR_CODE_BITS) - 1);
    uint64_t n = 0;
    for (int i = 0; i < walk->n_choices; i++) {
        n += (walk->choices[i] & ((1 << RR_CODE_BITS) - 1)) == step;
    }
    uint64_t nth = n > 1 ? below(s, n) : 0;
    for (int i = 0; n > 1 && i < walk->n_choices; i++) {
        if ((walk->choices[i] & ((1 << RR_CODE_BITS) - 1)) == step && nth-- == 0) {
            return walk->choices[i];
        }
    }
    return code;
}

static int32_t
highest(rr_sample *s)
{
    const rr_walk *walk = &s->walk;
    int32_t best = walk->choices[0];
    for (int i = 1; i < walk->n_choices; i++) {
        int32_t code = walk->choices[i];
        if (rr_takes_old(rr_branch_of_code(code), code >> RR_CODE_BITS)) {
            continue; /* another message of a step that is among the choices */
        }
        int mine = s->priority[actor_of(code)], other = s->priority[actor_of(best)];
        /* The two branches of a `maybe` have the same priority; a coin flip decides. */
        if (mine > other || (mine == other && below(s, 2) == 0)) {
            best = code;
        }
    }
    return best;
}

static int32_t
choose_by_priority(rr_sample *s)
{
    for (int i = 0; i + 1 < s->depth; i++) {
        if (s->change_points[i] == s->walk.n_steps + 1) {
            s->priority[actor_of(highest(s))] = i;
        }
    }
    return any_message(s, highest(s));
}

/* ---- a run ---------------------------------------------------------------------- */

static int
note_code(rr_sample *s, int32_t code)
{
    int64_t at = s->walk.n_steps;
    if (at == s->n_room) {
        int64_t n_room = s->n_room == 0 ? 256 : 2 * s->n_room;
        int32_t *codes = rr_realloc(s->codes, (size_t)s->n_room, (size_t)n_room,
                                    sizeof *codes);
        if (codes == NULL) {
            return RR_ENOMEM;
        }
        s->codes = codes;
        s->n_room = n_room;
    }
    s->codes[at] = code;
    return RR_OK;
}

static int
keep_best(rr_sample *s, int kind)
{
    rr_found *best = &s->found[kind];
    const rr_walk *walk = &s->walk;
    if (best->n_steps >= 0 && (best->n_preemptions < walk->n_preemptions ||
                               (best->n_preemptions == walk->n_preemptions &&
                                best->n_steps <= walk->n_steps))) {
        return RR_OK;
    }
    int32_t *codes = rr_alloc((size_t)walk->n_steps, sizeof *codes);
    if (codes == NULL) {
        return RR_ENOMEM;
    }
    if (walk->n_steps > 0) {
        memcpy(codes, s->codes, (size_t)walk->n_steps * sizeof *codes);
    }
    rr_free(best->codes);
    *best = (rr_found){walk->n_preemptions, walk->n_steps, codes};
    return RR_OK;
}

static int
end_run(rr_sample *s, rr_progress progress)
{
    const rr_walk *walk = &s->walk;
    if (progress == RR_RAN) {
        s->n_too_long++;
    } else if (progress == RR_GROW) {
        s->n_outgrown++;
    } else {
        s->tally[walk->kinds]++;
    }
    s->n_runs++;
    s->n_beyond_horizon += walk->n_steps > s->horizon;
    s->longest = walk->n_steps > s->longest ? walk->n_steps : s->longest;
    int status = RR_OK;
    for (int kind = 0; kind < RR_N_FINDINGS && status == RR_OK; kind++) {
        if (progress != RR_GROW && (walk->kinds >> kind & 1)) {
            status = keep_best(s, kind);
        }
    }
    return status;
}

static int
run_once(rr_sample *s)
{
    rr_walk *walk = &s->walk;
    s->rng = rr_rng_stream(s->seed, s->first_run + (uint64_t)s->n_runs);
    if (s->strategy == RR_PCT) {
        draw_priorities(s);
    }
    rr_progress progress = rr_walk_begin(walk);
    while (progress == RR_RAN && walk->n_steps < s->max_steps) {
        int32_t code = s->strategy == RR_PCT
                           ? choose_by_priority(s)
                           : walk->choices[below(s, (uint64_t)walk->n_choices)];
        int status = note_code(s, code);
        if (status != RR_OK) {
            return status;
        }
        progress = rr_walk_take(walk, code);
    }
    bool is_outgrown = progress == RR_GROW && walk->m->grow == RR_GROW_HISTORY;
    if (progress == RR_MISUSED || (progress == RR_GROW && !is_outgrown)) {
        s->stopped = progress;
        s->n_codes = walk->n_steps;
        return RR_OK;
    }
    return end_run(s, progress);
}

int
rr_sample_advance(rr_sample *s, int64_t n)
{
    int status = RR_OK;
    for (int64_t i = 0; i < n && status == RR_OK && s->stopped == RR_RAN; i++) {
        status = run_once(s);
    }
    return status;
}
