/* memory_form.c -- removes what no thread can observe, one kind after the other. */
#include "explore/memory_form.h"

#include <string.h>

#include "explore/memory_known.h"
#include "explore/memory_raise.h"
#include "machine/internal.h"

static void
copy(const rr_form *f, uint64_t *to, const uint64_t *from)
{
    rr_copy_view(f->s, to, from);
}

/* ---- messages ---------------------------------------------------------------------------- */

static int32_t
old_value(const rr_form *f, int32_t location, int at)
{
    return rr_old_values(f->s, f->block, location)[at];
}

/* The position that the thread will have reached when it gets the lock without which it
 * does not access the location; 0: it needs none, or may hold it. */
static int
least_under_lock(const rr_form *f, int thread, int32_t x)
{
    int32_t lock = rr_lock_of_words(f->m, f->s->object_of[x]);
    if (lock < 0 || (f->still[thread]->unlocked & f->s->classes[x]) ||
        rr_is_inside_operation(f->m, thread)) {
        return 0;
    }
    return rr_positions(rr_sync_view(f->s, f->block, f->s->sync_of[lock]))[x];
}

/* May a thread still read, or put a write behind, a message that is not the newest? */
static bool
is_needed(const rr_form *f, int32_t x, int at)
{
    uint64_t classes = f->s->classes[x];
    bool is_free = !(rr_list_of(f->s, f->block, x)->glue >> (at + 1) & 1);
    if (!(f->all.observe & classes) && !(is_free && (f->all.insert & classes))) {
        return false;
    }
    int in_order = rr_order_positions(f->s, f->block)[x + f->s->second];
    for (int t = 0; t < f->n_threads; t++) {
        const rr_still *still = f->still[t];
        if (rr_positions(rr_form_view(f, t, RR_VIEW_CURRENT))[x] > at ||
            (in_order > at && !(still->weak & classes)) ||
            least_under_lock(f, t, x) > at) {
            continue;
        }
        if ((still->loads & classes) ||
            ((still->loads_zero & classes) && old_value(f, x, at) == 0) ||
            (is_free && ((still->changes | still->stores) & classes))) {
            return true;
        }
    }
    return false;
}

typedef struct moved {
    int32_t location;
    uint8_t to[RR_MOST_HISTORY + 1];
} moved;

static inline void
move_positions(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    const moved *now = what;
    for (; n > 0; n--, views += s->view_words) {
        for (int32_t i = now->location; i < s->n_positions; i += s->n_locations) {
            uint8_t *position = &rr_positions(views)[i];
            *position = now->to[*position];
        }
    }
}

/* One message is left: every position of the location is 0. */
static inline void
clear_positions(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    const moved *now = what;
    for (int32_t i = now->location; i < s->n_positions; i += s->n_locations) {
        uint8_t *position = rr_positions(views) + i;
        size_t bytes = (size_t)s->view_words * sizeof *views;
        for (int32_t k = 0; k < n; k++, position += bytes) {
            *position = 0;
        }
    }
}

/* A kept message is glued if what followed the kept one before it was. */
static void
drop_messages(rr_form *f, int32_t x)
{
    rr_list *list = rr_list_of(f->s, f->block, x);
    int32_t *values = rr_old_values(f->s, f->block, x);
    uint16_t *sources = rr_sources(f->s, f->block, x);
    moved now = {.location = x};
    int n = list->n, kept = 0, last_kept = -1;
    unsigned glue = 0;
    for (int at = 0; at < n; at++) {
        now.to[at] = (uint8_t)kept;
        if (at < n - 1 && !is_needed(f, x, at)) {
            continue;
        }
        if (last_kept >= 0 && (list->glue >> (last_kept + 1) & 1)) {
            glue |= 1u << kept;
        }
        last_kept = at;
        if (kept != at) {
            values[kept] = values[at];
            sources[kept] = sources[at];
            copy(f, rr_message_view(f->s, f->block, x, kept),
                 rr_message_view(f->s, f->block, x, at));
        }
        kept++;
    }
    values[kept - 1] = 0;
    if (kept == n) {
        list->glue = (uint16_t)glue;
        return;
    }
    list->n = (uint8_t)kept;
    list->glue = (uint16_t)glue;
    if (kept == 1) {
        rr_each_view(f->s, f->block, clear_positions, &now);
        clear_positions(f->s, f->block + f->s->order_at, 1, &now);
        return;
    }
    rr_each_view(f->s, f->block, move_positions, &now);
    move_positions(f->s, f->block + f->s->order_at, 1, &now);
}

/* ---- views of threads ----------------------------------------------------------------------- */

/* Can a change or store of this thread go anywhere but behind the last message, now or
 * later? */
static bool
is_one_chain(const rr_form *f, int thread, int32_t x)
{
    const rr_list *list = rr_list_of(f->s, f->block, x);
    for (int at = rr_positions(rr_form_view(f, thread, RR_VIEW_CURRENT))[x]; at < list->n - 1; at++) {
        if (!(list->glue >> (at + 1) & 1)) {
            return false;
        }
    }
    return !(f->all.store & f->s->classes[x]);
}

/* Whatever the thread reads there is released to at least as much as what is pending. */
static bool
is_covered_by(const rr_form *f, int thread, int32_t x)
{
    if (!is_one_chain(f, thread, x)) {
        return false;
    }
    const uint64_t *current = rr_form_view(f, thread, RR_VIEW_CURRENT);
    const uint64_t *pending = rr_form_view(f, thread, RR_VIEW_PENDING);
    const uint64_t *last = rr_message_view(f->s, f->block, x,
                                           rr_list_of(f->s, f->block, x)->n - 1);
    for (int32_t i = 0; i < f->s->n_position_words; i++) {
        uint64_t covers = rr_larger_bytes(current[i], last[i]);
        if (rr_larger_bytes(pending[i], covers) != covers) {
            return false;
        }
    }
    for (int32_t i = f->s->n_position_words; i < f->s->view_words; i++) {
        if (pending[i] & ~(current[i] | last[i])) {
            return false;
        }
    }
    return true;
}

static bool
is_pending_covered(const rr_form *f, int thread)
{
    const rr_still *still = f->still[thread];
    const rr_layout *l = &f->m->layout;
    const rr_thread_layout *t = &l->threads[thread];
    for (int32_t i = 0; still->sure_locals != 0 && i < t->n_first_locals && i < 64; i++) {
        if (still->sure_locals >> i & 1) {
            int32_t word =
                f->m->w[rr_frame_of(l, thread, 0) + RR_FRAME_LOCALS + i];
            if (rr_is_pointer(word)) {
                int32_t at = l->objects[rr_object_of(word)].base + RR_OBJECT_COUNT;
                if (is_covered_by(f, thread, f->s->location_of[at])) {
                    return true;
                }
            }
        }
    }
    for (int32_t i = 0; still->sure_cells != 0 && i < f->m->program->n_cells && i < 64; i++) {
        if ((still->sure_cells >> i & 1) &&
            is_covered_by(f, thread, f->s->first_cell + i)) {
            return true;
        }
    }
    return false;
}

static bool
has_more_pending(const rr_form *f, int thread)
{
    return !rr_is_same_view(f->s, rr_form_view(f, thread, RR_VIEW_CURRENT),
                            rr_form_view(f, thread, RR_VIEW_PENDING));
}

static void
forget_positions(rr_form *f, int thread, uint64_t everybody)
{
    const rr_still *still = f->still[thread];
    uint64_t mine = still->accesses;
    for (int32_t x = 0; x < f->s->n_locations; x++) {
        uint64_t classes = f->s->classes[x];
        if (rr_list_of(f->s, f->block, x)->n == 1) {
            continue; /* every position is 0 */
        }
        if (!(mine & classes) && !(still->releases && (everybody & classes))) {
            for (int32_t i = x; i < f->s->n_positions; i += f->s->n_locations) {
                rr_positions(rr_form_view(f, thread, RR_VIEW_CURRENT))[i] = 0;
                rr_positions(rr_form_view(f, thread, RR_VIEW_PENDING))[i] = 0;
            }
        }
    }
}

static void
simplify_threads(rr_form *f, bool has_several)
{
    uint64_t everybody = 0;
    for (int t = 0; has_several && t < f->n_threads; t++) {
        everybody |= f->still[t]->accesses;
    }
    for (int t = 0; t < f->n_threads; t++) {
        const rr_still *still = f->still[t];
        if (still->is_done) {
            for (int which = 0; which < RR_THREAD_VIEWS; which++) {
                rr_view_empty(f->s, rr_form_view(f, t, which));
            }
            continue;
        }
        if (still->weakly_writes == 0) {
            rr_view_empty(f->s, rr_form_view(f, t, RR_VIEW_RELEASED));
        }
        if (has_more_pending(f, t) &&
            (!still->fences_acquire || is_pending_covered(f, t))) {
            copy(f, rr_form_view(f, t, RR_VIEW_PENDING), rr_form_view(f, t, RR_VIEW_CURRENT));
        }
        if (has_several) {
            forget_positions(f, t, everybody);
        }
    }
}

/* ---- all of it -------------------------------------------------------------------------------------- */

static void
forget_unused_positions(rr_form *f)
{
    for (int32_t x = 0; x < f->s->n_locations; x++) {
        if (rr_list_of(f->s, f->block, x)->n == 1) {
            rr_order_positions(f->s, f->block)[x] = 0;
            rr_order_positions(f->s, f->block)[x + f->s->second] = 0;
        }
    }
    for (int t = 0; t < f->n_threads; t++) {
        if (f->still[t]->is_seq_cst) {
            return;
        }
    }
    for (int32_t i = 0; i < f->s->n_position_words; i++) {
        f->block[f->s->order_at + i] = 0;
    }
}

bool
rr_normalise_memory(rr_machine *m)
{
    rr_form f;
    f.m = m; /* the rest is filled in below: it is large */
    f.s = &m->shape;
    f.block = rr_block_of(&m->shape, m->w);
    f.n_threads = m->layout.n_threads;
    bool has_several = false;
    rr_form_all all = {0};
    for (int t = 0; t < f.n_threads; t++) {
        const rr_still *still = f.still[t] = rr_still_of(m, t, &f.room[t]);
        all.observe |= still->loads | still->loads_zero;
        all.insert |= still->changes | still->stores;
        all.store |= still->stores | still->renewals;
        all.take |= still->takes;
        all.syncs |= still->syncs;
    }
    f.all = all;
    for (int32_t x = 0; x < f.s->n_locations; x++) {
        if (rr_list_of(f.s, f.block, x)->n == 1) {
            continue;
        }
        drop_messages(&f, x);
        int n = rr_list_of(f.s, f.block, x)->n;
        if (n > m->weak.history) {
            m->grow = RR_GROW_HISTORY;
            return false;
        }
        has_several |= n > 1;
    }
    if (!has_several && f.s->n_known == 0) {
        return true; /* every view is empty, and stays so */
    }
    rr_settle_known(&f);
    simplify_threads(&f, has_several);
    rr_raise_views(&f);
    forget_unused_positions(&f);
    return true;
}
