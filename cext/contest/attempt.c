/* attempt.c -- an operation of the mode, run natively with those at the same object. */
#include <stdatomic.h>

#include "base/rr_clock.h"
#include "contest/inside.h"

/* How long an operation waits for company, in turns of an idle loop: about as long as
 * a thread needs to come to the same object through the lock. */
enum { COMPANY_TURNS = 400 };

/* Longest head start, in turns of an empty loop, that the one who waited gets. */
enum { JITTER_TURNS = 256 };

static void
judge(rr_round *r, rr_bout *bout)
{
    if (!rr_round_is_over(r)) {
        rr_words words;
        rr_natives_read(r->natives, bout->object, &words);
        rr_explanation explanation = rr_explain(&r->explainer, r->m, bout, &words);
        switch (explanation) {
        case RR_EXPLAINED:
        case RR_FOUND:
            for (int i = 0; i < r->explainer.n_codes; i++) {
                rr_round_note_step(r, r->explainer.codes[i]);
            }
            if (explanation == RR_FOUND) {
                rr_round_end_with(r, r->m->kinds);
            }
            break;
        case RR_AMBIGUOUS:
            rr_round_end(r, RR_ROUND_UNDECIDED);
            break;
        case RR_UNEXPLAINED:
            rr_round_end(r, RR_ROUND_DISPUTED);
            break;
        case RR_CANNOT:
            rr_round_stopped_by(r, r->explainer.progress, bout->attempts[0].thread, -1);
            break;
        }
    }
    for (int i = 0; i < bout->n; i++) {
        r->n_upgrades -= bout->attempts[i].op == RR_OP_UPGRADE;
    }
    r->n_in_bouts -= bout->n;
    r->n_operations += bout->n;
    r->n_met += bout->n > 1 ? bout->n : 0;
    bout->n = 0;
    bout->is_closing = false;
    atomic_store_explicit(&bout->n_ready, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&bout->n_judged, 1, memory_order_release);
}

/* A thread that comes alone lets another the time to come too.  Both have read the
 * count by then: the cache line is in both cores, so neither's first access is late. */
static void
wait_for_company(rr_round *r, rr_bout *bout, rr_rng *rng)
{
    if (r->gil_held || r->m->program->n_threads == 1) {
        return;
    }
    int turns = (int)(rr_rng_next(rng) % COMPANY_TURNS);
    int jitter = (int)(rr_rng_next(rng) % JITTER_TURNS);
    rr_words words;
    rr_natives_read(r->natives, bout->object, &words);
    bool is_first = atomic_fetch_add_explicit(&bout->n_ready, 1, memory_order_acq_rel) == 0;
    while (is_first && turns-- > 0 &&
           atomic_load_explicit(&bout->n_ready, memory_order_acquire) == 1) {
        rr_relax();
    }
    /* Who comes last knows it first. */
    while (!is_first && jitter-- > 0) {
        atomic_signal_fence(memory_order_seq_cst);
    }
}

rr_move
rr_round_attempt(rr_round *r, int thread, const rr_ahead *ahead, rr_rng *rng)
{
    rr_bout *bout = &r->bouts[ahead->object];
    if (r->wants_alone != 0 || bout->is_closing || bout->n == RR_MAX_AT_ONCE) {
        return RR_MOVE_WAITS;
    }
    if (bout->n == 0) {
        rr_words words = rr_machine_words(r->m, r->m->w, ahead->object);
        rr_natives_set(r->natives, ahead->object, &words);
    }
    rr_attempt *mine = &bout->attempts[bout->n++];
    *mine = (rr_attempt){.thread = thread, .op = ahead->op};
    bout->n_open++;
    r->n_in_bouts++;
    r->n_upgrades += ahead->op == RR_OP_UPGRADE;
    int64_t number = atomic_load_explicit(&bout->n_judged, memory_order_relaxed);
    rr_round_unlock(r);

    wait_for_company(r, bout, rng);
    rr_native_answer answer =
        rr_natives_run(r->natives, ahead->object, ahead->op, ahead->a, ahead->b);

    rr_round_lock(r);
    mine->answer = answer;
    bout->is_closing = true;
    if (--bout->n_open == 0) {
        judge(r, bout);
        return RR_MOVED;
    }
    rr_round_unlock(r);
    for (int turn = 0;
         atomic_load_explicit(&bout->n_judged, memory_order_acquire) == number; turn++) {
        rr_round_pause_once(turn);
    }
    rr_round_lock(r);
    return RR_MOVED;
}
