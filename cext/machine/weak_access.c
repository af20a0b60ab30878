/* weak_access.c -- accesses, fences and synchronisation under C11: each changes views.
 *
 * Order within a step: a thread first takes over the view of what it reads, then its
 * accesses that are not ordered after those of other threads are found, then this access
 * is marked as one that nobody else knows of yet, and last a write gets its view.  So a
 * release covers its own access; a relaxed write does not.
 */
#include <string.h>

#include "machine/internal.h"
#include "machine/views.h"

static uint64_t *
block_of(const rr_machine *m)
{
    return rr_block_of(&m->shape, m->w);
}

static uint64_t *
view_of(const rr_machine *m, int which)
{
    return rr_thread_view(&m->shape, block_of(m), m->actor, which);
}

/* ---- choosing a message ----------------------------------------------------------------- */

static int32_t
value_at(const rr_machine *m, int32_t location, int at)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = block_of(m);
    return at == rr_list_of(s, block, location)->n - 1
               ? m->w[s->word_of[location]]
               : rr_old_values(s, block, location)[at];
}

/* What an access does if it takes a message of this value. */
static void
suit(const rr_wish *wish, int32_t value, bool *fits, bool *writes)
{
    *fits = true;
    switch (wish->kind) {
    case RR_WANTS_VALUE:
        *writes = false;
        break;
    case RR_WANTS_TRUE:
    case RR_WANTS_FALSE:
        *fits = rr_is_true(value) == (wish->kind == RR_WANTS_TRUE);
        *writes = false;
        break;
    case RR_WANTS_EQUAL:
        *fits = value == wish->a;
        *writes = false;
        break;
    case RR_CHANGES_IF:
        *writes = value == wish->a;
        break;
    case RR_CHANGES_UNLESS_ZERO:
        *writes = value != 0;
        break;
    case RR_CHANGES_WITHIN:
        *writes = wish->a <= value && value <= wish->b;
        break;
    default:
        *writes = true;
        break;
    }
}

static bool
is_possible(const rr_machine *m, int32_t location, const rr_wish *wish, int at)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = block_of(m);
    const rr_list *list = rr_list_of(s, block, location);
    bool fits, writes;
    suit(wish, value_at(m, location, at), &fits, &writes);
    rc_order order = writes || wish->kind == RR_STORES ? wish->order : wish->failure;
    int least = rr_positions(view_of(m, RR_VIEW_CURRENT))[location];
    int in_order = rr_order_positions(s, block)[location + s->second];
    least = order == RC_SEQ_CST && in_order > least ? in_order : least;
    bool is_free = at == list->n - 1 || !(list->glue >> (at + 1) & 1);
    return fits && at >= least && (!writes || is_free);
}

/* -1: no message is possible.  -2: the choice does not exist. */
static int
choose_message(rr_machine *m, int32_t location, const rr_wish *wish)
{
    int nth = m->n_picks;
    int wanted = nth < RR_MAX_PICKS
                     ? m->choice >> (nth * RR_PICK_BITS) & ((1 << RR_PICK_BITS) - 1)
                     : 0;
    int n = rr_list_of(&m->shape, block_of(m), location)->n, found = -1, n_options = 0;
    int least = rr_positions(view_of(m, RR_VIEW_CURRENT))[location];
    for (int at = n - 1; at >= least; at--) {
        if (is_possible(m, location, wish, at)) {
            found = n_options == wanted ? at : found;
            n_options++;
        }
    }
    if (nth < RR_MAX_PICKS) {
        m->n_options[nth] = n_options;
    }
    m->n_picks++;
    return n_options == 0 ? -1 : found < 0 ? -2
                                           : found;
}

/* ---- an access ---------------------------------------------------------------------------- */

static void
raise_position(uint64_t *view, int32_t i, int at)
{
    uint8_t *position = &rr_positions(view)[i];
    *position = *position < at ? (uint8_t)at : *position;
}

static void
read_message(rr_machine *m, const rr_pick *pick)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = block_of(m);
    uint64_t *current = view_of(m, RR_VIEW_CURRENT), *pending = view_of(m, RR_VIEW_PENDING);
    const uint64_t *view = rr_message_view(s, block, pick->location, pick->at);
    raise_position(current, pick->location, pick->at);
    if (pick->order != RC_PLAIN) {
        if (rc_acquires(pick->order)) {
            rr_join(s, current, view);
        }
        rr_join(s, pending, view);
    }
    rr_join(s, pending, current);
    m->seen.has_source = true;
    m->seen.value = pick->value;
    m->seen.source = rr_sources(s, block, pick->location)[pick->at];
    m->seen.is_old = pick->at < rr_list_of(s, block, pick->location)->n - 1;
}

rr_progress
rr_begin_access(rr_machine *m, int32_t location, const rr_wish *wish, bool marks)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = block_of(m);
    bool is_plain = wish->order == RC_PLAIN;
    int at = is_plain ? rr_list_of(s, block, location)->n - 1
                      : choose_message(m, location, wish);
    if (at < 0) {
        return at == -1 ? RR_WAITS : RR_NOTHING;
    }
    bool fits, writes;
    int32_t value = value_at(m, location, at);
    suit(wish, value, &fits, &writes);
    m->pick = (rr_pick){
        .location = location,
        .at = at,
        .reads = wish->kind != RR_STORES,
        .writes = writes,
        .order = writes ? wish->order : wish->failure,
        .value = value,
    };
    m->seen.order = m->pick.order;
    m->seen.has_order = true;
    if (m->pick.reads) {
        read_message(m, &m->pick);
    }
    if (m->pick.writes) {
        m->seen.follows = rr_sources(s, block, location)[at];
    }
    rr_progress progress = RR_RAN;
    if (s->object_of[location] >= 0) {
        progress = rr_touch_object(m, s->object_of[location], marks);
    }
    return progress == RR_RAN ? rr_touch_cell(m, location) : progress;
}

int32_t
rr_show_pick(rr_machine *m)
{
    int32_t *word = &m->w[m->shape.word_of[m->pick.location]], newest = *word;
    *word = m->pick.value;
    return newest;
}

/* The row has the new value; it keeps it if that is the newest. */
rr_progress
rr_finish_access(rr_machine *m, int32_t newest)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = block_of(m);
    const rr_pick *pick = &m->pick;
    int32_t x = pick->location, *word = &m->w[s->word_of[x]], value = *word;
    if (!pick->writes) {
        *word = newest;
        return RR_RAN;
    }
    rr_list *list = rr_list_of(s, block, x);
    if (list->n == s->room) {
        return rr_needs_more(m, RR_GROW_HISTORY);
    }
    bool is_newest = pick->at == list->n - 1;
    int q = rr_insert_message(s, block, x, pick->at, pick->reads);
    rr_old_values(s, block, x)[is_newest ? q - 1 : q] = is_newest ? newest : value;
    *word = is_newest ? value : newest;
    rr_sources(s, block, x)[q] = m->clock;

    uint64_t *current = view_of(m, RR_VIEW_CURRENT), *pending = view_of(m, RR_VIEW_PENDING);
    uint64_t *view = rr_message_view(s, block, x, q);
    size_t bytes = (size_t)s->view_words * sizeof *view;
    raise_position(current, x, q);
    raise_position(current, x + s->second, q);
    raise_position(pending, x, q);
    raise_position(pending, x + s->second, q);
    if (pick->order == RC_PLAIN) {
        rr_view_know_nothing(s, view);
    } else {
        memcpy(view,
               rc_releases(pick->order) ? current : view_of(m, RR_VIEW_RELEASED), bytes);
        if (pick->reads) {
            rr_join(s, view, rr_message_view(s, block, x, q - 1));
        }
    }
    raise_position(view, x, q);
    if (pick->order == RC_SEQ_CST) {
        raise_position(block + s->order_at, x, q);
        raise_position(block + s->order_at, x + s->second, q);
    }
    return RR_RAN;
}

/* ---- fences and locks ----------------------------------------------------------------------- */

void
rr_fence(rr_machine *m, rc_order order)
{
    const rr_shape *s = &m->shape;
    uint64_t *current = view_of(m, RR_VIEW_CURRENT), *pending = view_of(m, RR_VIEW_PENDING);
    if (rc_acquires(order)) {
        rr_join(s, current, pending);
    }
    if (order == RC_SEQ_CST) {
        uint8_t *in_order = rr_order_positions(s, block_of(m));
        uint8_t *mine = rr_positions(current);
        for (int32_t x = 0; x < s->n_locations; x++) {
            int32_t second = x + s->second;
            mine[x] = mine[x] < in_order[x] ? in_order[x] : mine[x];
            in_order[x] = mine[x];
            in_order[second] = in_order[second] < mine[second] ? mine[second] : in_order[second];
        }
        rr_join(s, pending, current);
    }
    if (rc_releases(order)) {
        memcpy(view_of(m, RR_VIEW_RELEASED), current,
               (size_t)s->view_words * sizeof *current);
    }
    m->seen.fence = order;
    m->seen.has_fence = true;
}

rr_progress
rr_synchronise(rr_machine *m, int32_t sync, bool acquires, bool releases, bool marks)
{
    const rr_shape *s = &m->shape;
    uint64_t *view = rr_sync_view(s, block_of(m), sync);
    uint64_t *current = view_of(m, RR_VIEW_CURRENT), *pending = view_of(m, RR_VIEW_PENDING);
    if (acquires) {
        rr_join(s, current, view);
        rr_join(s, pending, current);
    }
    if (s->sync_object[sync] >= 0) {
        rr_progress progress = rr_touch_object(m, s->sync_object[sync], marks);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    if (releases) {
        rr_join(s, view, current);
    }
    return RR_RAN;
}

void
rr_join_views(rr_machine *m, int thread, int other)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = block_of(m);
    const uint64_t *view = rr_thread_view(s, block, other, RR_VIEW_CURRENT);
    rr_join(s, rr_thread_view(s, block, thread, RR_VIEW_CURRENT), view);
    rr_join(s, rr_thread_view(s, block, thread, RR_VIEW_PENDING), view);
}

/* All the others stand still, or have ended. */
void
rr_know_all(rr_machine *m)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = block_of(m), *current = view_of(m, RR_VIEW_CURRENT);
    rr_view_empty(s, current);
    for (int32_t x = 0; x < s->n_locations; x++) {
        raise_position(current, x, rr_list_of(s, block, x)->n - 1);
        raise_position(current, x + s->second, rr_list_of(s, block, x)->n - 1);
    }
    memcpy(view_of(m, RR_VIEW_PENDING), current, (size_t)s->view_words * sizeof *current);
}
