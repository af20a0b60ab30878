/* views.c -- changes that concern every view of a state. */
#include "machine/views.h"

#include <string.h>

void
rr_view_know_nothing(const rr_shape *s, uint64_t *view)
{
    rr_view_empty(s, view);
    for (int32_t i = 0; i < s->n_known; i++) {
        rr_remove_known(rr_known(s, view), i, UINT32_MAX);
    }
}

void
rr_views_begin(const rr_shape *s, uint64_t *block)
{
    memset(block, 0, (size_t)s->n_words * sizeof *block);
    for (int32_t i = 0; i < s->n_fixed_views; i++) {
        rr_view_empty(s, rr_fixed_view(s, block, i));
    }
    for (int32_t x = 0; x < s->n_locations; x++) {
        rr_list_of(s, block, x)->n = 1;
        rr_view_empty(s, rr_message_view(s, block, x, 0));
    }
}

/* ---- known accesses ----------------------------------------------------------------- */

typedef struct known_bits {
    int32_t known;
    uint32_t bits;
} known_bits;

static inline void
forget_bits(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    const known_bits *k = what;
    uint64_t kept = ~((uint64_t)k->bits << rr_known_shift(k->known));
    uint64_t *known = rr_known(s, views) + k->known / 2;
    for (int32_t i = 0; i < n; i++) {
        known[i * s->view_words] &= kept;
    }
}

static inline void
set_bits(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    const known_bits *k = what;
    uint64_t set = (uint64_t)k->bits << rr_known_shift(k->known);
    uint64_t *known = rr_known(s, views) + k->known / 2;
    for (int32_t i = 0; i < n; i++) {
        known[i * s->view_words] |= set;
    }
}

void
rr_forget_known(const rr_shape *s, uint64_t *block, int32_t known, uint32_t bits)
{
    const known_bits what = {known, bits};
    rr_each_view(s, block, forget_bits, &what);
}

void
rr_set_known(const rr_shape *s, uint64_t *block, int32_t known, uint32_t bits)
{
    const known_bits what = {known, bits};
    rr_each_view(s, block, set_bits, &what);
}

/* ---- positions ---------------------------------------------------------------------- */

typedef struct place_in_list {
    int32_t location;
    uint8_t position;
} place_in_list;

static inline void
shift(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    const place_in_list *at = what;
    for (; n > 0; n--, views += s->view_words) {
        uint8_t *positions = rr_positions(views);
        for (int32_t i = at->location; i < s->n_positions; i += s->n_locations) {
            positions[i] = (uint8_t)(positions[i] + (positions[i] >= at->position));
        }
    }
}

static inline void
set_to_first(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    const place_in_list *at = what;
    for (; n > 0; n--, views += s->view_words) {
        for (int32_t i = at->location; i < s->n_positions; i += s->n_locations) {
            rr_positions(views)[i] = 0;
        }
    }
}

void
rr_location_reset(const rr_shape *s, uint64_t *block, int32_t location)
{
    const place_in_list at = {location, 0};
    rr_each_view(s, block, set_to_first, &at);
    *rr_list_of(s, block, location) = (rr_list){.n = 1};
    rr_view_empty(s, rr_message_view(s, block, location, 0));
    for (int32_t i = location; i < s->n_positions; i += s->n_locations) {
        rr_order_positions(s, block)[i] = 0;
    }
}

int
rr_insert_message(const rr_shape *s, uint64_t *block, int32_t location, int after,
                  bool is_glued)
{
    rr_list *list = rr_list_of(s, block, location);
    int q = after + 1, n_behind = list->n - q;
    size_t view_bytes = (size_t)s->view_words * sizeof(uint64_t);
    if (n_behind > 0) {
        int32_t *values = rr_old_values(s, block, location);
        uint16_t *sources = rr_sources(s, block, location);
        memmove(values + q + 1, values + q, (size_t)n_behind * sizeof *values);
        memmove(sources + q + 1, sources + q, (size_t)n_behind * sizeof *sources);
        memmove(rr_message_view(s, block, location, q + 1),
                rr_message_view(s, block, location, q), (size_t)n_behind * view_bytes);
        const place_in_list at = {location, (uint8_t)q};
        /* Every view but the new message's, which is set by the caller. */
        list->n++;
        rr_each_view(s, block, shift, &at);
        uint8_t *in_order = rr_order_positions(s, block);
        for (int32_t i = location; i < s->n_positions; i += s->n_locations) {
            in_order[i] = (uint8_t)(in_order[i] + (in_order[i] >= q));
        }
    } else {
        list->n++;
    }
    unsigned low = list->glue & ((1u << q) - 1), high = (unsigned)list->glue >> q;
    list->glue = (uint16_t)(low | high << (q + 1) | (unsigned)is_glued << q);
    return q;
}
