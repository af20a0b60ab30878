/* memory_known.c -- accesses that everybody knows of who may still conflict with them. */
#include "explore/memory_known.h"

#include <string.h>

/* May the thread still do what has to be ordered after such an access? */
static bool
conflicts_in_cell(const rr_still *still, uint64_t classes, int kind)
{
    uint64_t with = still->plain_writes;
    with |= kind == RR_CELL_PLAIN_READ || kind == RR_CELL_PLAIN_WRITE
                ? still->atomic_writes | still->stores
                : 0;
    with |= kind == RR_CELL_PLAIN_WRITE ? still->reads | still->loads : 0;
    with |= kind == RR_CELL_ATOMIC_WRITE || kind == RR_CELL_PLAIN_WRITE
                ? still->plain_reads
                : 0;
    return (with & classes) != 0;
}

/* Bits of these kinds for every thread but this one.  The kinds of one thread are fewer
 * than the distance between threads, so that a product has them for all. */
static uint32_t
of_others(uint32_t all, int thread, uint32_t kinds, int n_kinds)
{
    return kinds * (all & ~(UINT32_C(1) << (n_kinds * thread)));
}

_Static_assert(RR_KNOWN_KINDS == 3 && RR_CELL_KINDS == 4 && RR_WEAK_THREADS == 8,
               "the digits in of_all are those of other numbers of kinds and threads");

/* The lowest bit of each thread: an octal or a hexadecimal digit each. */
static uint32_t
of_all(const rr_form *f, int n_kinds)
{
    uint64_t each = n_kinds == RR_KNOWN_KINDS ? UINT64_C(011111111) : UINT64_C(0x11111111);
    return (uint32_t)(each & ((UINT64_C(1) << (n_kinds * f->m->program->n_threads)) - 1));
}

static uint32_t
needed_of_cell(const rr_form *f, uint32_t all, int thread, int32_t x)
{
    uint32_t kinds = 0;
    for (int kind = 0; kind < RR_CELL_KINDS; kind++) {
        kinds |= (uint32_t)conflicts_in_cell(f->still[thread], f->s->classes[x], kind)
                 << kind;
    }
    return of_others(all, thread, kinds, RR_CELL_KINDS);
}

/* Clears the bits that a thread needs and does not know. */
static void
find_settled(const rr_form *f, uint64_t *settled)
{
    const rr_shape *s = f->s;
    uint32_t all = of_all(f, RR_KNOWN_KINDS), all_of_cells = of_all(f, RR_CELL_KINDS);
    for (int t = 0; t < f->m->program->n_threads; t++) {
        const rr_still *still = f->still[t];
        const uint64_t *known = rr_known(s, rr_form_view(f, t, RR_VIEW_CURRENT));
        uint32_t of_object = of_others(all, t, (uint32_t)still->kinds, RR_KNOWN_KINDS) |
                             (still->touches ? RR_KNOWN_INIT : 0);
        for (int32_t i = 0; of_object != 0 && i < s->n_objects; i++) {
            rr_remove_known(settled, i, of_object & ~rr_known_at(known, i));
        }
        for (int32_t x = 0; s->n_known > s->n_objects && x < s->n_locations; x++) {
            int32_t i = s->known_of[x];
            if (i >= 0) {
                uint32_t needed = needed_of_cell(f, all_of_cells, t, x);
                rr_remove_known(settled, i, needed & ~rr_known_at(known, i));
            }
        }
    }
}

static inline void
add_settled(const rr_shape *s, uint64_t *views, int32_t n, const void *what)
{
    const uint64_t *settled = what;
    if (rr_has_short_views(s)) {
        uint64_t all = settled[0];
        for (const uint64_t *end = views + 2 * (ptrdiff_t)n; views != end; views += 2) {
            views[1] |= all;
        }
        return;
    }
    for (int32_t k = 0; k < s->view_words - s->n_position_words; k++) {
        uint64_t *known = rr_known(s, views) + k;
        for (int32_t i = 0; i < n; i++) {
            known[i * s->view_words] |= settled[k];
        }
    }
}

void
rr_settle_known(rr_form *f)
{
    if (f->s->n_known == 0) {
        return;
    }
    uint64_t settled[(RR_MOST_KNOWN + 1) / 2];
    for (int32_t k = 0; k < (f->s->n_known + 1) / 2; k++) {
        settled[k] = UINT64_MAX;
    }
    find_settled(f, settled);
    rr_each_view(f->s, f->block, add_settled, settled);
}
