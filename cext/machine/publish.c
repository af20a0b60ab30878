/* publish.c -- which threads can reach an object, for modes that need to know.
 *
 * A mode that counts with plain accesses while only one thread can reach an object must
 * be notified before a second thread can.  The object, and everything reachable from it,
 * is marked before it is stored where others look (Koka: kk_block_mark_shared; Lean:
 * lean_mark_mt).  Here the step that stores it also marks it.  This loses no
 * interleaving: no other thread can reach the marked objects yet, so none can observe
 * when the marking happened.
 *
 * Invariant: everything reachable from a place that every thread reads, or from an object
 * that publication no longer affects, is published.  This includes an object with count
 * 0: it is about to be freed, and its words do not show whether it was published, so
 * everything stored into it is published.
 */
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "machine/internal.h"

/* ---- at the beginning ----------------------------------------------------------- */

/* Threads that can reach an object, one bit each. */
typedef uint64_t threads;

#define ALL_THREADS (~(threads)0)

static void
add(threads *reach, int32_t word, threads who)
{
    if (rr_is_pointer(word)) {
        reach[rr_object_of(word)] |= who;
    }
}

/* What every thread can reach: in a cell or container, in the code itself, in what `new`
 * makes, or made anew at an address that others may know. */
static void
add_what_is_open(const rr_program *p, threads *reach)
{
    for (int32_t i = 0; i < p->n_cells; i++) {
        add(reach, p->cells[i].initial, ALL_THREADS);
    }
    for (int32_t i = 0; i < p->n_items; i++) {
        add(reach, p->items[i], ALL_THREADS);
    }
    for (int32_t i = 0; i < p->n_values; i++) {
        if (p->values[i].kind == RR_VALUE_CONSTANT) {
            add(reach, p->values[i].x, ALL_THREADS);
        }
    }
    for (int32_t i = 0; i < p->n_instrs; i++) {
        const rr_instr *in = &p->instrs[i];
        if (in->op == RR_OP_RENEW) {
            reach[in->p[0]] |= ALL_THREADS;
        }
        if (in->op != RR_OP_NEW && in->op != RR_OP_RAW_NEW && in->op != RR_OP_MALLOC) {
            continue;
        }
        const rr_template *t = &p->templates[in->p[0]];
        for (int32_t f = 0; f < t->n_fields; f++) {
            add(reach, p->fields[t->first_field + f].initial, ALL_THREADS);
        }
    }
}

/* A thread that can reach an object can reach what its fields point to. */
static bool
add_what_fields_lead_to(const rr_program *p, threads *reach)
{
    bool has_changed = false;
    for (int32_t i = 0; i < p->n_objects; i++) {
        const rr_template *t = &p->templates[p->objects[i].type];
        for (int32_t f = 0; f < t->n_fields; f++) {
            int32_t word = p->fields[t->first_field + f].initial;
            threads before = rr_is_pointer(word) ? reach[rr_object_of(word)] : 0;
            add(reach, word, reach[i]);
            has_changed |= rr_is_pointer(word) && reach[rr_object_of(word)] != before;
        }
    }
    return has_changed;
}

int
rr_publication_open(rr_machine *m)
{
    const rr_program *p = m->program;
    threads *reach = rr_alloc((size_t)p->n_objects, sizeof *reach);
    m->begins_shared = rr_alloc((size_t)p->n_objects, sizeof *m->begins_shared);
    m->reached = rr_alloc((size_t)m->layout.n_objects, sizeof *m->reached);
    if (reach == NULL || m->begins_shared == NULL || m->reached == NULL) {
        rr_free(reach);
        return RR_ENOMEM;
    }
    for (int32_t i = 0; i < p->n_holds; i++) {
        reach[p->holds[i].object] |= (threads)1 << p->holds[i].thread;
    }
    add_what_is_open(p, reach);
    while (add_what_fields_lead_to(p, reach)) {
        /* Bits are only added, so this terminates. */
    }
    for (int32_t i = 0; i < p->n_objects; i++) {
        m->begins_shared[i] = (reach[i] & (reach[i] - 1)) != 0;
    }
    rr_free(reach);
    return RR_OK;
}

/* ---- in a step ------------------------------------------------------------------ */

/* Does publication change the words?  If so, no other thread can reach the object yet. */
static bool
publish_words(const rr_machine *m, rr_words *words)
{
    rr_words before = *words;
    m->mode->publish(words);
    return words->refcnt != before.refcnt || words->shared != before.shared ||
           words->tid != before.tid;
}

static bool
is_private(const rr_machine *m, int object)
{
    rr_words words = rr_machine_words(m, m->w, object);
    return publish_words(m, &words);
}

/* Returns whether there may be more to publish behind the object. */
static bool
publish_object(rr_machine *m, int object)
{
    const rr_layout *l = &m->layout;
    int32_t *cells = rr_object_words(m, object);
    rr_words words = rr_machine_words(m, m->w, object);
    bool is_fresh = publish_words(m, &words);
    cells[RR_OBJECT_COUNT] = (int32_t)words.refcnt;
    if (l->shared_offset >= 0) {
        cells[l->shared_offset] = (int32_t)words.shared;
    }
    if (l->tid_offset >= 0) {
        cells[l->tid_offset] = (int32_t)words.tid;
    }
    return is_fresh || rr_mode_count_of(m->mode, &words) == 0;
}

static bool
is_among(const int32_t *objects, int n, int object)
{
    for (int i = 0; i < n; i++) {
        if (objects[i] == object) {
            return true;
        }
    }
    return false;
}

/* Freed objects are skipped: no thread follows a pointer that is only being stored, and a
 * pointer from a place that all threads read, such as a hazard pointer, needs no
 * marking. */
static void
publish_all_from(rr_machine *m, int first)
{
    int n = 1;
    m->reached[0] = first;
    for (int i = 0; i < n; i++) {
        int object = m->reached[i];
        bool is_there = rr_status_of(m, object) != RR_FREED ||
                        rr_machine_template(m, object)->stable;
        if (!is_there || !publish_object(m, object)) {
            continue;
        }
        const rr_object_layout *o = &m->layout.objects[object];
        for (int32_t f = 0; f < o->n_fields; f++) {
            int32_t word = m->w[o->first_field + f];
            if (rr_is_pointer(word) && !is_among(m->reached, n, rr_object_of(word))) {
                m->reached[n++] = rr_object_of(word);
            }
        }
    }
}

void
rr_publish(rr_machine *m, const int32_t *locals, int32_t place, int32_t word)
{
    if (m->mode->publish != NULL && rr_is_pointer(word) &&
        (place < 0 || !is_private(m, rr_object_of(locals[place])))) {
        publish_all_from(m, rr_object_of(word));
    }
}
