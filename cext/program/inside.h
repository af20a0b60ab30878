/* inside.h -- what the parts of the machine share; for cext/program/ only. */
#ifndef RR_INSIDE_H
#define RR_INSIDE_H

#include "program/machine.h"

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
    if (n == 0 || m->mode->settles || m->mode->keeps_its_width) { /* a count in several words has its own widths */
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

/* The instruction at a place of a frame that runs a body. */
static inline const rr_instr *
rr_instr_at(const rr_machine *m, int thread, int depth, int32_t place)
{
    int32_t base = depth == 0 ? m->program->bodies[thread].base : m->first_deep;
    return &m->program->instrs[base + place];
}

/* frames.c */
rr_progress rr_settle(rr_machine *m, int thread);
void rr_pop(rr_machine *m, int thread);
rr_progress rr_call(rr_machine *m, int thread, int body, int32_t arg, int32_t self);
rr_progress rr_push_destruction(rr_machine *m, int thread, int object);
rr_progress rr_evaluate(rr_machine *m, const int32_t *locals, int32_t value, int32_t *out);

/* count.c: the next access of a counting operation, or a decref all at once. */
rr_progress rr_count_step(rr_machine *m, int thread, const rr_instr *in,
                          int32_t *frame);
rr_progress rr_decref_whole(rr_machine *m, int thread, int object);
bool rr_is_count_op(int op);

static inline bool
rr_is_inside_operation(const rr_machine *m, int thread)
{
    int32_t operation = m->layout.threads[thread].operation;
    return operation >= 0 && m->w[operation] > 0;
}

/* The object of the operation that a thread is inside. */
int rr_operand_of(const rr_machine *m, int thread);
/* Does the mode have the operation? */
bool rr_mode_has(const rr_machine *m, int op);

/* What an operation has read is of no use any more. */
void rr_forget_reads(rr_machine *m);

/* hooks.c: is the step one at which the mode has something to do?  And what is to be done
 * when it has, and for a thread that has ended. */
bool rr_has_hook(const rr_machine *m, int op);
rr_progress rr_complete_hook(rr_machine *m, int32_t *frame);
rr_progress rr_depart_step(rr_machine *m, int thread, int32_t *frame);

/* model.c: one more access of m->op on m->object, or all of them. */
enum { RR_LEFT_COMPLETE = -1, RR_LEFT_AT_NEXT = -2 }; /* else an rr_progress */
int rr_model_run(rr_machine *m, int32_t n_granted);
/* The mode's part in the beginning of a thread, before the first step of any. */
void rr_model_arrive(rr_machine *m, int thread);
size_t rr_model_leave_bytes(void);
_Noreturn void rr_leave(rr_machine *m, int why); /* from within the operation */

/* life.c */
rr_progress rr_begin_count(rr_machine *m, int object, int32_t count, int maker,
                    bool is_shared);
rr_progress rr_destroy(rr_machine *m, int thread, int object);
rr_progress rr_free_memory(rr_machine *m, int object);
rr_progress rr_free_step(rr_machine *m, int thread, int object);
rr_progress rr_new(rr_machine *m, int thread, int template, bool is_raw, int32_t *out);
rr_progress rr_renew(rr_machine *m, int thread, int object, int32_t *out);

/* asleep.c: is any thread kept from counting again? */
bool rr_any_suspended(rr_machine *m);
void rr_set_detached(rr_machine *m, int thread, bool is_detached);
/* May a thread do what takes an attached one, or attach? */
rr_progress rr_check_attachment(rr_machine *m, int thread, int op);
rr_progress rr_asleep_step(rr_machine *m, int thread, int op);

/* lanes.c: what all of them hold for an object. */
int64_t rr_machine_lanes(const rr_machine *m, const int32_t *w, int object);
void rr_forget_lanes(rr_machine *m, int object);

/* The thread has done its own work: on to what the mode does then.  False: nothing. */
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

/* places.c */
rr_progress rr_pointer(rr_machine *m, int32_t word, int *object);
rr_progress rr_memory(rr_machine *m, int32_t word, int *object);
rr_progress rr_variable(rr_machine *m, const int32_t *locals, const int32_t *place,
                        int32_t **out);

/* publish.c: who can reach the named objects at the beginning; and what a step is about
 * to put into a place where others may find it.  place: a local and a field's name, or -1
 * for what every thread can look into. */
int rr_publication_open(rr_machine *m);
void rr_publish(rr_machine *m, const int32_t *locals, int32_t place, int32_t word);

/* machine.c: the thread that made a named object, the first that holds it when the run
 * begins; -1: only cells hold it, and its maker takes no part. */
int rr_maker_of(const rr_program *p, int32_t object);

/* step.c: all other steps. */
rr_progress rr_plain_step(rr_machine *m, int thread, const rr_instr *in,
                          int32_t *frame);
rr_progress rr_drain(rr_machine *m, int thread, bool all);

#endif
