/* memory_pack.c -- a view takes a byte for each position of a location that has several
 * messages, and the bits of known accesses; equal and empty views take one byte.
 */
#include "explore/memory_pack.h"

#include <string.h>

#include "machine/views.h"

/* What precedes a view. */
enum { AS_EMPTY,
       AS_BEFORE,
       IN_FULL };

size_t
rr_memory_bytes(const rr_shape *s)
{
    size_t a_view = 1 + (size_t)s->n_positions + 4 * (size_t)s->n_known;
    size_t n_views =
        (size_t)s->n_fixed_views + (size_t)s->n_locations * (size_t)s->room;
    return n_views * a_view + (size_t)s->n_locations * (5 + 4 * (size_t)s->room) + 8;
}

typedef struct cursor {
    const rr_shape *s;
    uint64_t *block;
    char *at;
    const uint64_t *before;             /* the last view in full; NULL: none */
    int32_t several[RR_WEAK_POSITIONS]; /* positions of locations with several messages */
    int32_t n_several;
} cursor;

/* The list is filled in later: clearing it would take as long as packing does. */
static void
open_cursor(cursor *c, const rr_shape *s, int32_t *w)
{
    c->s = s;
    c->block = rr_block_of(s, w);
    c->at = NULL;
    c->before = NULL;
    c->n_several = 0;
}

static void
find_several(cursor *c)
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
static bool
has_empty_views(const cursor *c)
{
    return c->n_several == 0 && c->s->n_known == 0;
}

/* ---- packing ------------------------------------------------------------------------ */

static void
pack_view(cursor *c, uint64_t *some)
{
    if (rr_is_empty_view(c->s, some)) {
        *c->at++ = AS_EMPTY;
        return;
    }
    if (c->before != NULL && rr_is_same_view(c->s, some, c->before)) {
        *c->at++ = AS_BEFORE;
        return;
    }
    *c->at++ = IN_FULL;
    c->before = some;
    for (int32_t i = 0; i < c->n_several; i++) {
        *c->at++ = (char)rr_positions(some)[c->several[i]];
    }
    const uint64_t *known = rr_known(c->s, some);
    for (int32_t i = 0; i < c->s->n_known; i++) {
        uint32_t bits = rr_known_at(known, i);
        memcpy(c->at, &bits, sizeof bits);
        c->at += sizeof bits;
    }
}

size_t
rr_pack_memory(const rr_shape *s, int32_t *w, char *out)
{
    cursor c;
    open_cursor(&c, s, w);
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
    find_several(&c);
    if (has_empty_views(&c)) {
        size_t n_views = (size_t)s->n_fixed_views + (size_t)s->n_locations;
        memset(c.at, AS_EMPTY, n_views);
        return (size_t)(c.at - out) + n_views;
    }
    for (int32_t i = 0; i < s->n_fixed_views; i++) {
        pack_view(&c, rr_fixed_view(s, c.block, i));
    }
    for (int32_t x = 0; x < s->n_locations; x++) {
        for (int p = 0; p < rr_list_of(s, c.block, x)->n; p++) {
            pack_view(&c, rr_message_view(s, c.block, x, p));
        }
    }
    for (int32_t i = 0; i < c.n_several; i++) {
        *c.at++ = (char)rr_order_positions(s, c.block)[c.several[i]];
    }
    return (size_t)(c.at - out);
}

/* ---- as if threads were exchanged ------------------------------------------------------ */

/* An exchange puts a view in another's place, and exchanges bits within each view.  Views
 * that are equal or empty stay so: only where bytes are compared do the bits matter. */
typedef struct comparing {
    cursor now, then;
    uint64_t short_now[2], short_then[2]; /* the last views in full, if views are short */
    int a, b;
    int order;  /* of the first bytes that differ; 0: none so far */
    int longer; /* views in full: more then than now */
} comparing;

static int
packs_as(cursor *c, const uint64_t *some)
{
    if (rr_is_empty_view(c->s, some)) {
        return AS_EMPTY;
    }
    if (c->before != NULL && (some == c->before || rr_is_same_view(c->s, some, c->before))) {
        return AS_BEFORE;
    }
    c->before = some;
    return IN_FULL;
}

/* The same of a short view.  Before the first view in full comes an empty one, which no view
 * that gets so far equals. */
static inline int
short_packs_as(uint64_t before[2], const uint64_t *some)
{
    if ((some[0] | ~some[1]) == 0) {
        return AS_EMPTY;
    }
    if (((some[0] ^ before[0]) | (some[1] ^ before[1])) == 0) {
        return AS_BEFORE;
    }
    before[0] = some[0];
    before[1] = some[1];
    return IN_FULL;
}

/* Would every view be the same?  No view takes another's place, and no bit another's. */
static bool
is_same_exchanged(const comparing *c, uint64_t *some)
{
    const rr_shape *s = c->now.s;
    const uint64_t *known = rr_known(s, some);
    uint32_t differ = 0;
    for (int32_t i = 0; i < s->n_known; i++) {
        uint32_t bits = rr_known_at(known, i);
        differ |= bits ^ rr_swap_bits(bits, c->a, c->b,
                                      i < s->n_objects ? RR_KNOWN_KINDS
                                                       : RR_CELL_KINDS);
    }
    return differ == 0;
}

static bool
is_all_same_exchanged(const comparing *c)
{
    const rr_shape *s = c->now.s;
    uint64_t *block = c->now.block;
    size_t view_bytes = (size_t)s->view_words * sizeof(uint64_t);
    if (memcmp(rr_thread_view(s, block, c->a, 0), rr_thread_view(s, block, c->b, 0),
               RR_THREAD_VIEWS * view_bytes) != 0 ||
        s->queue_sync < s->n_syncs) {
        return false;
    }
    for (int32_t i = 0; i < s->n_fixed_views; i++) {
        if (!is_same_exchanged(c, rr_fixed_view(s, block, i))) {
            return false;
        }
    }
    for (int32_t x = 0; x < s->n_locations; x++) {
        for (int p = 0; p < rr_list_of(s, block, x)->n; p++) {
            if (!is_same_exchanged(c, rr_message_view(s, block, x, p))) {
                return false;
            }
        }
    }
    return true;
}

/* Bytes of a view in full, and of the one that would be in its place. */
static int
compare_bytes(const comparing *c, uint64_t *now, uint64_t *then)
{
    const rr_shape *s = c->now.s;
    for (int32_t i = 0; i < c->now.n_several; i++) {
        int32_t x = c->now.several[i];
        int differ = rr_positions(now)[x] - rr_positions(then)[x];
        if (differ != 0) {
            return differ;
        }
    }
    for (int32_t i = 0; i < s->n_known; i++) {
        uint32_t one = rr_known_at(rr_known(s, now), i);
        uint32_t other = rr_swap_bits(rr_known_at(rr_known(s, then), i), c->a, c->b,
                                      i < s->n_objects ? RR_KNOWN_KINDS : RR_CELL_KINDS);
        if (one != other) {
            return memcmp(&one, &other, sizeof one);
        }
    }
    return 0;
}

static inline void
compare_view(comparing *c, uint64_t *now, uint64_t *then)
{
    int as, would;
    if (rr_has_short_views(c->now.s)) {
        as = short_packs_as(c->short_now, now);
        would = short_packs_as(c->short_then, then);
    }
    else {
        as = packs_as(&c->now, now);
        would = then == now && c->now.before == c->then.before && as != IN_FULL
                    ? as
                    : packs_as(&c->then, then);
    }
    c->longer += (would == IN_FULL) - (as == IN_FULL);
    if (c->order == 0) {
        c->order = as != would     ? as - would
                   : as == IN_FULL ? compare_bytes(c, now, then)
                                   : 0;
    }
}

static int
exchanged(const comparing *c, int thread)
{
    return thread == c->a ? c->b : thread == c->b ? c->a
                                                  : thread;
}

int
rr_compare_packed(const rr_shape *s, int32_t *w, int a, int b)
{
    comparing c;
    open_cursor(&c.now, s, w);
    find_several(&c.now);
    c.then.before = NULL;
    c.then.s = s;
    c.short_now[0] = c.short_then[0] = 0;
    c.short_now[1] = c.short_then[1] = UINT64_MAX;
    c.a = a;
    c.b = b;
    c.order = c.longer = 0;
    if (has_empty_views(&c.now) || is_all_same_exchanged(&c)) {
        return 0;
    }
    uint64_t *block = c.now.block;
    for (int t = 0; t < s->n_threads; t++) {
        for (int which = 0; which < RR_THREAD_VIEWS; which++) {
            compare_view(&c, rr_thread_view(s, block, t, which),
                         rr_thread_view(s, block, exchanged(&c, t), which));
        }
    }
    for (int32_t i = 0; i < s->n_syncs; i++) {
        int32_t of_threads = i - s->queue_sync; /* and of the attachments */
        int t = of_threads < 0 ? 0 : of_threads % s->n_threads;
        int32_t other = of_threads < 0 ? i : i - t + exchanged(&c, t);
        compare_view(&c, rr_sync_view(s, block, i), rr_sync_view(s, block, other));
    }
    for (int32_t x = 0; x < s->n_locations; x++) {
        for (int p = 0; p < rr_list_of(s, block, x)->n; p++) {
            uint64_t *message = rr_message_view(s, block, x, p);
            compare_view(&c, message, message);
        }
    }
    return c.longer != 0 ? -c.longer : c.order;
}

/* ---- and back ------------------------------------------------------------------------- */

typedef struct reading {
    cursor c;
    const char *in;
} reading;

static void
unpack_view(reading *r, uint64_t *some)
{
    cursor *c = &r->c;
    int how = *r->in++;
    if (how == AS_BEFORE) {
        rr_copy_view(c->s, some, c->before);
        return;
    }
    rr_view_empty(c->s, some);
    if (how == AS_EMPTY) {
        return;
    }
    c->before = some;
    for (int32_t i = 0; i < c->n_several; i++) {
        rr_positions(some)[c->several[i]] = (uint8_t)*r->in++;
    }
    uint64_t *known = rr_known(c->s, some);
    for (int32_t i = 0; i < c->s->n_known; i++) {
        uint32_t bits;
        memcpy(&bits, r->in, sizeof bits);
        rr_put_known(known, i, bits);
        r->in += sizeof bits;
    }
}

static void
empty_views(const cursor *c)
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
    open_cursor(&r.c, s, w);
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
    find_several(&r.c);
    if (has_empty_views(&r.c)) {
        empty_views(&r.c);
        return;
    }
    for (int32_t i = 0; i < s->n_fixed_views; i++) {
        unpack_view(&r, rr_fixed_view(s, block, i));
    }
    for (int32_t x = 0; x < s->n_locations; x++) {
        for (int p = 0; p < rr_list_of(s, block, x)->n; p++) {
            unpack_view(&r, rr_message_view(s, block, x, p));
        }
    }
    for (int32_t i = 0; i < r.c.n_several; i++) {
        rr_order_positions(s, block)[r.c.several[i]] = (uint8_t)*r.in++;
    }
}
