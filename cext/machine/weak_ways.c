/* weak_ways.c -- the orders of a mode's accesses, and a record of what its operations do.
 */
#include <string.h>

#include "machine/internal.h"

/* ---- places in the mode's source ------------------------------------------------------- */

static bool
is_at(const rc_site *site, const char *file, int line, const char *text)
{
    return site->line == line && strcmp(site->text, text) == 0 &&
           strcmp(site->file, file) == 0;
}

static void
note_site(rr_sites *sites, rc_order order, const rc_site *site)
{
    for (int i = 0; i < sites->n; i++) {
        const rr_noted *known = &sites->noted[i];
        if (is_at(site, known->file, known->line, known->text)) {
            return;
        }
    }
    if (sites->n < RR_MAX_SITES) {
        sites->noted[sites->n++] = (rr_noted){site->file, site->text, site->line, order};
    }
}

/* decref_rlx is the mode's decref with every release taken away. */
static rc_order
without_release(rc_order order)
{
    return order == RC_RELEASE                             ? RC_RELAXED
           : order == RC_ACQ_REL || order == RC_SEQ_CST ? RC_ACQUIRE
                                                            : order;
}

rc_order
rr_written_order(rr_machine *m, rc_order order, const rc_site *site)
{
    if (m->weak.sites != NULL) {
        note_site(m->weak.sites, order, site);
    }
    for (int i = 0; i < m->weak.n_weakened; i++) {
        const rr_weakening *weaker = &m->weak.weakened[i];
        if (is_at(site, weaker->file, weaker->line, weaker->text)) {
            order = weaker->order;
        }
    }
    return m->op == RR_OP_DECREF_RLX ? without_release(order) : order;
}

/* ---- what the operations do -------------------------------------------------------------- */

void
rr_note_way(rr_machine *m, int class, uint32_t ways)
{
    if (m->op < 0) {
        return; /* a thread arrives, before the first step of any thread */
    }
    uint32_t *known = &m->weak.ways->of[m->op][class];
    if ((*known & ways) != ways) {
        *known |= ways;
        m->has_new_ways = true;
    }
}

/* The word of the lock that the mode has for an object's words; -1: none. */
int32_t
rr_lock_of_words(const rr_machine *m, int object)
{
    const rr_layout *l = &m->layout;
    return object < 0                       ? -1
           : l->count_mutex_offset >= 0 ? l->objects[object].base + l->count_mutex_offset
           : l->count_lock >= 0         ? l->count_lock
                                        : l->gil;
}

void
rr_note_access(rr_machine *m, int32_t location, const rr_wish *wish)
{
    uint32_t ways = 0;
    int class = 0;
    while (!(m->shape.classes[location] >> class & 1)) {
        class++;
    }
    switch (wish->kind) {
    case RR_WANTS_VALUE:
        ways = RR_MAY_LOAD;
        break;
    case RR_STORES:
        ways = RR_MAY_STORE;
        break;
    case RR_CHANGES:
        ways = RR_MAY_CHANGE;
        m->has_changed |= class == RR_CLASS_REFCNT;
        break;
    case RR_CHANGES_UNLESS_ZERO:
        ways = RR_MAY_CHANGE | RR_MAY_LOAD_ZERO;
        break;
    default:
        ways = RR_MAY_CHANGE | RR_MAY_LOAD;
        break;
    }
    bool writes = wish->kind != RR_WANTS_VALUE, reads = wish->kind != RR_STORES;
    if (reads && (rc_acquires(wish->order) || rc_acquires(wish->failure))) {
        ways |= RR_MAY_ACQUIRE;
    }
    if (writes && !rc_releases(wish->order)) {
        ways |= RR_MAY_WEAKLY_WRITE;
    }
    if (wish->order != RC_SEQ_CST || (reads && wish->failure != RC_SEQ_CST)) {
        ways |= RR_MAY_BE_WEAK;
    }
    int32_t lock = rr_lock_of_words(m, m->shape.object_of[location]);
    if (lock < 0 || m->w[lock] != m->thread + 1) {
        ways |= RR_MAY_BE_UNLOCKED;
    }
    rr_note_way(m, class, ways);
    uint32_t besides = (writes && rc_releases(wish->order) ? RR_MAY_RELEASE : 0u) |
                       (wish->order == RC_SEQ_CST || (reads && wish->failure == RC_SEQ_CST)
                            ? RR_MAY_SEQ_CST
                            : 0u);
    if (besides != 0) {
        rr_note_way(m, RR_CLASS_REFCNT, besides);
    }
}

/* A fence is no step.  It acts once: in the step of the access before it, or, if there is
 * none, of the access after it. */
void
rr_model_fence(rr_machine *m, rc_order order, const rc_site *site)
{
    if (!m->is_weak || (!m->has_acted && m->n_done > 0)) {
        return;
    }
    order = rr_written_order(m, order, site);
    if (order == RC_RELAXED) {
        return; /* made weaker: no fence at all */
    }
    rr_note_way(m, RR_CLASS_REFCNT,
                (rc_acquires(order) ? RR_MAY_FENCE_ACQUIRE : 0u) |
                    (rc_releases(order) ? RR_MAY_RELEASE : 0u) |
                    (order == RC_SEQ_CST ? RR_MAY_SEQ_CST : 0u) |
                    (m->has_changed ? 0u : RR_MAY_NOT_CHANGE));
    rr_fence(m, order);
}
