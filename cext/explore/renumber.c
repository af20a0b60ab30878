/* renumber.c -- walks all references of a state in a fixed order. */
#include "explore/renumber.h"

#include <string.h>

#include "explore/memory_permute.h"
#include "machine/internal.h"
#include "machine/views.h"

/* now[i]: the new number of object i, 0 while it has none.  Renumbering copies an
 * object's words, so the old words are saved first. */
typedef struct renumbering {
    rr_machine *m;
    int32_t *now;
    int32_t *reached; /* objects in the order of their new numbers */
    int32_t n_reached;
    bool is_second; /* the first walk assigns numbers, the second rewrites */
} renumbering;

static int32_t
number_of(renumbering *r, int32_t object)
{
    int32_t n_named = r->m->program->n_objects;
    if (object < n_named) {
        return object;
    }
    int32_t *now = &r->now[object - n_named];
    if (!r->is_second && *now == 0) {
        r->reached[r->n_reached++] = object;
        *now = r->n_reached;
    }
    return n_named + *now - 1;
}

static void
visit_word(renumbering *r, int32_t *word)
{
    if (rr_is_pointer(*word)) {
        int32_t object = number_of(r, rr_object_of(*word));
        if (r->is_second) {
            *word = rr_word_of_object(object);
        }
    }
}

static void
visit_words(renumbering *r, int32_t *words, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        visit_word(r, &words[i]);
    }
}

/* Words of cells or fields; under C11 their older values, which can still be read, too. */
static void
visit_places(renumbering *r, int32_t first, int32_t n)
{
    const rr_shape *s = &r->m->shape;
    visit_words(r, r->m->w + first, n);
    for (int32_t i = first; r->m->is_weak && i < first + n; i++) {
        uint64_t *block = rr_block_of(s, r->m->w);
        int32_t x = s->location_of[i];
        visit_words(r, rr_old_values(s, block, x), rr_list_of(s, block, x)->n - 1);
    }
}

static void
visit_index(renumbering *r, int32_t *index)
{
    int32_t object = number_of(r, *index);
    if (r->is_second) {
        *index = object;
    }
}

static void
visit_fields(renumbering *r, int32_t object)
{
    const rr_object_layout *o = &r->m->layout.objects[object];
    visit_places(r, o->first_field, o->n_fields);
}

/* An operation that found its object itself continues with that object. */
static void
visit_found(renumbering *r, const rr_thread_layout *t)
{
    int32_t *operation = r->m->w + t->operation;
    if (t->operation >= 0 && operation[0] > 0 && operation[1] != 0) {
        int32_t object = operation[1] - 1;
        visit_index(r, &object);
        operation[1] = object + 1;
    }
}

/* In the order of their positions; objects stay queued even when they are freed. */
static void
visit_queue(renumbering *r, int thread)
{
    const rr_machine *m = r->m;
    for (int32_t place = 1, found = 1; found; place++) {
        found = 0;
        for (int i = 0; m->layout.queue_offset >= 0 && i < m->layout.n_objects; i++) {
            const int32_t *queue = rr_object_words(m, i) + m->layout.queue_offset;
            if (queue[RR_QUEUE_OF] == thread + 1 && queue[RR_QUEUE_PLACE] == place) {
                (void)number_of(r, i);
                found = 1;
            }
        }
    }
}

static void
visit_thread(renumbering *r, int thread)
{
    rr_machine *m = r->m;
    const rr_layout *l = &m->layout;
    const rr_thread_layout *t = &l->threads[thread];
    int depth = m->w[t->base + RR_THREAD_DEPTH];
    for (int d = 0; d < depth; d++) {
        int32_t *frame = m->w + rr_frame_of(l, thread, d);
        if (rr_is_destruction(frame[RR_FRAME_PLACE])) {
            visit_index(r, &frame[RR_FRAME_LOCALS]);
        }
        if (frame[RR_FRAME_PLACE] < 0) {
            if (d == depth - 1 && !rr_is_destruction(frame[RR_FRAME_PLACE])) {
                visit_found(r, t);
            }
            continue;
        }
        visit_words(r, frame + RR_FRAME_LOCALS,
                    d == 0 ? t->n_first_locals : l->frame_words - RR_FRAME_LOCALS);
        int op = rr_instr_at(m, thread, d, frame[RR_FRAME_PLACE])->op;
        if (d == depth - 1 && (op == RR_OP_UPGRADE || rr_has_hook(m, op))) {
            visit_found(r, t);
        }
    }
    for (int32_t i = 0; t->buffer >= 0 && i < m->w[t->buffer]; i++) {
        visit_index(r, &m->w[t->buffer + 1 + i]);
    }
}

static void
visit_all(renumbering *r)
{
    rr_machine *m = r->m;
    const rr_layout *l = &m->layout;
    visit_places(r, l->cells, m->program->n_cells);
    for (int32_t i = 0; i < m->program->n_containers; i++) {
        if (m->program->containers[i].room >= 0) {
            visit_places(r, l->containers[i] + 1, 1);
            continue;
        }
        visit_words(r, m->w + l->containers[i] + 1, m->w[l->containers[i]]);
    }
    for (int32_t i = 0; i < m->program->n_objects; i++) {
        visit_fields(r, i);
    }
    for (int t = 0; t < l->n_threads; t++) {
        visit_thread(r, t);
        visit_queue(r, t);
    }
    /* The list grows during the walk, by objects that only other objects refer to. */
    for (int32_t i = 0; i < r->n_reached; i++) {
        visit_fields(r, r->reached[i]);
    }
}

/* Unreferenced objects that are not freed still count in the final checks. */
static void
visit_lost(renumbering *r)
{
    const rr_layout *l = &r->m->layout;
    for (int32_t i = r->m->program->n_objects; i < l->n_objects; i++) {
        bool exists = r->m->w[l->objects[i].type] > 0;
        int32_t before = r->n_reached;
        if (exists && rr_status_of(r->m, i) != RR_FREED) {
            (void)number_of(r, i);
        }
        for (int32_t k = before; k < r->n_reached; k++) {
            visit_fields(r, r->reached[k]);
        }
    }
}

/* A thread searches its lanes in the order of the objects, and locks two of them in it, so
 * they keep their order and are only compacted. */
static void
keep_order(renumbering *r, int32_t n_new)
{
    r->n_reached = 0;
    for (int32_t i = 0; i < n_new; i++) {
        if (r->now[i] != 0) {
            r->reached[r->n_reached++] = r->m->program->n_objects + i;
            r->now[i] = r->n_reached;
        }
    }
}

/* Moves the words of each object made by `new`: n_each words from `first` on. */
static void
move(renumbering *r, int32_t first, int32_t n_each)
{
    const rr_machine *m = r->m;
    int32_t n_named = m->program->n_objects, n_new = m->layout.n_objects - n_named;
    int32_t *words = m->w + first, *old = m->scratch + 2 * n_new;
    int32_t n_still = 0;
    while (n_still < r->n_reached && r->reached[n_still] == n_named + n_still) {
        n_still++;
    }
    size_t n = (size_t)((n_new - n_still) * n_each);
    memcpy(old, words + n_still * n_each, n * sizeof *old);
    memset(words + n_still * n_each, 0, n * sizeof *old);
    for (int32_t k = n_still; k < r->n_reached; k++) {
        memcpy(words + k * n_each, old + (r->reached[k] - n_named - n_still) * n_each,
               (size_t)n_each * sizeof *old);
    }
}

void
rr_renumber(rr_machine *m)
{
    const rr_layout *l = &m->layout;
    int32_t n_named = m->program->n_objects, n_new = l->n_objects - n_named;
    int32_t first = l->objects[n_named].base;
    int32_t n_words = (n_new > 1 ? l->objects[n_named + 1].base
                                 : l->objects[n_named].first_field +
                                       l->objects[n_named].n_fields) -
                      first;
    int32_t n_lanes = l->n_lanes;
    renumbering r = {.m = m, .now = m->scratch, .reached = m->scratch + n_new};
    memset(r.now, 0, (size_t)n_new * sizeof *r.now);
    visit_all(&r);
    visit_lost(&r);
    if (n_lanes > 0 || l->orders_objects) {
        keep_order(&r, n_new);
    }
    r.is_second = true;
    visit_all(&r);
    if (m->is_weak) {
        rr_move_objects_in_memory(m, r.reached, r.n_reached);
    }
    move(&r, first, n_words);
    for (int t = 0; n_lanes > 0 && t < l->n_threads; t++) {
        move(&r, l->threads[t].lanes + n_named * n_lanes, n_lanes);
    }
}
