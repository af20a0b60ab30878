/* race.c -- the rounds of a race: one state machine per thread. */
#include "race/race.h"

#include "base/rr_clock.h"
#include "base/rr_status.h"
#include "modes/rounds.h"
#include "race/inside.h"

/* Longest jitter before a phase, in turns of an idle loop: at most some tens of ns, so
 * that no thread is always the first. */
enum { JITTER_MASK = 3 };

static int64_t
rounds_of(const rr_race *race)
{
    int64_t fewest = RR_FEWEST_ROUNDS / race->config.together;
    fewest = fewest < RR_LEAST_ROUNDS ? RR_LEAST_ROUNDS : fewest;
    int64_t n = race->mode->n_lanes > 0 ? 0 : RR_MOST_SLOTS / race->per_round;
    n = n > RR_MOST_ROUNDS ? RR_MOST_ROUNDS : n;
    n = n / 2 > race->config.n_objects ? 2 * race->config.n_objects : n;
    return n < fewest ? fewest : n;
}

static bool
has_mode(const rr_race_config *config)
{
    return config->own != NULL || rr_native_mode(config->mode) != NULL;
}

static void
choose_tables(rr_race *race)
{
    const rr_race_config *config = &race->config;
    const bool is_widened = config->gap_odds > 0;
    if (config->own != NULL) {
        race->mode = is_widened ? config->own->widened : config->own->native;
        race->round = config->own->rounds;
        return;
    }
    race->mode = is_widened ? rr_widened_mode(config->mode) : rr_native_mode(config->mode);
    race->round = rr_round_mode(config->mode);
}

int
rr_race_open(const rr_race_config *config, rr_race **out)
{
    if (!has_mode(config) || config->n_threads < 1 ||
        config->n_threads > RR_MAX_THREADS || config->n_objects < 1 ||
        config->hold < 1 || config->together < 1 ||
        config->together > RR_MAX_TOGETHER || config->form < 0 ||
        config->form >= RR_N_FORMS || config->gap_odds < 0 || config->n_stretches < 0 ||
        config->n_stretches > RR_MOST_STRETCHES ||
        (config->gap_odds > 0 && (config->in_turns || config->together > 1))) {
        return RR_EINVAL;
    }
    rr_race *race = rr_alloc(1, sizeof *race);
    if (race == NULL) {
        return RR_ENOMEM;
    }
    race->config = *config;
    choose_tables(race);
    race->per_round = config->together * (config->shared ? 1 : config->n_threads);
    race->barrier.n_threads = config->n_threads;

    int status = RR_ENOMEM;
    race->n_rounds = rounds_of(race);
    race->racers = rr_alloc((size_t)config->n_threads, sizeof *race->racers);
    if (race->racers == NULL) {
        goto failed;
    }
    race->lost_in_take = rr_alloc((size_t)(race->n_rounds * race->per_round),
                                  sizeof *race->lost_in_take);
    if (race->lost_in_take == NULL) {
        goto failed;
    }
    for (int t = 0; t < config->n_threads && config->n_stretches > 0; t++) {
        race->racers[t].stretches = rr_alloc((size_t)config->n_stretches,
                                             sizeof *race->racers[t].stretches);
        if (race->racers[t].stretches == NULL) {
            goto failed;
        }
    }
    for (int t = 0; t < config->n_threads; t++) {
        race->racers[t].spins = RR_MOST_SPINS;
        race->racers[t].rng = rr_rng_stream(config->seed, (uint64_t)t);
        race->racers[t].gap = (rr_gap_thread){
            .gaps = &race->gaps,
            .number = t,
            .odds = config->gap_odds,
            .rng = rr_rng_stream(config->seed, (uint64_t)(RR_MAX_THREADS + t)),
        };
    }
    status = rr_domain_open(&race->domain);
    if (status != RR_OK) {
        goto failed;
    }
    race->domain->on_end = config->own == NULL ? NULL : config->own->on_end;
    for (int t = 0; t <= rr_race_referee(race); t++) {
        rr_threads_join(race->domain, race->mode, t);
    }
    status = rr_arena_open(race->n_rounds * race->per_round, race->mode, race->domain,
                           &race->arena);
    if (status != RR_OK) {
        goto failed;
    }
    *out = race;
    return RR_OK;

failed:
    rr_race_close(race);
    return status;
}

void
rr_race_close(rr_race *race)
{
    if (race != NULL) {
        rr_arena_close(race->arena);
        rr_domain_close(race->domain);
        rr_free(race->lost_in_take);
        for (int t = 0; race->racers != NULL && t < race->config.n_threads; t++) {
            rr_free(race->racers[t].stretches);
        }
        rr_free(race->racers);
        rr_free(race);
    }
}

/* Is this racer past the barrier of the phase that it has ended?  Arrives there first if
 * it has not yet. */
static bool
pass_barrier(rr_race *race, rr_racer *racer)
{
    if (!racer->waiting) {
        /* Read before arriving: the round cannot change until this thread has. */
        racer->round = rr_barrier_round(&race->barrier);
        racer->waiting = true;
        if (rr_barrier_arrive(&race->barrier)) {
            rr_race_between_phases(race, racer->phase);
            rr_barrier_open(&race->barrier);
        }
    }
    if (rr_barrier_round(&race->barrier) == racer->round) {
        return false;
    }
    racer->waiting = false;
    return true;
}

static void
begin_group(rr_race *race, rr_racer *racer, int thread)
{
    int64_t round = atomic_load_explicit(&race->settled_rounds, memory_order_relaxed);
    int64_t mine = race->config.shared ? 0 : thread * race->config.together;
    racer->object = rr_race_object(race, round + racer->group_done, mine);
    racer->done = 0;
}

static void
enter_next_phase(rr_race *race, rr_racer *racer, int thread)
{
    racer->phase = racer->phase == RR_PHASE_TAKE ? RR_PHASE_DROP : RR_PHASE_TAKE;
    racer->n_groups = race->batch;
    racer->group_done = 0;
    begin_group(race, racer, thread);
    for (uint64_t i = rr_rng_next(&racer->rng) & JITTER_MASK; i > 0; i--) {
        rr_relax();
    }
    racer->inside.begin = rr_now_ns();
}

/* True before the first phase, too. */
static bool
has_ended_phase(const rr_racer *racer)
{
    return racer->group_done == racer->n_groups;
}

static bool
is_over(rr_race *race)
{
    return atomic_load_explicit(&race->stopped, memory_order_relaxed) ||
           rr_race_progress(race) >= race->config.n_objects;
}

/* `n` operations on each object of the current group; returns how many found it freed. */
static int64_t
operate(const rr_race *race, const rr_racer *racer, int64_t n)
{
    bool takes = racer->phase == RR_PHASE_TAKE;
    int64_t together = race->config.together;
    int form = race->config.form;
    if (together > 1) {
        rr_round *round = takes ? race->round->incref_round[form]
                                : race->round->decref_round[form];
        return rr_go_round(round, racer->object, together, n);
    }
    rr_run *run = takes ? race->mode->incref_run[form] : race->mode->decref_run[form];
    return run(racer->object, n);
}

/* How many operations on each object a racer may do; at least one, if any budget is
 * left. */
static int64_t
affordable(const rr_race *race, const rr_racer *racer, int64_t budget)
{
    int64_t left = race->config.hold - racer->done;
    int64_t n = (budget + race->config.together - 1) / race->config.together;
    return left < n ? left : n;
}

static void
run(rr_race *race, rr_racer *racer, int thread, int64_t n)
{
    rr_gap_self = race->config.gap_odds > 0 ? &racer->gap : NULL;
    racer->dangling_uses += operate(race, racer, n);
    rr_gap_self = NULL;
    racer->done += n;
    racer->since_kept += n * race->config.together;
    if (racer->done < race->config.hold) {
        return;
    }
    racer->group_done++;
    if (has_ended_phase(racer)) {
        racer->inside.end = rr_now_ns();
        if (!race->config.in_turns) {
            rr_race_keep_stretch(race, racer, racer->inside);
        }
        rr_gap_leave(&racer->gap);
    }
    else {
        begin_group(race, racer, thread);
    }
}

static rr_race_turn
advance_as_self(rr_race *race, int thread, int64_t budget)
{
    rr_racer *racer = &race->racers[thread];
    while (true) {
        if (has_ended_phase(racer)) {
            if (!pass_barrier(race, racer)) {
                return is_over(race) ? RR_TURN_DONE : RR_TURN_WAIT;
            }
            if (is_over(race)) {
                return RR_TURN_DONE;
            }
            enter_next_phase(race, racer, thread);
        }
        if (budget < 1) {
            return is_over(race) ? RR_TURN_DONE : RR_TURN_AGAIN;
        }
        int64_t n = affordable(race, racer, budget);
        run(race, racer, thread, n);
        budget -= n * race->config.together;
    }
}

static rr_race_turn
advance(rr_race *race, int thread, int64_t budget)
{
    int64_t before = rr_threads_enter(thread);
    rr_race_turn turn = advance_as_self(race, thread, budget);
    rr_threads_become(before);
    return turn;
}

rr_race_turn
rr_race_advance(rr_race *race, int thread, int64_t budget)
{
    if (!race->config.in_turns) {
        rr_race_turn turn = advance(race, thread, budget);
        rr_mode_rest(race->mode, race->domain);
        return turn;
    }
    rr_racer *racer = &race->racers[thread];
    int64_t begin = rr_now_ns();
    bool met = atomic_fetch_add_explicit(&race->n_inside, 1, memory_order_relaxed) > 0;
    rr_race_turn turn = advance(race, thread, budget);
    rr_mode_rest(race->mode, race->domain);
    met |= atomic_fetch_sub_explicit(&race->n_inside, 1, memory_order_relaxed) > 1;
    int64_t end = rr_now_ns();
    rr_race_keep_stretch(race, racer, (rr_interval){.begin = begin, .end = end});
    int64_t took = end - begin;
    racer->turn_ns += took;
    racer->crowded_turn_ns += met ? took : 0;
    return turn;
}

void
rr_race_stop(rr_race *race)
{
    atomic_store_explicit(&race->stopped, true, memory_order_relaxed);
    rr_gaps_end(&race->gaps);
}

int64_t
rr_race_progress(const rr_race *race)
{
    return rr_race_settled(race);
}

void
rr_race_tally_of(const rr_race *race, rr_race_tally *out)
{
    *out = race->tally;
    for (int t = 0; t < race->config.n_threads; t++) {
        const rr_racer *racer = &race->racers[t];
        out->busy_ns += racer->turn_ns; /* 0 unless in turns */
        out->crowded_ns += racer->crowded_turn_ns;
        out->gap_waits += racer->gap.waits;
        out->gaps_met += racer->gap.met;
    }
}
