/* memory_compare.c -- compares packed memories without packing them.
 *
 * An exchange puts a view in another's place, and exchanges bits within each view.  Views
 * that are equal or empty stay so: only where bytes are compared do the bits matter.
 */
#include "explore/memory_compare.h"

#include <string.h>

#include "explore/memory_cursor.h"

typedef struct comparing {
    rr_cursor now;
    const uint64_t *before_then; /* now.before, of the memory as it would be */
    int a, b;
    rr_swap first; /* of the first pair of known accesses */
    int order;     /* of the first bytes that differ; 0: none so far */
    int longer;    /* views in full: more then than now */
} comparing;

/* ---- one view ------------------------------------------------------------------------- */

static inline int
packs_as(const rr_shape *s, const uint64_t **before, const uint64_t *some)
{
    if (rr_is_empty_view(s, some)) {
        return RR_AS_EMPTY;
    }
    bool is_same = *before != NULL && rr_is_same_view(s, some, *before);
    *before = some;
    return is_same ? RR_AS_BEFORE : RR_IN_FULL;
}

/* A pair of known accesses, exchanged. */
static inline uint64_t
exchanged_pair(const comparing *c, uint64_t pair, int32_t i)
{
    if (i == 0) {
        return rr_swapped(&c->first, pair);
    }
    rr_swap swap = rr_swap_of(c->now.s, i, c->a, c->b);
    return rr_swapped(&swap, pair);
}

static inline bool
is_same_exchanged(const comparing *c, const uint64_t *some)
{
    const rr_shape *s = c->now.s;
    if (rr_has_short_views(s)) {
        return rr_is_swapped_same(&c->first, some[1]);
    }
    const uint64_t *known = some + s->n_position_words;
    uint64_t differ = 0;
    for (int32_t i = 0; i < s->n_known; i += 2) {
        differ |= known[i / 2] ^ exchanged_pair(c, known[i / 2], i);
    }
    return differ == 0;
}

static int
compare_positions(const comparing *c, uint64_t *now, uint64_t *then)
{
    for (int32_t i = 0; i < c->now.n_several; i++) {
        int32_t x = c->now.several[i];
        int differ = rr_positions(now)[x] - rr_positions(then)[x];
        if (differ != 0) {
            return differ;
        }
    }
    return 0;
}

static int
compare_pair(uint64_t now, uint64_t then)
{
    uint32_t pair[2] = {(uint32_t)now, (uint32_t)(now >> 32)};
    uint32_t pair_then[2] = {(uint32_t)then, (uint32_t)(then >> 32)};
    return memcmp(pair, pair_then, sizeof pair);
}

/* Bytes of a view in full, and of the one that would be in its place. */
static int
compare_bytes(const comparing *c, uint64_t *now, uint64_t *then)
{
    const rr_shape *s = c->now.s;
    int differ = now == then ? 0 : compare_positions(c, now, then);
    const uint64_t *one = now + s->n_position_words, *other = then + s->n_position_words;
    for (int32_t i = 0; differ == 0 && i < s->n_known; i += 2) {
        uint64_t would = exchanged_pair(c, other[i / 2], i);
        differ = one[i / 2] == would ? 0 : compare_pair(one[i / 2], would);
    }
    return differ;
}

static inline void
compare_view(comparing *c, uint64_t *now, uint64_t *then)
{
    const rr_shape *s = c->now.s;
    bool is_alike = now == then && c->now.before == c->before_then;
    int as = packs_as(s, &c->now.before, now), would = as;
    if (is_alike) {
        c->before_then = c->now.before;
    } else {
        would = packs_as(s, &c->before_then, then);
        c->longer += (would == RR_IN_FULL) - (as == RR_IN_FULL);
    }
    if (c->order == 0) {
        c->order = as != would        ? as - would
                   : as == RR_IN_FULL ? compare_bytes(c, now, then)
                                      : 0;
    }
}

/* ---- all of them ---------------------------------------------------------------------- */

/* Would every view be the same?  No view takes another's place, and no bit another's. */
static bool
is_all_same_exchanged(const comparing *c)
{
    const rr_shape *s = c->now.s;
    uint64_t *block = c->now.block;
    const uint64_t *of_a = rr_thread_view(s, block, c->a, 0);
    const uint64_t *of_b = rr_thread_view(s, block, c->b, 0);
    for (int32_t i = 0; i < RR_THREAD_VIEWS * s->view_words; i++) {
        if (of_a[i] != of_b[i]) {
            return false;
        }
    }
    if (s->queue_sync < s->n_syncs) {
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

static int
exchanged(const comparing *c, int thread)
{
    return thread == c->a ? c->b : thread == c->b ? c->a
                                                  : thread;
}

/* Is the order known where every view that follows is in its own place?  Once both
 * memories had the same view in full last, neither gets longer than the other. */
static inline bool
is_decided(const comparing *c)
{
    return c->order != 0 && c->now.before == c->before_then;
}

static void
compare_threads_views(comparing *c)
{
    const rr_shape *s = c->now.s;
    uint64_t *block = c->now.block;
    bool has_queues = s->queue_sync < s->n_syncs;
    for (int t = 0; t < s->n_threads; t++) {
        if (t > c->b && !has_queues && is_decided(c)) {
            return;
        }
        int other = exchanged(c, t);
        for (int which = 0; which < RR_THREAD_VIEWS; which++) {
            compare_view(c, rr_thread_view(s, block, t, which),
                         rr_thread_view(s, block, other, which));
        }
    }
}

static void
compare_syncs(comparing *c)
{
    const rr_shape *s = c->now.s;
    uint64_t *block = c->now.block;
    for (int32_t i = 0; i < s->n_syncs; i++) {
        int32_t of_threads = i - s->queue_sync; /* and of the attachments */
        int t = of_threads < 0 ? 0 : of_threads % s->n_threads;
        int32_t other = of_threads < 0 ? i : i - t + exchanged(c, t);
        compare_view(c, rr_sync_view(s, block, i), rr_sync_view(s, block, other));
    }
}

static void
compare_messages(comparing *c)
{
    const rr_shape *s = c->now.s;
    uint64_t *block = c->now.block;
    for (int32_t x = 0; x < s->n_locations; x++) {
        for (int p = 0; p < rr_list_of(s, block, x)->n && !is_decided(c); p++) {
            uint64_t *message = rr_message_view(s, block, x, p);
            compare_view(c, message, message);
        }
    }
}

/* ---- short views ---------------------------------------------------------------------- */

/* Views one behind the other; `to`: how many words behind them those are that would be in
 * their places. */
typedef struct run_of_views {
    uint64_t *first;
    int32_t n;
    ptrdiff_t to;
} run_of_views;

/* The first run is that of the lower thread. */
static inline run_of_views
short_run(const comparing *c, int i)
{
    const rr_shape *s = c->now.s;
    uint64_t *block = c->now.block;
    const int behind = RR_THREAD_VIEWS * (c->b + 1);
    const int between = RR_THREAD_VIEWS * (c->b - c->a - 1);
    const ptrdiff_t apart = 2 * RR_THREAD_VIEWS * (c->b - c->a);
    switch (i) {
    case 0:
        return (run_of_views){rr_thread_view(s, block, c->a, 0), RR_THREAD_VIEWS, apart};
    case 1:
        return (run_of_views){rr_thread_view(s, block, c->a + 1, 0), between, 0};
    case 2:
        return (run_of_views){rr_thread_view(s, block, c->b, 0), RR_THREAD_VIEWS, -apart};
    case 3:
        return (run_of_views){rr_fixed_view(s, block, behind), s->n_fixed_views - behind, 0};
    default:
        return (run_of_views){rr_message_view(s, block, i - 4, 0),
                              rr_list_of(s, block, i - 4)->n, 0};
    }
}

static inline bool
is_empty_short(const uint64_t some[2])
{
    return (some[0] | ~some[1]) == 0;
}

/* The views of the threads before the lower one: they stay in their places, and take as
 * many bytes.  Returns the last view that is not empty. */
static inline const uint64_t *
compare_short_before(comparing *c)
{
    static const uint64_t empty[2] = {0, UINT64_MAX};
    const rr_swap swap = c->first;
    uint64_t *first = rr_fixed_view(c->now.s, c->now.block, 0);
    uint64_t *end = first + (ptrdiff_t)2 * RR_THREAD_VIEWS * c->a;
    for (uint64_t *some = first; some != end && c->order == 0; some += 2) {
        if (!rr_is_swapped_same(&swap, some[1])) {
            c->order = compare_bytes(c, some, some);
        }
    }
    while (end != first) {
        end -= 2;
        if (!is_empty_short(end)) {
            return end;
        }
    }
    return empty; /* no view that is not empty equals it */
}

/* The same with the last views in full in registers. */
static int
compare_short(comparing *c)
{
    const rr_swap swap = c->first;
    const uint64_t *before = compare_short_before(c);
    uint64_t now_0 = before[0], now_1 = before[1], then_0 = now_0, then_1 = now_1;
    int order = c->order, longer = 0;
    for (int i = 0; i < 4 + c->now.s->n_locations; i++) {
        run_of_views run = short_run(c, i);
        uint64_t *some = run.first;
        for (int32_t k = 0; k < run.n; k++, some += 2) {
            if (i > 2 && order != 0 && now_0 == then_0 && now_1 == then_1) {
                return longer != 0 ? -longer : order; /* as is_decided */
            }
            uint64_t positions = some[0], known = some[1];
            uint64_t positions_then = some[run.to], known_then = some[run.to + 1];
            bool is_empty = (positions | ~known) == 0;
            bool is_full = !is_empty && (positions != now_0 || known != now_1);
            bool is_empty_then = (positions_then | ~known_then) == 0;
            bool is_full_then =
                !is_empty_then && (positions_then != then_0 || known_then != then_1);
            now_0 = is_full ? positions : now_0;
            now_1 = is_full ? known : now_1;
            then_0 = is_full_then ? positions_then : then_0;
            then_1 = is_full_then ? known_then : then_1;
            longer += is_full_then - is_full;
            if (order != 0) {
                continue;
            }
            if (is_empty != is_empty_then || is_full != is_full_then) {
                int as = is_empty ? RR_AS_EMPTY : RR_AS_BEFORE + is_full;
                int would = is_empty_then ? RR_AS_EMPTY : RR_AS_BEFORE + is_full_then;
                order = as - would;
            } else if (is_full && (positions != positions_then ||
                                   known != rr_swapped(&swap, known_then))) {
                order = compare_bytes(c, some, some + run.to);
            }
        }
    }
    return longer != 0 ? -longer : order;
}

int
rr_compare_packed(const rr_shape *s, int32_t *w, int a, int b)
{
    comparing c;
    rr_cursor_open(&c.now, s, w);
    rr_find_several(&c.now);
    c.before_then = NULL;
    c.a = a;
    c.b = b;
    c.first = rr_swap_of(s, 0, a, b);
    c.order = c.longer = 0;
    if (rr_has_empty_views(&c.now) || is_all_same_exchanged(&c)) {
        return 0;
    }
    bool has_queues = s->queue_sync < s->n_syncs;
    if (rr_has_short_views(s) && !has_queues) {
        return compare_short(&c);
    }
    compare_threads_views(&c);
    if (has_queues || !is_decided(&c)) {
        compare_syncs(&c);
        compare_messages(&c);
    }
    return c.longer != 0 ? -c.longer : c.order;
}
