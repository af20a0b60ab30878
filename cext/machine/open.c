/* open.c -- opens a machine: its layout, its words, and what the mode sees of them. */
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "machine/internal.h"
#include "machine/may_still.h"

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
    bool tries = false, enables = false;
    for (int32_t i = 0; i < p->n_instrs; i++) {
        int op = p->instrs[i].op;
        tries |= op == RR_OP_TRY_INCREF || op == RR_OP_UPGRADE;
        enables |= op == RR_OP_ENABLE_TRY;
    }
    return tries && !enables;
}

static int
open_weak(rr_machine *m, const rr_weak *weak)
{
    if (weak == NULL) {
        return RR_OK;
    }
    if (weak->history < 1 || weak->history > RR_MOST_HISTORY) {
        return RR_EINVAL;
    }
    m->is_weak = true;
    m->weak = *weak;
    int status = rr_shape_fits(&m->layout)
                     ? rr_shape_open(&m->layout, m->mode, weak->history, &m->shape)
                     : RR_EWEAK;
    return status == RR_OK ? rr_still_open(m) : status;
}

int
rr_machine_open(const rr_program *program, int mode, bool gil_held, int only,
                const int32_t capacity[RR_N_CAPACITIES], rr_machine **out)
{
    return rr_machine_open_weak(program, mode, gil_held, only, capacity, NULL, out);
}

int
rr_machine_open_weak(const rr_program *program, int mode, bool gil_held, int only,
                     const int32_t capacity[RR_N_CAPACITIES], const rr_weak *weak,
                     rr_machine **out)
{
    if (rr_model_mode(mode) == NULL || only < -1 || only >= program->n_threads) {
        return RR_EINVAL;
    }
    rr_machine *m = rr_alloc(1, sizeof *m);
    if (m == NULL) {
        return RR_ENOMEM;
    }
    m->program = program;
    m->mode = rr_model_mode(mode);
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
        status = open_weak(m, weak);
    }
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
    rr_shape_close(&m->shape);
    rr_still_close(m);
    rr_free(m->w);
    rr_free(m->scratch);
    rr_free(m->objects);
    rr_free(m->begins_shared);
    rr_free(m->reached);
    rr_free(m->leave);
    rr_free(m);
}
