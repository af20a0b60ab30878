/* memory_pack.c -- a view takes a byte for each position of a location that has several
 * messages, and the bits of known accesses; equal and empty views take one byte.
 */
#include "explore/memory_pack.h"

#include <string.h>

#include "explore/memory_cursor.h"

size_t
rr_memory_bytes(const rr_shape *s)
{
    size_t a_view = 1 + (size_t)s->n_positions + 4 * (size_t)s->n_known;
    size_t n_views =
        (size_t)s->n_fixed_views + (size_t)s->n_locations * (size_t)s->room;
    return n_views * a_view + (size_t)s->n_locations * (5 + 4 * (size_t)s->room) + 8;
}

/* ---- packing ------------------------------------------------------------------------ */

static inline char *
pack_bits(char *at, uint32_t bits)
{
    memcpy(at, &bits, sizeof bits);
    return at + sizeof bits;
}

static void
pack_short_views(rr_cursor *c, uint64_t *some, int32_t n)
{
    const bool has_two = c->s->n_known == 2;
    /* Before the first view in full comes an empty one, which no view that gets so far equals. */
    static const uint64_t empty[2] = {0, UINT64_MAX};
    const uint64_t *before = c->before == NULL ? empty : c->before;
    uint64_t positions = before[0], known = before[1];
    char *at = c->at;
    for (const uint64_t *end = some + 2 * n; some != end; some += 2) {
        if ((some[0] | ~some[1]) == 0) {
            *at++ = RR_AS_EMPTY;
            continue;
        }
        if (some[0] == positions && some[1] == known) {
            *at++ = RR_AS_BEFORE;
            continue;
        }
        *at++ = RR_IN_FULL;
        c->before = some;
        positions = some[0];
        known = some[1];
        for (int32_t k = 0; k < c->n_several; k++) {
            *at++ = (char)rr_positions(some)[c->several[k]];
        }
        at = pack_bits(at, (uint32_t)known);
        if (has_two) {
            at = pack_bits(at, (uint32_t)(known >> 32));
        }
    }
    c->at = at;
}

/* Views one behind the other. */
static void
pack_views(rr_cursor *c, uint64_t *some, int32_t n)
{
    const rr_shape *s = c->s;
    if (rr_has_short_views(s)) {
        pack_short_views(c, some, n);
        return;
    }
    for (; n > 0; n--, some += s->view_words) {
        bool is_empty = rr_is_empty_view(s, some);
        if (is_empty || (c->before != NULL && rr_is_same_view(s, some, c->before))) {
            *c->at++ = is_empty ? RR_AS_EMPTY : RR_AS_BEFORE;
            continue;
        }
        *c->at++ = RR_IN_FULL;
        c->before = some;
        for (int32_t k = 0; k < c->n_several; k++) {
            *c->at++ = (char)rr_positions(some)[c->several[k]];
        }
        for (int32_t k = 0; k < s->n_known; k++) {
            c->at = pack_bits(c->at, rr_known_at(some + s->n_position_words, k));
        }
    }
}

size_t
rr_pack_memory(const rr_shape *s, int32_t *w, char *out)
{
    rr_cursor c;
    rr_cursor_open(&c, s, w);
    c.at = out;
    for (int32_t x = 0; x < s->n_locations; x++) {
        const rr_list *list = rr_list_of(s, c.block, x);
        *c.at++ = (char)list->n;
        if (list->n > 1) {
            memcpy(c.at, &list->glue, sizeof list->glue);
            c.at += sizeof list->glue;
            size_t bytes = ((size_t)list->n - 1) * sizeof(int32_t);
            memcpy(c.at, rr_old_values(s, c.block, x), bytes);
            c.at += bytes;
        }
    }
    rr_find_several(&c);
    if (rr_has_empty_views(&c)) {
        size_t n_views = (size_t)s->n_fixed_views + (size_t)s->n_locations;
        memset(c.at, RR_AS_EMPTY, n_views);
        return (size_t)(c.at - out) + n_views;
    }
    pack_views(&c, rr_fixed_view(s, c.block, 0), s->n_fixed_views);
    for (int32_t x = 0; x < s->n_locations; x++) {
        pack_views(&c, rr_message_view(s, c.block, x, 0), rr_list_of(s, c.block, x)->n);
    }
    for (int32_t i = 0; i < c.n_several; i++) {
        *c.at++ = (char)rr_order_positions(s, c.block)[c.several[i]];
    }
    return (size_t)(c.at - out);
}

/* ---- and back ------------------------------------------------------------------------- */

typedef struct reading {
    rr_cursor c;
    const char *in;
} reading;

/* Views one behind the other. */
static void
unpack_views(reading *r, uint64_t *some, int32_t n)
{
    rr_cursor *c = &r->c;
    const rr_shape *s = c->s;
    for (; n > 0; n--, some += s->view_words) {
        int how = *r->in++;
        if (how == RR_AS_BEFORE) {
            rr_copy_view(s, some, c->before);
            continue;
        }
        rr_view_empty(s, some);
        if (how == RR_AS_EMPTY) {
            continue;
        }
        c->before = some;
        for (int32_t i = 0; i < c->n_several; i++) {
            rr_positions(some)[c->several[i]] = (uint8_t)*r->in++;
        }
        uint64_t *known = some + s->n_position_words;
        for (int32_t i = 0; i < s->n_known; i += 2) {
            uint32_t bits[2] = {UINT32_MAX, UINT32_MAX};
            size_t bytes = i + 1 == s->n_known ? sizeof *bits : sizeof bits;
            memcpy(bits, r->in, bytes);
            known[i / 2] = (uint64_t)bits[1] << 32 | bits[0];
            r->in += bytes;
        }
    }
}

static void
empty_views(const rr_cursor *c)
{
    for (int32_t i = 0; i < c->s->n_fixed_views; i++) {
        rr_view_empty(c->s, rr_fixed_view(c->s, c->block, i));
    }
    for (int32_t x = 0; x < c->s->n_locations; x++) {
        rr_view_empty(c->s, rr_message_view(c->s, c->block, x, 0));
    }
}

void
rr_unpack_memory(const rr_shape *s, const char *in, int32_t *w)
{
    reading r;
    rr_cursor_open(&r.c, s, w);
    r.in = in;
    uint64_t *block = r.c.block;
    memset(block, 0, (size_t)s->views_at * sizeof *block);
    for (int32_t x = 0; x < s->n_locations; x++) {
        rr_list *list = rr_list_of(s, block, x);
        list->n = (uint8_t)*r.in++;
        if (list->n > 1) {
            memcpy(&list->glue, r.in, sizeof list->glue);
            r.in += sizeof list->glue;
            size_t bytes = ((size_t)list->n - 1) * sizeof(int32_t);
            memcpy(rr_old_values(s, block, x), r.in, bytes);
            r.in += bytes;
        }
    }
    rr_find_several(&r.c);
    if (rr_has_empty_views(&r.c)) {
        empty_views(&r.c);
        return;
    }
    unpack_views(&r, rr_fixed_view(s, block, 0), s->n_fixed_views);
    for (int32_t x = 0; x < s->n_locations; x++) {
        unpack_views(&r, rr_message_view(s, block, x, 0), rr_list_of(s, block, x)->n);
    }
    for (int32_t i = 0; i < r.c.n_several; i++) {
        rr_order_positions(s, block)[r.c.several[i]] = (uint8_t)*r.in++;
    }
}
