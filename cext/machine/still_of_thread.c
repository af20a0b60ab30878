/* still_of_thread.c -- what a thread may still do, looked up in tables where it can be. */
#include "machine/internal.h"
#include "machine/may_still.h"
#include "machine/may_still_parts.h"

/* ---- tables ------------------------------------------------------------------------------------ */

#define OF_ATTACHMENTS (UINT64_C(1) << RR_SYNC_ATTACHMENT)

/* A stop of the world hands what a thread knows on to another, also if the thread does
 * nothing more itself, and takes over what detached threads have released. */
static void
add_stops(const rr_machine *m, rr_still *still)
{
    if (m->layout.stop >= 0) {
        still->syncs |= OF_ATTACHMENTS;
        still->releases = true;
        still->is_done = false;
    }
}

/* Sums up what the other fields say. */
static void
sum_up(const rr_machine *m, rr_still *still)
{
    still->accesses = still->loads | still->loads_zero | still->changes | still->stores |
                      still->plain_reads | still->plain_writes;
    still->takes = still->acquires | (still->fences_acquire ? still->reads : 0);
    still->is_done = still->accesses == 0 && still->syncs == 0 && !still->is_seq_cst &&
                     !still->touches && !still->frees;
    bool after_writes = still->reads_payload || still->writes_payload;
    still->kinds = (uint64_t)still->frees << RR_KNOWN_ACCESS |
                   (uint64_t)after_writes << RR_KNOWN_WRITE |
                   (uint64_t)still->writes_payload << RR_KNOWN_READ;
    add_stops(m, still);
}

/* A thread's only frame is the one in which it may still leave.  Nothing is sure inside
 * an operation. */
void
rr_still_fill_tables(rr_machine *m)
{
    const rr_program *p = m->program;
    for (int32_t b = 0; b < m->layout.n_threads && b < p->n_bodies; b++) {
        for (int32_t k = 0; k < p->bodies[b].n_instrs; k++) {
            int32_t i = p->bodies[b].base + k;
            rr_still still = m->still[i];
            if (b < p->n_threads && m->mode->leave != NULL) {
                rr_still_add_operation(m, RR_OP_LEAVE, &still);
            }
            sum_up(m, &still);
            m->still[RR_STILL_IN_ONLY_FRAME * p->n_instrs + i] = still;
            still.sure_locals = still.sure_cells = 0;
            m->still[RR_STILL_INSIDE * p->n_instrs + i] = still;
        }
    }
}

/* ---- of a thread ----------------------------------------------------------------------------- */

static void
add_frame(const rr_machine *m, int thread, int depth, int32_t place, rr_still *out)
{
    if (place >= 0) {
        int32_t base = depth == 0 ? m->program->bodies[thread].base : m->first_deep;
        rr_still_unite(out, &m->still[base + place]);
    } else if (rr_is_destruction(place)) {
        rr_still_add_destruction(m, out);
    } else if (rr_is_collection(place)) {
        rr_still_add_collection(m, out);
    } else if (place != RR_DESTRUCTION_OVER) {
        rr_still_add_operation(m, RR_OP_LEAVE, out);
        rr_still_add_operation(m, RR_OP_COLLAPSE, out);
        rr_still_add_destruction(m, out);
    }
}

/* A thread that has not left yet. */
static bool
leaves_later(const rr_machine *m, int thread)
{
    return thread < m->program->n_threads && m->mode->leave != NULL;
}

/* Puts together what a thread may still do in several frames. */
static const rr_still *
unite_frames(const rr_machine *m, int thread, rr_still *room)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    int32_t place = RR_DESTRUCTION_OVER;
    *room = (rr_still){0};
    for (int d = 0; d < depth; d++) {
        place = m->w[rr_frame_of(&m->layout, thread, d) + RR_FRAME_PLACE];
        add_frame(m, thread, d, place, room);
    }
    if (leaves_later(m, thread) && place >= 0) {
        rr_still_add_operation(m, RR_OP_LEAVE, room);
    }
    sum_up(m, room);
    return room;
}

const rr_still *
rr_still_of(const rr_machine *m, int thread, rr_still *room)
{
    static const rr_still nothing = {.is_done = true};
    static const rr_still stopped = {.releases = true, .syncs = OF_ATTACHMENTS};
    const rr_program *p = m->program;
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    if (depth == 0) {
        return m->layout.stop >= 0 ? &stopped : &nothing;
    }
    int32_t place = m->w[rr_frame_of(&m->layout, thread, 0) + RR_FRAME_PLACE];
    if (depth == 1 && place >= 0) {
        int32_t table = rr_is_inside_operation(m, thread) ? RR_STILL_INSIDE : RR_STILL_IN_ONLY_FRAME;
        return &m->still[table * p->n_instrs + p->bodies[thread].base + place];
    }
    return unite_frames(m, thread, room);
}
