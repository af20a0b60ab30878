/* internal.h -- declarations shared by the files of cext/machine/ only.
 *
 * The functions are in the order in which the files depend on each other: a file calls
 * only functions that are declared above its own.
 */
#ifndef RR_MACHINE_INTERNAL_H
#define RR_MACHINE_INTERNAL_H

#include "machine/machine.h"

static inline rr_progress
rr_find(rr_machine *m, int kind, int32_t object)
{
    m->kinds |= UINT32_C(1) << kind;
    m->culprit = object;
    return RR_ENDED;
}

static inline rr_progress
rr_misused(rr_machine *m, int misuse)
{
    m->misuse = misuse;
    return RR_MISUSED;
}

static inline rr_progress
rr_needs_more(rr_machine *m, int capacity)
{
    m->grow = capacity;
    return RR_GROW;
}

static inline int32_t *
rr_object_words(const rr_machine *m, int object)
{
    return m->w + m->layout.objects[object].base;
}

static inline int
rr_status_of(const rr_machine *m, int object)
{
    return rr_object_words(m, object)[RR_OBJECT_STATUS] & RR_STATUS_MASK;
}

static inline void
rr_set_status(const rr_machine *m, int object, int status)
{
    int32_t *word = &rr_object_words(m, object)[RR_OBJECT_STATUS];
    *word = (*word & ~RR_STATUS_MASK) | status;
}

static inline int64_t
rr_wrapped(const rr_machine *m, int object, int64_t count)
{
    int64_t n = rr_machine_template(m, object)->max_count;
    /* A count in several words has its own widths. */
    if (n == 0 || m->mode->settles || m->mode->keeps_its_width) {
        return count;
    }
    int64_t least = m->mode->is_signed ? -(n + 1) : 0;
    int64_t n_values = n + 1 - least;
    int64_t rest = (count - least) % n_values;
    return least + (rest < 0 ? rest + n_values : rest);
}

static inline int32_t *
rr_top_frame(const rr_machine *m, int thread)
{
    int depth = m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH];
    return m->w + rr_frame_of(&m->layout, thread, depth - 1);
}

/* The instruction at the position of a frame that runs a body. */
static inline const rr_instr *
rr_instr_at(const rr_machine *m, int thread, int depth, int32_t place)
{
    int32_t base = depth == 0 ? m->program->bodies[thread].base : m->first_deep;
    return &m->program->instrs[base + place];
}

static inline bool
rr_is_inside_operation(const rr_machine *m, int thread)
{
    int32_t operation = m->layout.threads[thread].operation;
    return operation >= 0 && m->w[operation] > 0;
}

/* ---- state.c ------------------------------------------------------------------- */

/* A thread's lanes for an object; the sum of all threads' lanes of it; and a function
 * that sets them all to 0. */
int32_t *rr_lanes_of(const rr_machine *m, int thread, int object);
int64_t rr_machine_lanes(const rr_machine *m, const int32_t *w, int object);
void rr_forget_lanes(rr_machine *m, int object);

/* Is any thread suspended?  Then the caller waits for its resumption, not for a lock. */
bool rr_any_suspended(rr_machine *m);
void rr_set_detached(rr_machine *m, int thread, bool is_detached);
/* A misuse if the operation needs an attached thread and this one is detached, or the
 * other way round. */
rr_progress rr_check_attachment(rr_machine *m, int thread, int op);

/* Does an operation find its object while it runs?  Then the state must store it. */
bool rr_finds_object(int op);
/* The object of the operation that a thread is inside. */
int rr_operand_of(const rr_machine *m, int thread);
/* The operation is complete: clear what it has read. */
void rr_forget_reads(rr_machine *m);

/* ---- access.c, operation.c ------------------------------------------------------ */

size_t rr_model_leave_bytes(void);
_Noreturn void rr_leave(rr_machine *m, int why); /* from within the operation */

/* Runs m->op on m->object for n_granted more accesses, or to its end. */
enum { RR_LEFT_COMPLETE = -1, RR_LEFT_AT_NEXT = -2 }; /* else an rr_progress */
int rr_model_run(rr_machine *m, int32_t n_granted);
/* Runs the mode's `arrive` for a thread, before the first step of any thread. */
void rr_model_arrive(rr_machine *m, int thread);

/* ---- frames.c, places.c --------------------------------------------------------- */

rr_progress rr_settle(rr_machine *m, int thread);
void rr_pop(rr_machine *m, int thread);
rr_progress rr_call(rr_machine *m, int thread, int body, int32_t arg, int32_t self);
rr_progress rr_push_destruction(rr_machine *m, int thread, int object);
rr_progress rr_evaluate(rr_machine *m, const int32_t *locals, int32_t value, int32_t *out);

rr_progress rr_pointer(rr_machine *m, int32_t word, int *object);
rr_progress rr_memory(rr_machine *m, int32_t word, int *object);
rr_progress rr_variable(rr_machine *m, const int32_t *locals, const int32_t *place,
                        int32_t **out);

/* ---- lifecycle.c ---------------------------------------------------------------- */

rr_progress rr_begin_count(rr_machine *m, int object, int32_t count, int maker,
                           bool is_shared);
rr_progress rr_destroy(rr_machine *m, int thread, int object);
rr_progress rr_free_memory(rr_machine *m, int object);
rr_progress rr_new(rr_machine *m, int thread, int template, bool is_raw, int32_t *out);
rr_progress rr_renew(rr_machine *m, int thread, int object, int32_t *out);

/* ---- hooks.c, attachment.c ------------------------------------------------------ */

/* Does the mode have work to do at this step?  And what follows when that work is
 * done. */
bool rr_has_hook(const rr_machine *m, int op);
rr_progress rr_complete_hook(rr_machine *m, int32_t *frame);
/* `detach` or `attach` in a mode that has no hook for it. */
rr_progress rr_attachment_step(rr_machine *m, int thread, int op);

/* ---- count.c: the next access of a counting operation, or a whole decref ---------- */

bool rr_is_count_op(int op);
bool rr_mode_has(const rr_machine *m, int op);
rr_progress rr_count_step(rr_machine *m, int thread, const rr_instr *in,
                          int32_t *frame);
rr_progress rr_decref_whole(rr_machine *m, int thread, int object);

/* ---- machine.c ------------------------------------------------------------------ */

/* The thread that made a named object: the first that holds it when the run begins; -1:
 * only cells hold it, and its maker takes no part. */
int rr_maker_of(const rr_program *p, int32_t object);

/* ---- free.c, publish.c, step.c --------------------------------------------------- */

rr_progress rr_free_step(rr_machine *m, int thread, int object);

/* Which threads can reach the named objects at the beginning; and marking what a step is
 * about to store where other threads may find it.  place: a local and a field's name, or
 * -1 for a place that every thread can read. */
int rr_publication_open(rr_machine *m);
void rr_publish(rr_machine *m, const int32_t *locals, int32_t place, int32_t word);

/* All steps that are not counting operations. */
rr_progress rr_plain_step(rr_machine *m, int thread, const rr_instr *in,
                          int32_t *frame);
rr_progress rr_drain(rr_machine *m, int thread, bool all);

/* ---- the end of a thread -------------------------------------------------------- */

/* The thread has run its body: start the mode's work at its end.  False: there is
 * none. */
static inline bool
rr_depart(rr_machine *m, int thread)
{
    bool is_last = thread == m->program->n_threads;
    int32_t place = m->mode->leave != NULL                  ? RR_LEAVES
                    : m->mode->collapse != NULL && is_last ? RR_COLLAPSES
                                                            : 0;
    if (place == 0) {
        return false;
    }
    m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH] = 1;
    rr_top_frame(m, thread)[RR_FRAME_PLACE] = place;
    return true;
}

#endif
