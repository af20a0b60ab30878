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

/* Memory without a count, or the block of a container's items? */
static inline bool
rr_is_uncounted(const rr_machine *m, int object)
{
    return (rr_object_words(m, object)[RR_OBJECT_STATUS] & RR_UNCOUNTED) != 0;
}

static inline bool
rr_has_status_bit(const rr_machine *m, int object, int bit)
{
    return (rr_object_words(m, object)[RR_OBJECT_STATUS] & bit) != 0;
}

static inline int32_t *
rr_fields_of(const rr_machine *m, int object)
{
    return m->w + m->layout.objects[object].first_field;
}

static inline void
rr_add_to_ledger(rr_machine *m, int object, int32_t by)
{
    int32_t *words = rr_object_words(m, object);
    words[RR_OBJECT_LEDGER] += words[RR_OBJECT_STATUS] & RR_IMMORTALISED ? 0 : by;
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

/* Does a thread count through words of its own or its number, which others may read or
 * settle while it is detached? */
static inline bool
rr_needs_attached(const rr_mode *mode)
{
    return mode->arrive != NULL || mode->quiesce != NULL || mode->leave != NULL ||
           mode->detach != NULL || mode->collapse != NULL;
}

/* Stores the result of a step, if the instruction has a place for it. */
static inline void
rr_give(rr_machine *m, const rr_instr *in, int32_t *frame, int32_t word)
{
    if (in->result >= 0) {
        frame[RR_FRAME_LOCALS + in->result] = word;
        m->seen.has_result = true;
        m->seen.result = word;
    }
}

/* ---- weak_shape.c, weak_ways.c, weak_known.c, weak_access.c ----------------------- */

bool rr_shape_fits(const rr_layout *l);
int rr_shape_open(rr_layout *l, const rr_mode *mode, int history, rr_shape *out);
void rr_shape_close(rr_shape *s);

/* The class of a place of the language: two numbers, (local, field name) or (-1, cell). */
static inline int
rr_class_of_place(const rr_program *p, const int32_t *place)
{
    return RR_MODE_CLASSES + (place[0] < 0 ? p->n_names + place[1] : place[1]);
}

/* The order of an access of the mode: as written, unless it is being made weaker. */
rc_order rr_written_order(rr_machine *m, rc_order order, const rc_site *site);
/* Notes what the operation in progress does to a word, or does besides. */
void rr_note_way(rr_machine *m, int class, uint32_t ways);
int32_t rr_lock_of_words(const rr_machine *m, int object);
void rr_note_access(rr_machine *m, int32_t location, const rr_wish *wish);

/* An access of a location: chooses a message, takes over its view, finds races.  RR_WAITS:
 * there is no message that it wants.  If `m->pick.writes`, the caller puts the new value
 * into the row and calls rr_finish_access; `newest`: what was there. */
rr_progress rr_begin_access(rr_machine *m, int32_t location, const rr_wish *wish,
                            bool marks);
rr_progress rr_finish_access(rr_machine *m, int32_t newest);
/* The value at a location that an access has picked goes into the row for a moment. */
int32_t rr_show_pick(rr_machine *m);

void rr_fence(rr_machine *m, rc_order order);
/* What a lock, queue or container orders; it may be in the memory of an object. */
rr_progress rr_synchronise(rr_machine *m, int32_t sync, bool acquires, bool releases,
                           bool marks);
/* Must an access of the operation in progress end before the object's memory is freed?
 * Not if the memory stays for it. */
bool rr_is_memory_access(const rr_machine *m, int32_t object);
/* Accesses to an object's memory, to its payload, and to the cell that was picked. */
rr_progress rr_touch_object(rr_machine *m, int object, bool marks);
rr_progress rr_touch_cell(rr_machine *m, int32_t location);
rr_progress rr_touch_payload(rr_machine *m, int object, bool writes);
rr_progress rr_touch_free(rr_machine *m, int object);
void rr_touch_new(rr_machine *m, int object);
/* This thread knows what all others have done. */
void rr_know_all(rr_machine *m);
/* What happens before the next step of the other thread happens before this one's. */
void rr_join_views(rr_machine *m, int thread, int other);

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
 * other way round; a finding if only the mode needs it, to count or destroy `word`. */
rr_progress rr_check_attachment(rr_machine *m, int thread, int op, int32_t word);

bool rr_is_count_op(int op);
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

/* ---- sections.c: critical sections ------------------------------------------------- */

/* Is a thread to suspend or resume a critical section before its instruction? */
bool rr_is_section_due(const rr_machine *m, int thread);
/* Is the beginning or end of a section no step?  And passing it. */
bool rr_is_section_local(const rr_machine *m, int thread, const rr_instr *in);
void rr_pass_section(rr_machine *m, int thread, const rr_instr *in, int32_t *frame);
/* Has the finaliser that runs, or what it called, entered a section? */
bool rr_is_finaliser_in_section(const rr_machine *m, int thread);
/* Does a thread that has to wait at this instruction detach meanwhile? */
bool rr_detaches_to_wait(const rr_machine *m, const rr_instr *in);
/* Has a thread that cannot take its next step stopped for another one's `stop_world`?
 * pre: it has not ended, and is not inside an operation. */
bool rr_can_stop_here(const rr_machine *m, int thread);
/* Does it take or release the locks of sections, with one of these steps done and one not?
 */
bool rr_is_between_locks(const rr_machine *m, int thread);
bool rr_holds_by_section(const rr_machine *m, int thread, int object);

/* ---- barriers.c: what `wait B` does ----------------------------------------------- */

rr_progress rr_barrier_step(rr_machine *m, const rr_instr *in, int32_t *frame);

/* ---- frames.c, places.c --------------------------------------------------------- */

/* The stack has become shorter: is the interrupt over, or the thread? */
void rr_note_depth(rr_machine *m, int thread);
void rr_pop(rr_machine *m, int thread);
/* An interrupt of the thread comes. */
rr_progress rr_interrupt_thread(rr_machine *m, int thread, int nth);
rr_progress rr_call(rr_machine *m, int thread, int body, int32_t arg, int32_t self);
rr_progress rr_push_destruction(rr_machine *m, int thread, int object);
/* A frame at a negative place, with one word. */
rr_progress rr_push_work(rr_machine *m, int thread, int32_t place, int32_t word);
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
rr_progress rr_malloc(rr_machine *m, int thread, int template, int32_t *out);

/* ---- hooks.c, attachment.c ------------------------------------------------------ */

/* Does the mode have work to do at this step?  And what follows when that work is
 * done. */
bool rr_has_hook(const rr_machine *m, int op);
rr_progress rr_complete_hook(rr_machine *m, int32_t *frame);
/* `detach` or `attach` in a mode that has no hook for it. */
rr_progress rr_attachment_step(rr_machine *m, int thread, int op);

/* ---- count.c: the next access of a counting operation, or a whole decref ---------- */

bool rr_mode_has(const rr_machine *m, int op);
rr_progress rr_count_step(rr_machine *m, int thread, const rr_instr *in,
                          int32_t *frame);
rr_progress rr_decref_whole(rr_machine *m, int thread, int object);

/* ---- blocks.c: memory without a count, and the blocks of containers --------------- */

/* Gives a container its first block. */
rr_progress rr_begin_block(rr_machine *m, int container);
rr_progress rr_block_step(rr_machine *m, const rr_instr *in, int32_t *frame);
/* `free` or `dealloc` of memory without a count. */
rr_progress rr_free_uncounted(rr_machine *m, int op, int object);
/* `x = at p i`, through a pointer to a block. */
rr_progress rr_at_step(rr_machine *m, const rr_instr *in, int32_t *frame);
/* The thread is quiescent, detached or at its end: frees what waited for it alone. */
rr_progress rr_pass_quiescence(rr_machine *m, int thread);
void rr_order_replacements(rr_machine *m, bool is_replacement);

/* ---- first_state.c -------------------------------------------------------------- */

/* The thread that made a named object: the first that holds it when the run begins; -1:
 * only cells hold it, and its maker takes no part. */
int rr_maker_of(const rr_program *p, int32_t object);
/* Sets the words of a state in which no thread has done anything yet. */
rr_progress rr_begin_state(rr_machine *m);

/* ---- drain.c, section_steps.c ------------------------------------------------------- */

rr_progress rr_drain(rr_machine *m, int thread, bool all);

/* What rr_is_section_due says. */
rr_progress rr_section_due(rr_machine *m, int thread);
/* A step has to wait: suspends a critical section first, or returns RR_WAITS. */
rr_progress rr_wait_in_section(rr_machine *m, int thread, const rr_instr *in,
                               int32_t *frame);
/* A thread that is held back suspends its sections first, or waits for the world. */
rr_progress rr_give_way(rr_machine *m, int thread);
/* After a step: what the thread waited for is over, so it resumes its topmost section. */
void rr_go_on_in_section(rr_machine *m, int thread, const rr_instr *in);
/* A thread that is interrupted where it waits attaches: it resumes its topmost section. */
void rr_resume_for_interrupt(rr_machine *m, int thread);
/* One lock of the beginning or end of a section. */
rr_progress rr_section_step(rr_machine *m, int thread, const rr_instr *in,
                            int32_t *frame);

/* ---- free.c, publish.c ------------------------------------------------------------ */

rr_progress rr_free_step(rr_machine *m, int thread, int object);
/* Does dropping what an object owns have to wait?  And dropping one such reference. */
bool rr_must_wait_to_drop(rr_machine *m, int thread, int object);
rr_progress rr_drop_owned(rr_machine *m, int thread, int target);

/* Which threads can reach the named objects at the beginning; and marking what a step is
 * about to store where other threads may find it.  place: a local and a field's name, or
 * -1 for a place that every thread can read. */
int rr_publication_open(rr_machine *m);
void rr_publish(rr_machine *m, const int32_t *locals, int32_t place, int32_t word);

/* ---- collector.c, weak_references.c ----------------------------------------------- */

/* One step of `collect`, and the next step of a collection that is under way. */
rr_progress rr_collect_step(rr_machine *m, int thread, int32_t *frame);
rr_progress rr_go_on_collecting(rr_machine *m, int thread, int32_t *frame);
/* `track` or `untrack`. */
rr_progress rr_track_step(rr_machine *m, int thread, const rr_instr *in,
                          const int32_t *frame);
/* Between two steps: calls the next finaliser or callback, or ends the collection. */
rr_progress rr_settle_collection(rr_machine *m, int thread, int32_t *frame,
                                 bool *is_at_step);
/* Does the collector know an object of a template that has just been made? */
static inline int
rr_tracked_if(const rr_template *t)
{
    return t->collected ? RR_TRACKED : 0;
}

/* Is a weak reference to the object left?  The step that clears all of them. */
bool rr_has_weak_reference(const rr_machine *m, int object);
rr_progress rr_clear_weak_step(rr_machine *m, int thread, int object);
/* Clears those to an object; adds the bits of their callbacks. */
rr_progress rr_clear_weak_references(rr_machine *m, int object, int32_t *callbacks);
/* The load of an `upgrade` of a weak reference.  pre: under C11. */
rr_progress rr_load_weak_reference(rr_machine *m, int32_t location, int32_t *word);
/* Calls these back next. */
rr_progress rr_push_callbacks(rr_machine *m, int thread, int32_t callbacks);
rr_progress rr_call_next_back(rr_machine *m, int thread, int32_t *frame);

/* ---- settle.c, cell_step.c, step.c --------------------------------------------------- */

/* What happens together with the step that has just been taken. */
rr_progress rr_settle(rr_machine *m, int thread);

/* A step has to wait, and keeps the GIL meanwhile. */
rr_progress rr_wait_natively(rr_machine *m, int thread, int32_t *frame);
/* A step on a cell or field. */
rr_progress rr_cell_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame);

/* All steps that are not counting operations. */
rr_progress rr_plain_step(rr_machine *m, int thread, const rr_instr *in,
                          int32_t *frame);

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
