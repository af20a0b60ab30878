/* pause.c -- holds threads back as the round's plan says.  The lock is held
 * throughout. */
#include <stdatomic.h>

#include "conformance/internal.h"

static uint64_t
bit_of(int thread)
{
    return UINT64_C(1) << thread;
}

static int64_t
steps_of(const rr_round *r)
{
    return atomic_load_explicit(&r->n_steps, memory_order_relaxed);
}

/* ---- the queue of pausing threads -------------------------------------------------- */

static void
begin_pause(rr_round *r, int thread, bool is_soon)
{
    rr_pauses *p = &r->pauses;
    int at = is_soon && p->n_waiting > 1 ? 1 : p->n_waiting;
    for (int i = p->n_waiting++; i > at; i--) {
        p->queue[i] = p->queue[i - 1];
    }
    p->queue[at] = thread;
    p->paused |= bit_of(thread);
    p->began_at[thread] = steps_of(r);
}

static void
end_pause(rr_round *r, int thread)
{
    rr_pauses *p = &r->pauses;
    int i = 0;
    while (p->queue[i] != thread) {
        i++;
    }
    for (p->n_waiting--; i < p->n_waiting; i++) {
        p->queue[i] = p->queue[i + 1];
    }
    p->paused &= ~bit_of(thread);
    if (!p->plan.is_serial) {
        return;
    }
    /* The others wait for something; even when it happens, it is not their turn yet. */
    for (int t = 0; t < r->m->program->n_threads; t++) {
        if (t != thread && !(p->paused & bit_of(t)) && !rr_machine_has_ended(r->m, t)) {
            begin_pause(r, t, false);
        }
    }
}

/* ---- which thread goes on ---------------------------------------------------------- */

/* Can another thread still do something, with no pause in the way?  A thread that has
 * tried in vain since the last step cannot. */
static bool
another_can_go_on(const rr_round *r, int thread, uint64_t but)
{
    int64_t now = steps_of(r);
    for (int t = 0; t < r->m->program->n_threads; t++) {
        if (t != thread && !((r->pauses.paused | but) & bit_of(t)) &&
            r->vain_at[t] != now && !rr_machine_has_ended(r->m, t)) {
            return true;
        }
    }
    return false;
}

static bool
reaches_pause(rr_round *r, int thread)
{
    rr_pauses *p = &r->pauses;
    for (int i = 0; i < p->plan.n_pauses; i++) {
        const rr_pause *pause = &p->plan.pauses[i];
        if (!(p->spent >> i & 1) && pause->thread == thread &&
            pause->before == p->n_moves[thread]) {
            p->spent |= UINT32_C(1) << i;
            return true;
        }
    }
    return false;
}

static bool
is_overdue(const rr_round *r, int thread)
{
    return steps_of(r) - r->pauses.began_at[thread] > RR_LONGEST_PAUSE;
}

/* Has a thread waited so long that it takes precedence?  Otherwise a thread in a loop
 * could keep the core until the round is cut. */
static bool
is_another_overdue(const rr_round *r, int thread)
{
    uint64_t waiting = r->pauses.paused | r->seeking;
    for (int t = 0; waiting >> t != 0; t++) {
        if (t != thread && (waiting >> t & 1) && is_overdue(r, t)) {
            return true;
        }
    }
    return false;
}

/* Has the thread made so many moves in a row that others must have a turn?  They may not
 * be on a core, and a loop that waits for them would go on until the round is cut. */
static bool
is_to_let_others_in(rr_round *r, int thread)
{
    int64_t longest = r->is_widened ? RR_LONGEST_PAUSE : r->most_steps / 2;
    if (r->pauses.mover != thread || r->pauses.n_in_a_row < longest) {
        return false;
    }
    if (another_can_go_on(r, thread, 0)) {
        return true;
    }
    r->pauses.n_in_a_row = 0; /* all others have tried and cannot move */
    return false;
}

void
rr_round_seek(rr_round *r, int thread)
{
    r->seeking |= bit_of(thread);
    r->pauses.began_at[thread] = steps_of(r);
}

bool
rr_round_pauses(rr_round *r, int thread)
{
    rr_pauses *p = &r->pauses;
    if (!(p->paused & bit_of(thread))) {
        if (!reaches_pause(r, thread)) {
            return is_another_overdue(r, thread) || is_to_let_others_in(r, thread);
        }
        begin_pause(r, thread, p->plan.is_back_soon);
    }
    bool is_next = p->queue[0] == thread && !another_can_go_on(r, thread, 0);
    if (is_overdue(r, thread) || is_next) {
        end_pause(r, thread);
        return false;
    }
    return true;
}

bool
rr_round_may_get_company(const rr_round *r, int thread)
{
    return !rr_round_is_over(r) && !is_overdue(r, thread) &&
           another_can_go_on(r, thread, r->seeking);
}

void
rr_round_plan(rr_round *r, const rr_plan *plan)
{
    rr_pauses *p = &r->pauses;
    p->plan = *plan;
    p->paused = 0;
    p->spent = 0;
    p->n_waiting = 0;
    for (int i = 1; plan->is_serial && i < r->m->program->n_threads; i++) {
        begin_pause(r, plan->order[i], false);
    }
}
