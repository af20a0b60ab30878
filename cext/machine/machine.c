/* machine.c -- opens a machine, sets its first state, and runs one branch of one
 * thread. */
#include "machine/machine.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "machine/internal.h"

/* ---- opening -------------------------------------------------------------------- */

_Static_assert((int)RR_MAX_MODEL_THREADS == RR_MAX_PROGRAM_THREADS + 1,
               "there is a place for every thread, and for the one that settles");

static void
open_objects(rr_machine *m)
{
    const rr_layout *l = &m->layout;
    m->domain.lock = (rc_mutex){m, RC_NO_OBJECT, l->count_lock};
    m->domain.gil = (rc_gil){m, l->gil};
    for (int t = 0; t < l->n_threads; t++) {
        m->domain.threads[t] = (rr_thread){
            .machine = m,
            .announced = {m, RC_NO_OBJECT, l->threads[t].announced},
            .epoch = {m, RC_NO_OBJECT, l->epoch},
        };
    }
    for (int32_t i = 0; i < l->n_objects; i++) {
        int32_t base = l->objects[i].base;
        m->objects[i] = (rr_object){
            .ob_refcnt = {m, i, base + RR_OBJECT_COUNT},
            .ob_ref_shared = {m, i, base + l->shared_offset},
            .ob_tid = {m, i, base + l->tid_offset},
            .ob_mutex = {m, i, base + l->count_mutex_offset},
            .domain = &m->domain,
        };
    }
}

static bool
is_tried(const rr_program *p)
{
    for (int32_t i = 0; i < p->n_instrs; i++) {
        if (p->instrs[i].op == RR_OP_TRY_INCREF || p->instrs[i].op == RR_OP_UPGRADE) {
            return true;
        }
    }
    return false;
}

int
rr_machine_open(const rr_program *program, int mode, bool gil_held, int only,
                const int32_t capacity[RR_N_CAPACITIES], rr_machine **out)
{
    if (mode < 0 || mode >= RR_N_MODES || only < -1 || only >= program->n_threads) {
        return RR_EINVAL;
    }
    rr_machine *m = rr_alloc(1, sizeof *m);
    if (m == NULL) {
        return RR_ENOMEM;
    }
    m->program = program;
    m->mode = rr_model_modes[mode];
    m->gil_held = gil_held;
    m->only = only;
    int first_function = program->n_threads + program->has_end;
    m->is_tried = is_tried(program);
    m->first_deep = first_function < program->n_bodies
                        ? program->bodies[first_function].base
                        : 0;
    int status =
        rr_layout_open(program, gil_held, m->mode, capacity, &m->layout);
    if (status == RR_OK) {
        /* Room behind the last word: a step may look at a local that a body without
         * locals does not have. */
        m->w = rr_alloc((size_t)m->layout.n_words + 8, sizeof *m->w);
        m->scratch = rr_alloc(
            (size_t)m->layout.n_words + 2 * (size_t)m->layout.n_objects,
            sizeof *m->scratch);
        m->objects = rr_alloc((size_t)m->layout.n_objects, sizeof *m->objects);
        m->leave = rr_alloc(1, rr_model_leave_bytes());
        if (m->w == NULL || m->scratch == NULL || m->objects == NULL || m->leave == NULL) {
            status = RR_ENOMEM;
        }
    }
    if (status == RR_OK) {
        status = rr_publication_open(m);
    }
    if (status != RR_OK) {
        rr_machine_close(m);
        return status;
    }
    open_objects(m);
    *out = m;
    return RR_OK;
}

void
rr_machine_close(rr_machine *m)
{
    if (m == NULL) {
        return;
    }
    rr_layout_close(&m->layout);
    rr_free(m->w);
    rr_free(m->scratch);
    rr_free(m->objects);
    rr_free(m->begins_shared);
    rr_free(m->reached);
    rr_free(m->leave);
    rr_free(m);
}

/* ---- the first state ------------------------------------------------------------ */

enum { NOBODY = -1 };

int
rr_maker_of(const rr_program *p, int32_t object)
{
    for (int32_t i = 0; i < p->n_holds; i++) {
        if (p->holds[i].owning && p->holds[i].object == object) {
            return p->holds[i].thread;
        }
    }
    return NOBODY;
}

static rr_progress
begin_shared(rr_machine *m)
{
    const rr_program *p = m->program;
    const rr_layout *l = &m->layout;
    for (int32_t i = 0; i < p->n_cells; i++) {
        m->w[l->cells + i] = p->cells[i].initial;
    }
    for (int32_t i = 0; i < p->n_containers; i++) {
        const rr_container *c = &p->containers[i];
        m->w[l->containers[i]] = c->n_items;
        for (int32_t k = 0; k < c->n_items; k++) {
            m->w[l->containers[i] + 1 + k] = p->items[c->first_item + k];
        }
    }
    for (int32_t i = 0; i < p->n_objects; i++) {
        const rr_template *t = &p->templates[p->objects[i].type];
        rr_object_words(m, i)[RR_OBJECT_STATUS] = RR_ALIVE;
        rr_progress progress = rr_begin_count(m, i, p->objects[i].count,
                                              rr_maker_of(p, i), m->begins_shared[i]);
        if (progress != RR_RAN) {
            return progress;
        }
        for (int32_t f = 0; f < t->n_fields; f++) {
            m->w[l->objects[i].first_field + f] =
                p->fields[t->first_field + f].initial;
        }
    }
    return RR_RAN;
}

static void
begin_threads(rr_machine *m)
{
    const rr_program *p = m->program;
    const rr_layout *l = &m->layout;
    for (int t = 0; t < p->n_threads; t++) {
        bool runs = m->only < 0 || m->only == t;
        m->w[l->threads[t].base + RR_THREAD_DEPTH] = runs ? 1 : 0;
        if (!runs && l->threads[t].left >= 0) {
            m->w[l->threads[t].left] = 1;
        }
        if (runs && m->mode->arrive != NULL) {
            rr_model_arrive(m, t);
        }
    }
    for (int32_t i = 0; i < p->n_holds; i++) {
        const rr_hold *h = &p->holds[i];
        if (m->only < 0 || m->only == h->thread) {
            m->w[rr_frame_of(l, h->thread, 0) + RR_FRAME_LOCALS + h->local] =
                rr_word_of_object(h->object);
        }
    }
}

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

/* What follows the run: first the mode settles, then the end block checks what has become
 * of everything. */
enum { END_TO_COME, END_SETTLES, END_RUNS };

static rr_progress
begin_end(rr_machine *m)
{
    const rr_program *p = m->program;
    for (int t = 0; t < p->n_threads; t++) {
        if (!rr_machine_has_ended(m, t) || rr_machine_can_drain(m, t)) {
            return RR_RAN;
        }
    }
    int end = p->n_threads;
    int32_t *begun = &m->w[m->layout.end_begun];
    int32_t *depth = &m->w[m->layout.threads[end].base + RR_THREAD_DEPTH];
    if (*depth > 0 || *begun == END_RUNS) {
        return RR_RAN;
    }
    if (*begun == END_TO_COME && rr_depart(m, end)) {
        *begun = END_SETTLES;
        return RR_RAN;
    }
    *begun = END_RUNS;
    *depth = p->has_end;
    return rr_settle(m, end);
}

rr_progress
rr_machine_begin(rr_machine *m)
{
    memset(m->w, 0, (size_t)m->layout.n_words * sizeof *m->w);
    m->kinds = 0;
    m->culprit = -1;
    m->at = NULL;
    m->at_thread = -1;
    rr_progress progress = begin_shared(m);
    begin_threads(m);
    for (int t = 0; t < m->program->n_threads && progress == RR_RAN; t++) {
        progress = rr_settle(m, t);
    }
    if (progress == RR_RAN && m->layout.end_begun >= 0) {
        progress = begin_end(m);
    }
    return progress;
}

/* ---- a branch ------------------------------------------------------------------- */

bool
rr_machine_is_at_maybe(const rr_machine *m, int thread)
{
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    if (depth == 0) {
        return false;
    }
    int32_t place = m->w[rr_frame_of(&m->layout, thread, depth - 1) + RR_FRAME_PLACE];
    return place >= 0 &&
           rr_instr_at(m, thread, depth - 1, place)->op == RR_OP_MAYBE;
}

/* Is the instruction about to do an access that makes earlier writes visible? */
static bool
drains(const rr_machine *m, int thread, const rr_instr *in)
{
    switch (in->op) {
    case RR_OP_FENCE:
    case RR_OP_UNLOCK:
    case RR_OP_SWAP:
    case RR_OP_CAS:
        return true;
    case RR_OP_DECREF: { /* at its first access */
        int32_t operation = m->layout.threads[thread].operation;
        return operation < 0 || m->w[operation] == 0;
    }
    default:
        return false;
    }
}

/* A decref that must wait for its lock drains nothing yet, so the findings of its drain
 * occur only once it can begin.  Counting reads nothing that a drain writes. */
static bool
would_wait(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    uint32_t kinds = m->kinds;
    int32_t culprit = m->culprit;
    rr_seen seen = m->seen;
    bool waits = in->op == RR_OP_DECREF &&
                 rr_count_step(m, thread, in, frame) == RR_WAITS;
    m->kinds = kinds;
    m->culprit = culprit;
    m->seen = seen;
    return waits;
}

static rr_progress
depart_step(rr_machine *m, int thread, int32_t *frame)
{
    static const rr_instr leave = {.op = RR_OP_LEAVE, .result = -1, .statement = -1};
    static const rr_instr collapse = {
        .op = RR_OP_COLLAPSE, .result = -1, .statement = -1};
    m->seen.instr = frame[RR_FRAME_PLACE] == RR_LEAVES ? &leave : &collapse;
    return rr_count_step(m, thread, m->seen.instr, frame);
}

static rr_progress
thread_step(rr_machine *m, int thread, bool is_taken)
{
    int32_t depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    if (depth == 0) {
        return RR_NOTHING;
    }
    int32_t *frame = m->w + rr_frame_of(&m->layout, thread, depth - 1);
    if (frame[RR_FRAME_PLACE] < 0) {
        if (is_taken) {
            return RR_NOTHING;
        }
        return rr_is_destruction(frame[RR_FRAME_PLACE])
                   ? rr_free_step(m, thread, frame[RR_FRAME_LOCALS])
                   : depart_step(m, thread, frame);
    }
    const rr_instr *in = rr_instr_at(m, thread, depth - 1, frame[RR_FRAME_PLACE]);
    m->seen.instr = m->at = in;
    if (is_taken) {
        if (in->op != RR_OP_MAYBE) {
            return RR_NOTHING;
        }
        m->seen.begins = m->seen.completes = true;
        frame[RR_FRAME_PLACE]++;
        return rr_call(m, thread, in->p[0], 0, 0);
    }
    if (m->layout.threads[thread].buffer >= 0 && drains(m, thread, in)) {
        rr_progress progress = rr_drain(m, thread, true);
        if (progress != RR_RAN) {
            return would_wait(m, thread, in, frame) ? RR_WAITS : progress;
        }
    }
    return rr_has_hook(m, in->op) || rr_is_count_op(in->op)
               ? rr_count_step(m, thread, in, frame)
               : rr_plain_step(m, thread, in, frame);
}

/* A waiting thread has released the GIL.  When a thread that needs no GIL ends the wait,
 * any thread may take the GIL first.  A thread that needs it and takes a step takes it
 * anyway. */
static void
let_go_of_gil(rr_machine *m)
{
    int32_t holder = m->w[m->layout.holder] - 1;
    if (holder < 0) {
        return;
    }
    size_t bytes = (size_t)m->layout.n_words * sizeof *m->w;
    memcpy(m->scratch, m->w, bytes);
    rr_progress progress = thread_step(m, holder, false);
    memcpy(m->w, m->scratch, bytes);
    if (progress == RR_WAITS) {
        m->w[m->layout.holder] = 0;
    }
}

static void
pass_gil(rr_machine *m, int thread)
{
    int op = m->seen.instr == NULL ? -1 : (int)m->seen.instr->op;
    bool sleeps = op != RR_OP_ATTACH && rr_machine_has_detached(m, thread);
    m->w[m->layout.holder] =
        op == RR_OP_GIL || sleeps || rr_machine_has_ended(m, thread) ? 0 : thread + 1;
}

rr_progress
rr_machine_step(rr_machine *m, int thread, rr_branch branch)
{
    bool is_beside = m->gil_held && rr_machine_runs_beside(m, thread);
    if (is_beside) {
        let_go_of_gil(m);
    }
    m->kinds = 0;
    m->culprit = -1;
    m->seen = (rr_seen){.object = -1};
    m->at = NULL;
    m->at_thread = thread;
    rr_progress progress;
    if (branch == RR_DRAIN) {
        m->seen.begins = m->seen.completes = true;
        progress = rr_machine_can_drain(m, thread) ? rr_drain(m, thread, false)
                                                   : RR_NOTHING;
    }
    else {
        progress = thread_step(m, thread, branch == RR_TAKEN);
        if (progress == RR_RAN && !rr_is_inside_operation(m, thread)) {
            progress = rr_settle(m, thread);
        }
        if (m->gil_held && !is_beside && progress == RR_RAN) {
            pass_gil(m, thread);
        }
    }
    if (progress == RR_RAN && m->layout.end_begun >= 0) {
        progress = begin_end(m);
    }
    return progress;
}
