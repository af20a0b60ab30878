/* canonical_form.c -- removes irrelevant information, one kind after the other. */
#include "explore/canonical_form.h"

#include <string.h>

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
        int n = d == 0 ? l->threads[thread].n_first_locals
                       : l->frame_words - RR_FRAME_LOCALS;
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
        words[RR_OBJECT_STATUS] = RR_FREED;
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
        if (in->op != other->op || in->result != other->result ||
            in->live != other->live || memcmp(in->p, other->p, sizeof in->p) != 0) {
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
        makes |= op == RR_OP_NEW || op == RR_OP_RAW_NEW || op == RR_OP_RENEW;
    }
    return makes && m->layout.tid_offset >= 0;
}

void
rr_symmetry_of(const rr_machine *m, bool wanted, rr_symmetry *out)
{
    const rr_program *p = m->program;
    wanted = wanted && !can_become_owner(m);
    out->any = false;
    for (int t = 0; t < m->layout.n_threads; t++) {
        out->class_of[t] = t;
        for (int u = 0; wanted && m->only < 0 && u < t && t < p->n_threads; u++) {
            if (out->class_of[u] == u && !is_named(m, u) && !is_named(m, t) &&
                is_same_code(p, u, t) && compare_blocks(&m->layout, m->w, u, t) == 0) {
                out->class_of[t] = u;
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
swap_threads(const rr_layout *l, int32_t *w, int a, int b)
{
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

/* The member of t's class before t; -1 if t is the first. */
static int
previous_alike(const rr_symmetry *s, int t)
{
    for (int u = t - 1; u >= s->class_of[t]; u--) {
        if (s->class_of[u] == s->class_of[t]) {
            return u;
        }
    }
    return -1;
}

/* Insertion sort within each class; `was[t]` is the previous number of thread t. */
static void
sort_threads(rr_machine *m, const rr_symmetry *s, int *was)
{
    const rr_layout *l = &m->layout;
    for (int t = 1; t < m->program->n_threads; t++) {
        int at = t;
        for (int u = previous_alike(s, at);
             u >= 0 && compare_threads(l, m->w, at, u) < 0;
             u = previous_alike(s, at)) {
            swap_threads(l, m->w, u, at);
            int who = was[at];
            was[at] = was[u];
            was[u] = who;
            at = u;
        }
    }
}

static void
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
    if (s->any) {
        sort_threads(m, s, was);
    }
}

int
rr_canonicalise(rr_machine *m, const rr_symmetry *s, int stepped)
{
    int was[RR_MAX_PROGRAM_THREADS + 1];
    normalise(m, s, stepped, was);
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
    normalise(m, s, -1, was);
    for (int t = 0; t < m->layout.n_threads; t++) {
        now[was[t]] = t;
    }
}

int
rr_alike(const rr_machine *m, const rr_symmetry *s, const int32_t *w, int thread)
{
    int n = 1;
    if (s->any) {
        for (int u = thread + 1; u < m->program->n_threads; u++) {
            if (s->class_of[u] != s->class_of[thread]) {
                continue;
            }
            if (compare_threads(&m->layout, w, thread, u) != 0) {
                break;
            }
            n++;
        }
    }
    return n;
}
