/* canonical_form.c -- removes irrelevant information, one kind after the other. */
#include "explore/canonical_form.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/memory_compare.h"
#include "explore/memory_form.h"
#include "explore/memory_pack.h"
#include "explore/memory_permute.h"
#include "explore/renumber.h"
#include "machine/internal.h"

/* ---- locals and freed memory ---------------------------------------------------- */

static void
forget_dead_locals(rr_machine *m, int thread)
{
    const rr_layout *l = &m->layout;
    int depth = m->w[l->threads[thread].base + RR_THREAD_DEPTH];
    for (int d = 0; d < depth; d++) {
        int32_t *frame = m->w + rr_frame_of(l, thread, d);
        if (frame[RR_FRAME_PLACE] < 0) {
            continue;
        }
        uint64_t dead = ~rr_instr_at(m, thread, d, frame[RR_FRAME_PLACE])->live;
        /* The words of critical sections behind them are cleared when they are left. */
        int n = d == 0 ? l->threads[thread].n_first_locals -
                             RR_SECTION_WORDS * l->threads[thread].n_sections
                       : l->frame_words - RR_FRAME_LOCALS -
                             RR_SECTION_WORDS * l->n_deep_sections;
        for (int i = 0; i < n && i < 64; i++, dead >>= 1) {
            frame[RR_FRAME_LOCALS + i] = dead & 1 ? 0 : frame[RR_FRAME_LOCALS + i];
        }
    }
}

/* The step that puts an object in a queue touches no memory of it, and may be the last
 * step of a decrement.  Only whether that was an over-release still matters. */
static int32_t
ledger_of_freed(const rr_machine *m, int32_t ledger)
{
    return (m->mode->keeps & RR_KEEPS_QUEUE) != 0 && ledger < 0 ? -1 : 0;
}

/* No step can read freed memory: an access ends the run. */
static void
forget_freed(rr_machine *m)
{
    const rr_layout *l = &m->layout;
    for (int32_t i = 0; i < l->n_objects; i++) {
        int32_t *words = m->w + l->objects[i].base;
        if ((words[RR_OBJECT_STATUS] & RR_STATUS_MASK) != RR_FREED ||
            rr_machine_template(m, i)->stable) {
            continue;
        }
        words[RR_OBJECT_STATUS] = RR_FREED | (words[RR_OBJECT_STATUS] & RR_UNCOUNTED);
        words[RR_OBJECT_COUNT] = 0;
        words[RR_OBJECT_LEDGER] = ledger_of_freed(m, words[RR_OBJECT_LEDGER]);
        const int32_t offsets[] = {l->mutex_offset, l->count_mutex_offset,
                                   l->shared_offset, l->tid_offset};
        for (size_t k = 0; k < sizeof offsets / sizeof *offsets; k++) {
            if (offsets[k] >= 0) {
                words[offsets[k]] = 0;
            }
        }
        for (int32_t f = 0; f < l->objects[i].n_fields; f++) {
            m->w[l->objects[i].first_field + f] = 0;
        }
    }
}

/* ---- identical threads ----------------------------------------------------------- */

static bool
is_same_code(const rr_program *p, int a, int b)
{
    const rr_body *x = &p->bodies[a], *y = &p->bodies[b];
    if (x->n_instrs != y->n_instrs || x->n_locals != y->n_locals) {
        return false;
    }
    for (int32_t i = 0; i < x->n_instrs; i++) {
        const rr_instr *in = &p->instrs[x->base + i], *other = &p->instrs[y->base + i];
        if (in->op != other->op || in->order != other->order ||
            in->failure != other->failure || in->result != other->result ||
            in->live != other->live || memcmp(in->p, other->p, sizeof in->p) != 0) {
            return false;
        }
    }
    return true;
}

/* May the same interrupts come, as often? */
static bool
has_same_interrupts(const rr_machine *m, int a, int b)
{
    const rr_thread_layout *x = &m->layout.threads[a], *y = &m->layout.threads[b];
    if (x->n_interrupts != y->n_interrupts) {
        return false;
    }
    for (int i = 0; i < x->n_interrupts; i++) {
        if (m->program->interrupts[x->first_interrupt + i].body !=
            m->program->interrupts[y->first_interrupt + i].body) {
            return false;
        }
    }
    return true;
}

static int
compare_blocks(const rr_layout *l, const int32_t *w, int a, int b)
{
    const int32_t *x = w + l->threads[a].base, *y = w + l->threads[b].base;
    for (int32_t i = 0; i < l->threads[a].n_words; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Does the first state name the thread?  Then no other thread is identical to it. */
static bool
is_named(const rr_machine *m, int thread)
{
    for (int32_t i = 0; i < m->layout.n_owners; i++) {
        if (m->w[m->layout.owners[i]] == thread + 1) {
            return true;
        }
    }
    return false;
}

/* Can a thread that the first state does not name become the owner of an object?  Then
 * other threads, in the middle of an operation, store its number among the values they
 * have read, where exchanging threads does not find it. */
static bool
can_become_owner(const rr_machine *m)
{
    const rr_program *p = m->program;
    bool makes = false;
    for (int32_t i = 0; i < p->n_instrs; i++) {
        int op = p->instrs[i].op;
        makes |= op == RR_OP_NEW || op == RR_OP_RAW_NEW || op == RR_OP_RENEW ||
                 op == RR_OP_RESURRECT;
    }
    return makes && m->layout.tid_offset >= 0;
}

void
rr_symmetry_of(const rr_machine *m, bool wanted, rr_symmetry *out)
{
    const rr_program *p = m->program;
    /* The blocks of containers that delay frees name threads too. */
    wanted = wanted && !can_become_owner(m) && !m->layout.delays_frees;
    out->any = false;
    int last_of[RR_MAX_PROGRAM_THREADS + 1]; /* the last thread of each class so far */
    for (int t = 0; t < m->layout.n_threads; t++) {
        out->class_of[t] = last_of[t] = t;
        out->previous[t] = -1;
        for (int u = 0; wanted && m->only < 0 && u < t && t < p->n_threads; u++) {
            if (out->class_of[u] == u && !is_named(m, u) && !is_named(m, t) &&
                is_same_code(p, u, t) && has_same_interrupts(m, u, t) &&
                compare_blocks(&m->layout, m->w, u, t) == 0) {
                out->class_of[t] = u;
                out->previous[t] = last_of[u];
                last_of[u] = t;
                out->any = true;
                break;
            }
        }
    }
}

/* Compares block by block, and equal blocks by which of the two owns the first lock that
 * either owns. */
static int
compare_threads(const rr_layout *l, const int32_t *w, int a, int b)
{
    int order = compare_blocks(l, w, a, b);
    for (int32_t i = 0; order == 0 && i < l->n_owners; i++) {
        int32_t owner = w[l->owners[i]];
        order = owner == a + 1 ? -1 : owner == b + 1 ? 1 : 0;
    }
    return order;
}

static void
swap_threads(const rr_machine *m, int32_t *w, int a, int b)
{
    const rr_layout *l = &m->layout;
    if (m->is_weak) {
        rr_swap_in_memory(&m->shape, w, a, b);
    }
    int32_t *x = w + l->threads[a].base, *y = w + l->threads[b].base;
    for (int32_t i = 0; i < l->threads[a].n_words; i++) {
        int32_t word = x[i];
        x[i] = y[i];
        y[i] = word;
    }
    for (int32_t i = 0; i < l->n_owners; i++) {
        int32_t *owner = &w[l->owners[i]];
        if (*owner == a + 1 || *owner == b + 1) {
            *owner = a + b + 2 - *owner;
        }
    }
}

static int
compare_all(const rr_machine *m, int32_t *w, int a, int b)
{
    int order = compare_threads(&m->layout, w, a, b);
    return order == 0 && m->is_weak ? rr_compare_views(&m->shape, w, a, b) : order;
}

static void
exchange_threads(rr_machine *m, int *was, int a, int b)
{
    swap_threads(m, m->w, a, b);
    int who = was[b];
    was[b] = was[a];
    was[a] = who;
}

/* Insertion sort within each class; `was[t]` is the previous number of thread t.  Finds the
 * first thread that each one ties with: those that tie become neighbours in their class. */
static void
sort_threads(rr_machine *m, const rr_symmetry *s, int *was, int *ties_with)
{
    bool ties[RR_MAX_PROGRAM_THREADS + 1] = {false}; /* with the thread before it */
    for (int t = 1; t < m->program->n_threads; t++) {
        int at = t, order = 1;
        for (int u = s->previous[at]; u >= 0; u = s->previous[at]) {
            order = compare_all(m, m->w, at, u);
            if (order >= 0) {
                break;
            }
            exchange_threads(m, was, u, at);
            ties[at] = ties[u];
            at = u;
            order = 1;
        }
        ties[at] = order == 0;
    }
    for (int t = 0; t < m->program->n_threads; t++) {
        ties_with[t] = ties[t] ? ties_with[s->previous[t]] : t;
    }
}

/* ---- threads that only the memory under C11 tells apart ----------------------------- */

/* Does exchanging two threads make the packed memory less (above 0)?  0: it does not
 * change it. */
static int
compare_exchanged(const rr_machine *m, const rr_symmetry *s, int32_t *w, int a, int b)
{
    if (!m->shape.announces) {
        return rr_compare_packed(&m->shape, w, a, b);
    }
    char *now = s->packed, *then = s->packed + s->packed_bytes;
    size_t n = rr_pack_memory(&m->shape, w, now);
    swap_threads(m, w, a, b);
    size_t n_then = rr_pack_memory(&m->shape, w, then);
    swap_threads(m, w, a, b);
    return n != n_then ? (n > n_then ? 1 : -1) : memcmp(now, then, n);
}

/* Exchanges threads that tie as long as that makes the memory less.  They still tie then:
 * their words and positions are equal, and no lock is theirs.  The result is one of a few
 * forms, not always the least: some states that are alike stay apart. */
static void
settle_ties(rr_machine *m, const rr_symmetry *s, int *was, const int *ties_with)
{
    int last_a = -1, last_b = -1; /* exchanged last: doing it again makes it more */
    bool has_changed = true;
    while (has_changed) {
        has_changed = false;
        for (int t = 1; t < m->program->n_threads; t++) {
            for (int u = s->previous[t]; u >= ties_with[t]; u = s->previous[u]) {
                if ((u != last_a || t != last_b) &&
                    compare_exchanged(m, s, m->w, u, t) > 0) {
                    exchange_threads(m, was, u, t);
                    last_a = u;
                    last_b = t;
                    has_changed = true;
                }
            }
        }
    }
}

int
rr_symmetry_open(const rr_machine *m, rr_symmetry *s)
{
    if (m->is_weak && s->any) {
        s->packed_bytes = rr_memory_bytes(&m->shape);
        s->packed = rr_alloc(2, s->packed_bytes);
        return s->packed == NULL ? RR_ENOMEM : RR_OK;
    }
    return RR_OK;
}

void
rr_symmetry_close(rr_symmetry *s)
{
    rr_free(s->packed);
    s->packed = NULL;
}

/* ---- all of it ------------------------------------------------------------------------ */

static bool
normalise(rr_machine *m, const rr_symmetry *s, int stepped, int *was)
{
    for (int t = 0; t < m->layout.n_threads; t++) {
        was[t] = t;
        if (stepped < 0 || t == stepped) {
            forget_dead_locals(m, t);
        }
    }
    forget_freed(m);
    if (m->layout.capacity[RR_CAPACITY_OBJECTS] > 0) {
        rr_renumber(m);
    }
    if (m->is_weak && !rr_normalise_memory(m)) {
        return false;
    }
    int ties_with[RR_MAX_PROGRAM_THREADS + 1];
    if (s->any) {
        sort_threads(m, s, was, ties_with);
    }
    if (s->any && m->is_weak) {
        settle_ties(m, s, was, ties_with);
    }
    return true;
}

int
rr_canonicalise(rr_machine *m, const rr_symmetry *s, int stepped)
{
    int was[RR_MAX_PROGRAM_THREADS + 1];
    if (!normalise(m, s, stepped, was)) {
        return -1;
    }
    int now = 0;
    while (stepped >= 0 && was[now] != stepped) {
        now++;
    }
    return now;
}

void
rr_canonicalise_all(rr_machine *m, const rr_symmetry *s,
                 int now[RR_MAX_PROGRAM_THREADS + 1])
{
    int was[RR_MAX_PROGRAM_THREADS + 1];
    (void)normalise(m, s, -1, was); /* the state fits: a search has been here */
    for (int t = 0; t < m->layout.n_threads; t++) {
        now[was[t]] = t;
    }
}

int
rr_alike(rr_machine *m, const rr_symmetry *s, int32_t *w, int thread)
{
    int n = 1;
    for (int u = thread + 1; s->any && u < m->program->n_threads; u++) {
        if (s->class_of[u] != s->class_of[thread]) {
            continue;
        }
        if (compare_threads(&m->layout, w, thread, u) != 0 ||
            (m->is_weak && compare_exchanged(m, s, w, thread, u) != 0)) {
            break;
        }
        n++;
    }
    return n;
}
