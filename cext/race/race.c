/* race.c -- the rounds of a race: one state machine a thread. */
#include "race/race.h"

#include "base/rr_clock.h"
#include "base/rr_status.h"
#include "modes/rounds.h"
#include "race/inside.h"

/* Longest jitter before a phase, in turns of an idle loop: some tens of ns at most, so
 * that no thread is the first one always. */
enum { JITTER_MASK = 3 };

/* How long a pause spins before it gives the core away, and how often it does that. */
enum { PAUSE_SPINS = 2000, PAUSE_YIELDS = 50 };

int
rr_race_open(const rr_race_config *config, rr_race **out)
{
    if (config->mode < 0 || config->mode >= RR_N_MODES || config->n_threads < 1 ||
        config->n_threads > RR_MAX_THREADS || config->n_objects < 1 ||
        config->hold < 1 || config->together < 1 ||
        config->together > RR_MAX_TOGETHER || config->form < 0 ||
        config->form >= RR_N_FORMS) {
        return RR_EINVAL;
    }
    rr_race *race = rr_alloc(1, sizeof *race);
    if (race == NULL) {
        return RR_ENOMEM;
    }
    race->config = *config;
    race->mode = rr_native_modes[config->mode];
    race->round = rr_round_modes[config->mode];
    race->per_round = config->together * (config->shared ? 1 : config->n_threads);
    race->quarantine = RR_QUARANTINE / config->together;
    if (race->quarantine < RR_LEAST_QUARANTINE) {
        race->quarantine = RR_LEAST_QUARANTINE;
    }
    race->barrier.n_threads = config->n_threads;

    int status = RR_ENOMEM;
    race->racers = rr_alloc((size_t)config->n_threads, sizeof *race->racers);
    race->lost_in_take = rr_alloc((size_t)race->per_round, sizeof *race->lost_in_take);
    if (race->racers == NULL || race->lost_in_take == NULL) {
        goto failed;
    }
    for (int t = 0; t < config->n_threads; t++) {
        race->racers[t].rng = rr_rng_stream(config->seed, (uint64_t)t);
    }
    status = rr_domain_open(&race->domain);
    if (status != RR_OK) {
        goto failed;
    }
    for (int t = 0; t <= rr_race_referee(race); t++) {
        rr_threads_join(race->domain, race->mode, t);
    }
    status = rr_arena_open(race->quarantine * race->per_round, race->mode, race->domain,
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
        rr_free(race->racers);
        rr_free(race);
    }
}

/* Through the barrier of the phase this racer has ended?  Arrives there first if it has
 * not yet. */
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
enter_next_phase(rr_race *race, rr_racer *racer, int thread)
{
    racer->phase = racer->phase == RR_PHASE_TAKE ? RR_PHASE_DROP : RR_PHASE_TAKE;
    racer->done = 0;
    int64_t round = atomic_load_explicit(&race->settled_rounds, memory_order_relaxed);
    int64_t mine = race->config.shared ? 0 : thread * race->config.together;
    racer->object = rr_arena_object(race->arena, rr_race_slot(race, round, mine));
    for (uint64_t i = rr_rng_next(&racer->rng) & JITTER_MASK; i > 0; i--) {
        rr_relax();
    }
    racer->inside.begin = rr_now_ns();
}

static bool
is_over(rr_race *race)
{
    return atomic_load_explicit(&race->stopped, memory_order_relaxed) ||
           rr_race_progress(race) >= race->config.n_objects;
}

/* `n` operations on each object of the racer; returns how many found it freed. */
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

/* How many operations on each object a racer may do; one at least, if any budget is left. */
static int64_t
affordable(const rr_race *race, const rr_racer *racer, int64_t budget)
{
    int64_t left = race->config.hold - racer->done;
    int64_t n = (budget + race->config.together - 1) / race->config.together;
    return left < n ? left : n;
}

static rr_race_turn
advance_as_self(rr_race *race, int thread, int64_t budget)
{
    rr_racer *racer = &race->racers[thread];
    while (true) {
        if (racer->phase == RR_PHASE_MEET || racer->done == race->config.hold) {
            if (!pass_barrier(race, racer)) {
                return is_over(race) ? RR_TURN_DONE : RR_TURN_WAIT;
            }
            if (is_over(race)) {
                return RR_TURN_DONE;
            }
            enter_next_phase(race, racer, thread);
        }
        int64_t n = affordable(race, racer, budget);
        racer->dangling_uses += operate(race, racer, n);
        racer->done += n;
        budget -= n * race->config.together;
        budget = budget < 0 ? 0 : budget;
        if (racer->done == race->config.hold) {
            racer->inside.end = rr_now_ns();
        }
        else {
            return is_over(race) ? RR_TURN_DONE : RR_TURN_AGAIN;
        }
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
    int64_t took = rr_now_ns() - begin;
    racer->turn_ns += took;
    racer->crowded_turn_ns += met ? took : 0;
    return turn;
}

void
rr_race_pause(rr_race *race, int thread)
{
    rr_racer *racer = &race->racers[thread];
    for (int i = 0; i < PAUSE_SPINS + PAUSE_YIELDS; i++) {
        if (!racer->waiting || rr_barrier_round(&race->barrier) != racer->round ||
            atomic_load_explicit(&race->stopped, memory_order_relaxed)) {
            return;
        }
        if (i < PAUSE_SPINS) {
            rr_relax();
        }
        else {
            rr_yield();
        }
    }
}

void
rr_race_stop(rr_race *race)
{
    atomic_store_explicit(&race->stopped, true, memory_order_relaxed);
}

int64_t
rr_race_progress(const rr_race *race)
{
    return atomic_load_explicit(&race->settled_rounds, memory_order_acquire);
}

void
rr_race_tally_of(const rr_race *race, rr_race_tally *out)
{
    *out = race->tally;
    if (race->config.in_turns) {
        for (int t = 0; t < race->config.n_threads; t++) {
            out->busy_ns += race->racers[t].turn_ns;
            out->crowded_ns += race->racers[t].crowded_turn_ns;
        }
    }
}
