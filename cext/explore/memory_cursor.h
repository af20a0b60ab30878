/* memory_cursor.h -- the order in which the memory of a state under C11 is packed; for
 * memory_pack.c and memory_compare.c.
 */
#ifndef RR_MEMORY_CURSOR_H
#define RR_MEMORY_CURSOR_H

#include "machine/views.h"

/* What precedes a view. */
enum { RR_AS_EMPTY,
       RR_AS_BEFORE,
       RR_IN_FULL };

typedef struct rr_cursor {
    const rr_shape *s;
    uint64_t *block;
    char *at;
    const uint64_t *before;             /* the last view in full; NULL: none */
    int32_t several[RR_WEAK_POSITIONS]; /* positions of locations with several messages */
    int32_t n_several;
} rr_cursor;

/* The list is filled in later: clearing it would take as long as packing does. */
static inline void
rr_cursor_open(rr_cursor *c, const rr_shape *s, int32_t *w)
{
    c->s = s;
    c->block = rr_block_of(s, w);
    c->at = NULL;
    c->before = NULL;
    c->n_several = 0;
}

static inline void
rr_find_several(rr_cursor *c)
{
    for (int32_t x = 0; x < c->s->n_locations; x++) {
        if (rr_list_of(c->s, c->block, x)->n > 1) {
            c->several[c->n_several++] = x;
        }
    }
    for (int32_t i = 0, n = c->n_several; c->s->second > 0 && i < n; i++) {
        c->several[c->n_several++] = c->several[i] + c->s->second;
    }
}

/* Without several messages anywhere, every position is 0. */
static inline bool
rr_has_empty_views(const rr_cursor *c)
{
    return c->n_several == 0 && c->s->n_known == 0;
}

#endif
