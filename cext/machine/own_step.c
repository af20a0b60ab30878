/* own_step.c -- judges a step by what it would access. */
#include "machine/own_step.h"

#include <string.h>

#include "machine/internal.h"

/* ---- what other threads can reach ---------------------------------------------------- */

static void
reach_object(rr_own *own, int32_t object)
{
    if (!own->is_reached[object]) {
        own->is_reached[object] = true;
        own->reached[own->n_reached++] = object;
    }
}

static void
reach_words(rr_own *own, const int32_t *words, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        if (rr_is_pointer(words[i])) {
            reach_object(own, rr_object_of(words[i]));
        }
    }
}

/* The object that an operation in progress has found itself; any other is in a local. */
static void
reach_found(rr_own *own, const rr_machine *m, int thread)
{
    if (rr_is_inside_operation(m, thread)) {
        int32_t object = rr_operand_of(m, thread);
        if (object >= 0) {
            reach_object(own, object);
        }
    }
}

static void
reach_frames(rr_own *own, const rr_machine *m, int thread)
{
    const rr_layout *l = &m->layout;
    int depth = m->w[l->threads[thread].base + RR_THREAD_DEPTH];
    for (int d = 0; d < depth; d++) {
        const int32_t *frame = m->w + rr_frame_of(l, thread, d);
        if (rr_is_destruction(frame[RR_FRAME_PLACE])) {
            reach_object(own, frame[RR_FRAME_LOCALS]);
        } else if (frame[RR_FRAME_PLACE] >= 0) {
            reach_words(own, frame + RR_FRAME_LOCALS,
                        d == 0 ? l->threads[thread].n_first_locals
                               : l->frame_words - RR_FRAME_LOCALS);
        }
    }
    reach_found(own, m, thread);
}

/* The mode's hooks find objects in queues, also those of another thread, and in lanes. */
static void
reach_what_hooks_find(rr_own *own, const rr_machine *m, int thread)
{
    const rr_layout *l = &m->layout;
    for (int32_t i = 0; i < l->n_objects; i++) {
        bool is_found = l->queue_offset >= 0 &&
                        rr_object_words(m, i)[l->queue_offset + RR_QUEUE_OF] != 0;
        for (int t = 0; t < l->n_threads && !is_found; t++) {
            for (int32_t k = 0; k < l->n_lanes && t != thread; k++) {
                is_found |= rr_lanes_of(m, t, i)[k] != 0;
            }
        }
        if (is_found) {
            reach_object(own, i);
        }
    }
}

static bool
is_only_user(rr_users users, int thread)
{
    return users == (rr_users)1 << thread;
}

/* Marks every object that a thread other than this one can reach. */
static void
reach_all(rr_own *own, const rr_machine *m, int thread)
{
    const rr_program *p = m->program;
    const rr_layout *l = &m->layout;
    memset(own->is_reached, 0, (size_t)l->n_objects * sizeof *own->is_reached);
    own->n_reached = 0;
    for (int32_t i = 0; i < p->n_objects; i++) {
        if (own->is_open[i]) {
            reach_object(own, i);
        }
    }
    for (int32_t i = 0; i < p->n_cells; i++) {
        if (!is_only_user(own->cell_users[i], thread)) {
            reach_words(own, m->w + l->cells + i, 1);
        }
    }
    for (int32_t i = 0; i < p->n_containers; i++) {
        if (!is_only_user(own->container_users[i], thread) || p->containers[i].room >= 0) {
            int32_t n = p->containers[i].room >= 0 ? 1 : m->w[l->containers[i]];
            reach_words(own, m->w + l->containers[i] + 1, n);
        }
    }
    for (int t = 0; t < l->n_threads; t++) {
        if (t != thread) {
            reach_frames(own, m, t);
        }
    }
    reach_what_hooks_find(own, m, thread);
    for (int32_t i = 0; i < own->n_reached; i++) { /* the list grows */
        const rr_object_layout *o = &l->objects[own->reached[i]];
        reach_words(own, m->w + o->first_field, o->n_fields);
    }
}

static bool
is_own(const rr_own *own, int32_t word)
{
    return rr_is_pointer(word) && !own->is_reached[rr_object_of(word)];
}

/* ---- operands ------------------------------------------------------------------------ */

static bool
is_own_object(rr_own *own, const rr_machine *m, int thread, int32_t word)
{
    if (!rr_is_pointer(word)) {
        return false;
    }
    reach_all(own, m, thread);
    return is_own(own, word);
}

static bool
is_own_place(rr_own *own, const rr_machine *m, int thread, const rr_instr *in,
             const int32_t *locals)
{
    return in->p[0] < 0 ? is_only_user(own->cell_users[in->p[1]], thread)
                        : is_own_object(own, m, thread, locals[in->p[0]]);
}

/* In some modes storing a pointer changes the words of what it leads to. */
static bool
stores_plainly(rr_machine *m, const int32_t *locals, int32_t value)
{
    int32_t word = 0;
    return m->mode->publish == NULL ||
           (rr_evaluate(m, locals, value, &word) == RR_RAN && !rr_is_pointer(word));
}

/* The free step also drops the references that the object owns. */
static bool
is_own_free(rr_own *own, const rr_machine *m, int thread, int32_t object)
{
    const rr_template *t = rr_machine_template(m, object);
    const int32_t *fields = rr_fields_of(m, object);
    reach_all(own, m, thread);
    bool is_all_own = own->counts_in_words && !own->is_reached[object];
    for (int32_t i = 0; i < t->n_fields; i++) {
        is_all_own &= !m->program->fields[t->first_field + i].owning ||
                      !rr_is_pointer(fields[i]) || is_own(own, fields[i]);
    }
    return is_all_own;
}

/* ---- steps --------------------------------------------------------------------------- */

static bool
is_own_container(const rr_own *own, const rr_machine *m, int thread, int container)
{
    return m->program->containers[container].room < 0 &&
           is_only_user(own->container_users[container], thread);
}

static bool
is_own_instr(rr_own *own, rr_machine *m, int thread, const rr_instr *in,
             const int32_t *locals)
{
    switch (in->op) {
    case RR_OP_LOAD:
    case RR_OP_FINC:
    case RR_OP_FDEC:
    case RR_OP_FADD:
        return is_own_place(own, m, thread, in, locals);
    case RR_OP_STORE:
    case RR_OP_SWAP:
        return stores_plainly(m, locals, in->p[2]) &&
               is_own_place(own, m, thread, in, locals);
    case RR_OP_CAS:
        return stores_plainly(m, locals, in->p[3]) &&
               is_own_place(own, m, thread, in, locals);
    case RR_OP_APPEND:
        return stores_plainly(m, locals, in->p[1]) &&
               is_own_container(own, m, thread, in->p[0]);
    case RR_OP_GET:
    case RR_OP_POP:
    case RR_OP_REMOVE:
    case RR_OP_LEN:
        return is_own_container(own, m, thread, in->p[0]);
    case RR_OP_LOCK:
    case RR_OP_UNLOCK:
        return in->p[0] < 0 ? is_only_user(own->lock_users[in->p[1]], thread)
                            : is_own_object(own, m, thread, locals[in->p[0]]);
    case RR_OP_INIT:
    case RR_OP_USE:
    case RR_OP_PEEK:
    case RR_OP_POKE:
        return is_own_object(own, m, thread, locals[in->p[0]]);
    case RR_OP_INCREF:
    case RR_OP_DECREF:
    case RR_OP_DECREF_RLX:
    case RR_OP_TRY_INCREF:
    case RR_OP_UNIQUE:
    case RR_OP_RC:
    case RR_OP_SETRC:
    case RR_OP_CASRC:
    case RR_OP_INCFETCH:
    case RR_OP_DECFETCH:
    case RR_OP_IMMORTALISE:
    case RR_OP_MERGE:
    case RR_OP_ENABLE_TRY:
    case RR_OP_DEALLOC:
    case RR_OP_FREE:
        return own->counts_in_words &&
               is_own_object(own, m, thread, locals[in->p[0]]);
    case RR_OP_NEW: /* which object it is does not matter: it gets another number */
    case RR_OP_RAW_NEW:
    case RR_OP_MALLOC:
        return own->counts_in_words;
    case RR_OP_GIL:
    case RR_OP_FENCE: /* nothing is buffered */
    case RR_OP_BARRIER_GO: /* who has arrived since does not depend on it */
        return true;
    default:
        return false;
    }
}

/* ---- alone ----------------------------------------------------------------------------*/

/* Can no other thread take a step, now or until this one waits, ends or gives up the
 * GIL? */
static bool
is_alone(const rr_machine *m, int thread)
{
    const rr_layout *l = &m->layout;
    if (l->holder >= 0) {
        return m->w[l->holder] == thread + 1;
    }
    for (int t = 0; t < l->n_threads; t++) {
        if (t != thread && m->w[l->threads[t].base + RR_THREAD_DEPTH] != 0) {
            return false;
        }
    }
    return true;
}

bool
rr_is_own_step(rr_own *own, rr_machine *m, int thread)
{
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    if (own->is_off || depth == 0 || rr_machine_is_at_maybe(m, thread)) {
        return false;
    }
    if (is_alone(m, thread)) {
        return true;
    }
    if (m->gil_held) { /* the thread that takes a step takes the GIL */
        return false;
    }
    const int32_t *frame = rr_top_frame(m, thread);
    int32_t place = frame[RR_FRAME_PLACE];
    if (place < 0) {
        return rr_is_destruction(place) &&
               is_own_free(own, m, thread, frame[RR_FRAME_LOCALS]);
    }
    const rr_instr *in = rr_instr_at(m, thread, depth - 1, place);
    return is_own_instr(own, m, thread, in, frame + RR_FRAME_LOCALS);
}

bool
rr_own_step_passed(const rr_machine *m, int thread, const int32_t *before)
{
    const rr_layout *l = &m->layout;
    return m->w[l->threads[thread].base + RR_THREAD_DEPTH] != 0 &&
           m->w[l->latent] == before[l->latent] &&
           (l->holder < 0 || m->w[l->holder] == thread + 1);
}
