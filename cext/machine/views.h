/* views.h -- the views and messages of a state under C11; for machine/ and explore/. */
#ifndef RR_VIEWS_H
#define RR_VIEWS_H

#include <string.h>

#include "machine/machine.h"

static inline uint64_t *
rr_block_of(const rr_shape *s, int32_t *w)
{
    return (uint64_t *)(void *)(w + s->block);
}

static inline uint64_t *
rr_fixed_view(const rr_shape *s, uint64_t *block, int32_t view)
{
    return block + s->views_at + (ptrdiff_t)view * s->view_words;
}

static inline uint64_t *
rr_thread_view(const rr_shape *s, uint64_t *block, int thread, int which)
{
    return rr_fixed_view(s, block, RR_THREAD_VIEWS * thread + which);
}

static inline uint64_t *
rr_sync_view(const rr_shape *s, uint64_t *block, int32_t sync)
{
    return rr_fixed_view(s, block, RR_THREAD_VIEWS * s->n_threads + sync);
}

static inline uint64_t *
rr_message_view(const rr_shape *s, uint64_t *block, int32_t location, int position)
{
    return rr_fixed_view(s, block,
                         s->n_fixed_views + location * s->room + position);
}

static inline rr_list *
rr_list_of(const rr_shape *s, uint64_t *block, int32_t location)
{
    return (rr_list *)(void *)(block + s->lists_at) + location;
}

/* The values of a location's messages, except that of the newest, which is in the row. */
static inline int32_t *
rr_old_values(const rr_shape *s, uint64_t *block, int32_t location)
{
    return (int32_t *)(void *)(block + s->values_at) + location * s->room;
}

/* In which step of a walk each message was written; 0: before the first, or no walk.
 * Nothing depends on it. */
static inline uint16_t *
rr_sources(const rr_shape *s, uint64_t *block, int32_t location)
{
    return (uint16_t *)(void *)(block + s->sources_at) + location * s->room;
}

static inline uint8_t *
rr_positions(uint64_t *view)
{
    return (uint8_t *)view;
}

/* Up to where sequentially consistent fences and accesses have got: the first positions are
 * for the fences that follow, the second ones for the accesses. */
static inline uint8_t *
rr_order_positions(const rr_shape *s, uint64_t *block)
{
    return (uint8_t *)(block + s->order_at);
}

/* What a view knows of accesses: 32 bits of each object and location, two in a word.  It
 * is accessed in whole words only, because C lets no object have two types. */
static inline uint64_t *
rr_known(const rr_shape *s, uint64_t *view)
{
    return view + s->n_position_words;
}

static inline int
rr_known_shift(int32_t i)
{
    return i & 1 ? 32 : 0;
}

static inline uint32_t
rr_known_at(const uint64_t *known, int32_t i)
{
    return (uint32_t)(known[i / 2] >> rr_known_shift(i));
}

static inline void
rr_add_known(uint64_t *known, int32_t i, uint32_t bits)
{
    known[i / 2] |= (uint64_t)bits << rr_known_shift(i);
}

static inline void
rr_remove_known(uint64_t *known, int32_t i, uint32_t bits)
{
    known[i / 2] &= ~((uint64_t)bits << rr_known_shift(i));
}

static inline void
rr_put_known(uint64_t *known, int32_t i, uint32_t bits)
{
    rr_remove_known(known, i, UINT32_MAX);
    rr_add_known(known, i, bits);
}

/* 0xff in each byte in which a is at least b; no byte is above 127. */
static inline uint64_t
rr_bytes_at_least(uint64_t a, uint64_t b)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t is_so = ((a | high) - b) & high;
    return (is_so - (is_so >> 7)) | is_so;
}

static inline uint64_t
rr_larger_bytes(uint64_t a, uint64_t b)
{
    uint64_t a_is_larger = rr_bytes_at_least(a, b);
    return (a & a_is_larger) | (b & ~a_is_larger);
}

static inline uint64_t
rr_smaller_bytes(uint64_t a, uint64_t b)
{
    uint64_t a_is_larger = rr_bytes_at_least(a, b);
    return (b & a_is_larger) | (a & ~a_is_larger);
}

/* ---- whole views ------------------------------------------------------------------- */

/* One word of positions and one of known accesses: most programs that count one or two
 * objects.  Loops over views cost more than what they do for these. */
static inline bool
rr_has_short_views(const rr_shape *s)
{
    return s->n_position_words == 1 && s->view_words == 2;
}

static inline void
rr_copy_view(const rr_shape *s, uint64_t *restrict to, const uint64_t *restrict from)
{
    if (rr_has_short_views(s)) {
        to[0] = from[0];
        to[1] = from[1];
        return;
    }
    memcpy(to, from, (size_t)s->view_words * sizeof *to);
}

static inline bool
rr_is_same_view(const rr_shape *s, const uint64_t *a, const uint64_t *b)
{
    if (rr_has_short_views(s)) {
        return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
    }
    uint64_t differ = 0;
    for (int32_t i = 0; i < s->view_words; i++) {
        differ |= a[i] ^ b[i];
    }
    return differ == 0;
}

/* An empty view knows nothing that matters. */
static inline bool
rr_is_empty_view(const rr_shape *s, const uint64_t *view)
{
    if (rr_has_short_views(s)) {
        return (view[0] | ~view[1]) == 0;
    }
    uint64_t differ = 0;
    for (int32_t i = 0; i < s->n_position_words; i++) {
        differ |= view[i];
    }
    for (int32_t i = s->n_position_words; i < s->view_words; i++) {
        differ |= ~view[i];
    }
    return differ == 0;
}

static inline void
rr_view_empty(const rr_shape *s, uint64_t *view)
{
    if (rr_has_short_views(s)) {
        view[0] = 0;
        view[1] = UINT64_MAX;
        return;
    }
    size_t n_positions = (size_t)s->n_position_words * sizeof *view;
    memset(view, 0, n_positions);
    memset(view + s->n_position_words, 0xff,
           (size_t)s->view_words * sizeof *view - n_positions);
}

static inline void
rr_join(const rr_shape *s, uint64_t *restrict to, const uint64_t *restrict from)
{
    if (rr_has_short_views(s)) {
        to[0] = rr_larger_bytes(to[0], from[0]);
        to[1] |= from[1];
        return;
    }
    for (int32_t i = 0; i < s->n_position_words; i++) {
        to[i] = rr_larger_bytes(to[i], from[i]);
    }
    for (int32_t i = s->n_position_words; i < s->view_words; i++) {
        to[i] |= from[i];
    }
}

/* Exchanges what is known of two threads' accesses, in two words at once: bits from a and
 * from b on, as many as the low half and the high half of the mask have. */
typedef struct rr_swap {
    int a[2], b[2];
    uint64_t mask[2]; /* 0: nothing in this half, or both are in the first one */
} rr_swap;

static inline int
rr_kinds_of_known(const rr_shape *s, int32_t known)
{
    return known < s->n_objects ? RR_KNOWN_KINDS : RR_CELL_KINDS;
}

/* For the words `first` and the one behind it. */
static inline rr_swap
rr_swap_of(const rr_shape *s, int32_t first, int a, int b)
{
    int low = rr_kinds_of_known(s, first), high = rr_kinds_of_known(s, first + 1);
    uint64_t mask = (UINT64_C(1) << low) - 1, mask_high = ((UINT64_C(1) << high) - 1) << 32;
    if (first + 1 == s->n_known) {
        mask_high = 0;
    }
    bool is_one = low == high;
    return (rr_swap){
        .a = {low * a, high * a},
        .b = {low * b, high * b},
        .mask = {is_one ? mask | mask_high : mask, is_one ? 0 : mask_high},
    };
}

static inline uint64_t
rr_swapped(const rr_swap *swap, uint64_t pair)
{
    uint64_t differ = (pair >> swap->a[0] ^ pair >> swap->b[0]) & swap->mask[0];
    pair ^= differ << swap->a[0] | differ << swap->b[0];
    if (swap->mask[1] != 0) {
        differ = (pair >> swap->a[1] ^ pair >> swap->b[1]) & swap->mask[1];
        pair ^= differ << swap->a[1] | differ << swap->b[1];
    }
    return pair;
}

static inline bool
rr_is_swapped_same(const rr_swap *swap, uint64_t pair)
{
    uint64_t differ = (pair >> swap->a[0] ^ pair >> swap->b[0]) & swap->mask[0];
    differ |= (pair >> swap->a[1] ^ pair >> swap->b[1]) & swap->mask[1];
    return differ == 0;
}

/* Calls `visit` with all views of the state that are in use: some that lie one behind the
 * other at a time. */
typedef void rr_visit(const rr_shape *s, uint64_t *views, int32_t n, const void *what);

static inline void
rr_each_view(const rr_shape *s, uint64_t *block, rr_visit *visit, const void *what)
{
    visit(s, rr_fixed_view(s, block, 0), s->n_fixed_views, what);
    for (int32_t x = 0; x < s->n_locations; x++) {
        visit(s, rr_message_view(s, block, x, 0), rr_list_of(s, block, x)->n, what);
    }
}

/* ---- views.c ---------------------------------------------------------------------- */

/* The first state: one message in each location, and everything known. */
void rr_views_begin(const rr_shape *s, uint64_t *block);
/* It orders nothing, and says nothing of what other threads have done until now. */
void rr_view_know_nothing(const rr_shape *s, uint64_t *view);
/* One message is left in a location, which is the first. */
void rr_location_reset(const rr_shape *s, uint64_t *block, int32_t location);
/* Clears a bit of known accesses in every view, or sets some. */
void rr_forget_known(const rr_shape *s, uint64_t *block, int32_t known, uint32_t bits);
void rr_set_known(const rr_shape *s, uint64_t *block, int32_t known, uint32_t bits);
/* Adds a message behind position `after`; returns its position, its view uninitialised.
 * pre: there is room. */
int rr_insert_message(const rr_shape *s, uint64_t *block, int32_t location, int after,
                      bool is_glued);

#endif
