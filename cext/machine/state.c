/* state.c -- readers of the state: what its words say, without taking a step.
 *
 * Everything else in machine/ depends on this file.  The few writers here change a single
 * fact (a thread's attachment, an object's lanes, what an operation has read) and report
 * no finding.
 */
#include "machine/internal.h"

/* ---- objects -------------------------------------------------------------------- */

const rr_template *
rr_machine_template(const rr_machine *m, int object)
{
    if (object < m->program->n_objects) {
        return &m->program->templates[m->program->objects[object].type];
    }
    int32_t type = m->w[m->layout.objects[object].type];
    return type > 0 ? &m->program->templates[type - 1] : NULL;
}

/* ---- lanes: each thread's words for each object --------------------------------- */

int32_t *
rr_lanes_of(const rr_machine *m, int thread, int object)
{
    return m->w + m->layout.threads[thread].lanes + object * m->layout.n_lanes;
}

static int64_t
sum_of(const rr_machine *m, const int32_t *lanes)
{
    int64_t sum = 0;
    for (int i = 0; i < m->layout.n_lanes; i++) {
        sum += lanes[i];
    }
    return sum;
}

int64_t
rr_machine_lanes(const rr_machine *m, const int32_t *w, int object)
{
    int64_t sum = 0;
    for (int t = 0; m->layout.n_lanes > 0 && t < m->layout.n_threads; t++) {
        sum += sum_of(m, w + (rr_lanes_of(m, t, object) - m->w));
    }
    return sum;
}

void
rr_forget_lanes(rr_machine *m, int object)
{
    for (int t = 0; m->layout.n_lanes > 0 && t < m->layout.n_threads; t++) {
        int32_t *lanes = rr_lanes_of(m, t, object);
        for (int i = 0; i < m->layout.n_lanes; i++) {
            lanes[i] = 0;
        }
    }
}

/* ---- counts --------------------------------------------------------------------- */

rr_words
rr_machine_words(const rr_machine *m, const int32_t *w, int object)
{
    const rr_layout *l = &m->layout;
    const int32_t *words = w + l->objects[object].base;
    return (rr_words){
        .refcnt = words[RR_OBJECT_COUNT],
        .shared = l->shared_offset >= 0 ? words[l->shared_offset] : 0,
        .tid = l->tid_offset >= 0 ? words[l->tid_offset] : 0,
        .lanes = rr_machine_lanes(m, w, object),
    };
}

int64_t
rr_machine_count(const rr_machine *m, const int32_t *w, int object)
{
    if (m->mode->count_of == NULL) {
        return w[m->layout.objects[object].base + RR_OBJECT_COUNT];
    }
    rr_words words = rr_machine_words(m, w, object);
    return m->mode->count_of(&words);
}

bool
rr_machine_is_freed(const rr_machine *m, int object)
{
    return rr_status_of(m, object) == RR_FREED;
}

int64_t
rr_machine_count_max(const rr_machine *m, int object)
{
    const rr_template *t = rr_machine_template(m, object);
    return t == NULL || t->max_count == 0 ? RC_COUNT_MAX : t->max_count;
}

int
rr_machine_standing(const rr_machine *m, const int32_t *w, int object)
{
    if (m->mode->standing == NULL) {
        return RR_COUNTED;
    }
    rr_words words = rr_machine_words(m, w, object);
    return m->mode->standing(&words, rr_machine_count_max(m, object));
}

/* ---- branches ------------------------------------------------------------------- */

bool
rr_machine_has_ended(const rr_machine *m, int thread)
{
    return m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH] == 0;
}

bool
rr_machine_can_drain(const rr_machine *m, int thread)
{
    int32_t word = m->layout.threads[thread].buffer;
    return word >= 0 && m->w[word] > 0;
}

/* ---- attachment ----------------------------------------------------------------- */

bool
rr_machine_has_detached(const rr_machine *m, int thread)
{
    int32_t word = m->layout.threads[thread].attachment;
    return word >= 0 && m->w[word] != RR_ATTACHED;
}

bool
rr_machine_runs_beside(const rr_machine *m, int thread)
{
    if (!rr_machine_has_detached(m, thread)) {
        return false;
    }
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    int32_t place = m->w[rr_frame_of(&m->layout, thread, depth - 1) + RR_FRAME_PLACE];
    return place < 0 ||
           rr_instr_at(m, thread, depth - 1, place)->op != RR_OP_ATTACH;
}

void
rr_set_detached(rr_machine *m, int thread, bool is_detached)
{
    int32_t *word = &m->w[m->layout.threads[thread].attachment];
    /* A hook may have done it, and another thread may have suspended this one since. */
    if (!is_detached || *word == RR_ATTACHED) {
        *word = is_detached ? RR_DETACHED : RR_ATTACHED;
    }
}

static bool
is_for_attached(int op)
{
    return op == RR_OP_NEW || op == RR_OP_RAW_NEW || op == RR_OP_RENEW ||
           op == RR_OP_QUIESCE || op == RR_OP_DETACH || op == RR_OP_LEAVE ||
           op == RR_OP_TRACK || op == RR_OP_UNTRACK || op == RR_OP_COLLECT;
}

rr_progress
rr_check_attachment(rr_machine *m, int thread, int op, int32_t word)
{
    if (!rr_machine_has_detached(m, thread)) {
        return op == RR_OP_ATTACH ? rr_misused(m, RR_MISUSE_ATTACHED) : RR_RAN;
    }
    if (is_for_attached(op)) {
        return rr_misused(m, RR_MISUSE_NOT_ATTACHED);
    }
    if (op == RR_OP_ATTACH || !rr_needs_attached(m->mode)) {
        return RR_RAN;
    }
    m->seen.object = rr_is_pointer(word) ? rr_object_of(word) : -1;
    return rr_find(m, RR_DETACHED_COUNT, m->seen.object);
}

bool
rr_any_suspended(rr_machine *m)
{
    for (int t = 0; t < m->program->n_threads; t++) {
        int32_t word = m->layout.threads[t].attachment;
        if (word >= 0 && m->w[word] == RR_SUSPENDED) {
            m->waits_on = -1;
            return true;
        }
    }
    return false;
}

/* ---- the operation under way ---------------------------------------------------- */

bool
rr_is_count_op(int op)
{
    switch (op) {
    case RR_OP_INCREF:
    case RR_OP_DECREF:
    case RR_OP_DECREF_RLX:
    case RR_OP_TRY_INCREF:
    case RR_OP_UPGRADE:
    case RR_OP_UNIQUE:
    case RR_OP_RC:
    case RR_OP_SETRC:
    case RR_OP_CASRC:
    case RR_OP_INCFETCH:
    case RR_OP_DECFETCH:
    case RR_OP_RESURRECT_END:
    case RR_OP_IMMORTALISE:
    case RR_OP_MERGE:
    case RR_OP_ENABLE_TRY:
        return true;
    default:
        return false;
    }
}

/* Is the object none of the operands, so that the state must store it between steps? */
bool
rr_finds_object(int op)
{
    return op == RR_OP_UPGRADE || rr_op_is_hook(op);
}

void
rr_forget_reads(rr_machine *m)
{
    int32_t operation = m->layout.threads[m->thread].operation;
    if (operation >= 0) {
        for (int32_t i = 0; i < m->layout.capacity[RR_CAPACITY_READS]; i++) {
            m->w[operation + i] = 0;
        }
    }
    m->seen.completes = true;
}

int
rr_operand_of(const rr_machine *m, int thread)
{
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    const int32_t *frame = rr_top_frame(m, thread);
    int32_t found = m->w[m->layout.threads[thread].operation + 1] - 1; /* -1: none yet */
    if (frame[RR_FRAME_PLACE] < 0) {
        return found;
    }
    const rr_instr *in = rr_instr_at(m, thread, depth - 1, frame[RR_FRAME_PLACE]);
    return rr_finds_object(in->op) ? found
                                : rr_object_of(frame[RR_FRAME_LOCALS + in->p[0]]);
}
