/* memory_permute.c -- rewrites every view for a new order of threads or objects. */
#include "explore/memory_permute.h"

#include <string.h>

#include "machine/views.h"

/* ---- locations ------------------------------------------------------------------------- */

static void
swap_bytes(void *a, void *b, size_t n)
{
    unsigned char *x = a, *y = b;
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = x[i];
        x[i] = y[i];
        y[i] = byte;
    }
}

static void
swap_words(uint64_t *restrict a, uint64_t *restrict b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t word = a[i];
        a[i] = b[i];
        b[i] = word;
    }
}

static void
swap_positions(const rr_shape *s, uint8_t *positions, int32_t x, int32_t y)
{
    for (int32_t i = 0; i < s->n_positions; i += s->n_locations) {
        swap_bytes(positions + x + i, positions + y + i, 1);
    }
}

/* The rooms of two locations: their messages. */
static void
swap_lists(const rr_shape *s, uint64_t *block, int32_t x, int32_t y)
{
    size_t room = (size_t)s->room;
    swap_bytes(rr_list_of(s, block, x), rr_list_of(s, block, y), sizeof(rr_list));
    swap_bytes(rr_old_values(s, block, x), rr_old_values(s, block, y),
               room * sizeof(int32_t));
    swap_bytes(rr_sources(s, block, x), rr_sources(s, block, y), room * sizeof(uint16_t));
    swap_words(rr_message_view(s, block, x, 0), rr_message_view(s, block, y, 0),
               room * (size_t)s->view_words);
    swap_positions(s, rr_order_positions(s, block), x, y);
}

/* ---- threads ------------------------------------------------------------------------------ */

typedef struct exchange {
    int a, b;
    int32_t location_a, location_b; /* of what they announce; -1: nothing */
} exchange;

static inline void
exchange_in_views(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    const exchange *e = what;
    if (rr_has_short_views(s) && e->location_a < 0) {
        const rr_swap swap = rr_swap_of(s, 0, e->a, e->b);
        for (const uint64_t *end = views + 2 * (ptrdiff_t)n; views != end; views += 2) {
            views[1] = rr_swapped(&swap, views[1]);
        }
        return;
    }
    for (int32_t k = 0; k < s->n_known; k += 2) {
        rr_swap swap = rr_swap_of(s, k, e->a, e->b);
        uint64_t *known = rr_known(s, views) + k / 2;
        for (int32_t i = 0; i < n; i++) {
            known[i * s->view_words] = rr_swapped(&swap, known[i * s->view_words]);
        }
    }
    for (int32_t i = 0; e->location_a >= 0 && i < n; i++) {
        swap_positions(s, rr_positions(views + i * s->view_words), e->location_a,
                       e->location_b);
    }
}

void
rr_swap_in_memory(const rr_shape *s, int32_t *w, int a, int b)
{
    uint64_t *block = rr_block_of(s, w);
    size_t view_words = (size_t)s->view_words;
    exchange e = {a, b, -1, -1};
    for (int32_t x = 0; s->announces && x < s->n_locations; x++) {
        e.location_a = s->announced_by[x] == a ? x : e.location_a;
        e.location_b = s->announced_by[x] == b ? x : e.location_b;
    }
    rr_each_view(s, block, exchange_in_views, &e);
    if (e.location_a >= 0) {
        swap_lists(s, block, e.location_a, e.location_b);
    }
    swap_words(rr_thread_view(s, block, a, 0), rr_thread_view(s, block, b, 0),
               RR_THREAD_VIEWS * view_words);
    for (int32_t i = s->queue_sync; i < s->n_syncs; i += s->n_threads) {
        swap_words(rr_sync_view(s, block, i + a), rr_sync_view(s, block, i + b),
                   view_words); /* those of the queues, and of the attachments */
    }
}

int
rr_compare_views(const rr_shape *s, int32_t *w, int a, int b)
{
    uint64_t *block = rr_block_of(s, w);
    for (int which = 0; which < RR_THREAD_VIEWS; which++) {
        const uint8_t *x = rr_positions(rr_thread_view(s, block, a, which));
        const uint8_t *y = rr_positions(rr_thread_view(s, block, b, which));
        for (int32_t i = 0; i < s->n_locations; i++) {
            if (x[i] != y[i] && s->announced_by[i] < 0) {
                return x[i] < y[i] ? -1 : 1;
            }
        }
    }
    return 0;
}

/* ---- objects --------------------------------------------------------------------------------- */

typedef struct move_of_objects {
    const int32_t *reached;
    int32_t n_reached, n_named;
} move_of_objects;

static void
move_in_view(const rr_shape *s, uint64_t *some, const move_of_objects *of)
{
    uint8_t *positions = rr_positions(some), old[RR_WEAK_POSITIONS];
    uint64_t *known = rr_known(s, some), old_known[(RR_MOST_KNOWN + 1) / 2];
    int32_t n_new = s->n_objects - of->n_named;
    memcpy(old, positions, (size_t)s->n_positions);
    memcpy(old_known, known, ((size_t)s->n_known + 1) / 2 * sizeof *known);
    for (int32_t k = 0; k < n_new; k++) {
        int32_t to = s->first_of_new + k * s->n_each;
        int32_t from = k < of->n_reached
                           ? s->first_of_new +
                                 (of->reached[k] - of->n_named) * s->n_each
                           : -1;
        rr_put_known(known, of->n_named + k,
                     from >= 0 ? rr_known_at(old_known, of->reached[k]) : UINT32_MAX);
        for (int32_t i = 0; i < s->n_each; i++) {
            for (int32_t j = i; j < s->n_positions; j += s->n_locations) {
                positions[to + j] = from >= 0 ? old[from + j] : 0;
            }
            if (s->known_of[to + i] >= 0) {
                rr_put_known(known, s->known_of[to + i],
                             from >= 0 ? rr_known_at(old_known, s->known_of[from + i])
                                       : UINT32_MAX);
            }
        }
    }
}

static void
move_in_views(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    for (int32_t i = 0; i < n; i++) {
        move_in_view(s, views + i * s->view_words, what);
    }
}

/* Objects only move to lower numbers or change places, so exchanges one after the other
 * do it: at[k] is where the object is that was the k-th. */
static void
move_lists(const rr_shape *s, uint64_t *block, const move_of_objects *of)
{
    int32_t n_new = s->n_objects - of->n_named, at[RR_WEAK_LOCATIONS],
            who[RR_WEAK_LOCATIONS];
    for (int32_t k = 0; k < n_new; k++) {
        at[k] = who[k] = k;
    }
    for (int32_t k = 0; k < of->n_reached; k++) {
        int32_t from = at[of->reached[k] - of->n_named];
        if (from == k) {
            continue;
        }
        for (int32_t i = 0; i < s->n_each; i++) {
            swap_lists(s, block, s->first_of_new + k * s->n_each + i,
                       s->first_of_new + from * s->n_each + i);
        }
        for (int32_t i = 0; i < s->n_syncs; i++) {
            for (int32_t j = 0; j < s->n_syncs; j++) {
                if (s->sync_object[i] == of->n_named + k &&
                    s->sync_object[j] == of->n_named + from &&
                    s->sync_class[i] == s->sync_class[j]) {
                    swap_words(rr_sync_view(s, block, i), rr_sync_view(s, block, j),
                               (size_t)s->view_words);
                }
            }
        }
        int32_t moved = who[k];
        who[k] = who[from];
        who[from] = moved;
        at[who[k]] = k;
        at[moved] = from;
    }
}

void
rr_move_objects_in_memory(rr_machine *m, const int32_t *reached, int32_t n_reached)
{
    const rr_shape *s = &m->shape;
    uint64_t *block = rr_block_of(s, m->w);
    const move_of_objects of = {reached, n_reached, m->program->n_objects};
    rr_each_view(s, block, move_in_views, &of);
    move_lists(s, block, &of);
    for (int32_t i = of.n_named + n_reached; i < s->n_objects; i++) {
        int32_t first = s->first_of_new + (i - of.n_named) * s->n_each;
        for (int32_t x = first; x < first + s->n_each; x++) {
            rr_location_reset(s, block, x);
        }
        for (int32_t j = 0; j < s->n_syncs; j++) {
            if (s->sync_object[j] == i) {
                rr_view_empty(s, rr_sync_view(s, block, j));
            }
        }
    }
}
