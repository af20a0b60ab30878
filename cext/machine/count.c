/* count.c -- counting operations in the language: how they begin, which object they find,
 * and what happens when they end. */
#include "machine/internal.h"
#include "machine/resurrection.h"
#include "machine/stops.h"

bool
rr_mode_has(const rr_machine *m, int op)
{
    switch (op) {
    case RR_OP_RC:
        return m->mode->count_get != NULL;
    case RR_OP_SETRC:
        return m->mode->count_set != NULL;
    case RR_OP_CASRC:
        return m->mode->count_cas != NULL;
    case RR_OP_INCFETCH:
    case RR_OP_DECFETCH:
        return m->mode->count_add != NULL;
    case RR_OP_IMMORTALISE:
        return m->mode->immortalise != NULL;
    case RR_OP_MERGE:
        return m->mode->merge != NULL;
    case RR_OP_ENABLE_TRY:
        return m->mode->enable_try != NULL;
    default:
        return true;
    }
}

/* Each step evaluates the operands anew: a thread's locals do not change while it is
 * inside an operation. */
static rr_progress
read_operands(rr_machine *m, const rr_instr *in, const int32_t *locals)
{
    int64_t *const numbers[] = {&m->a, &m->b};
    int n = in->op == RR_OP_CASRC ? 2 : in->op == RR_OP_SETRC ? 1 : 0;
    for (int i = 0; i < n; i++) {
        int32_t word;
        rr_progress progress = rr_evaluate(m, locals, in->p[1 + i], &word);
        if (progress != RR_RAN) {
            return progress;
        }
        if (!rr_is_integer(word)) {
            return rr_misused(m, RR_MISUSE_NOT_A_NUMBER);
        }
        *numbers[i] = rr_integer_of(word);
    }
    return RR_RAN;
}

/* Under C11: another thread that takes the lock that threads keep between operations sees
 * what this thread did until the end of its operation. */
static void
order_kept_lock(rr_machine *m)
{
    if (m->is_weak && m->layout.gil >= 0) {
        int32_t sync = m->shape.sync_of[m->layout.gil];
        (void)rr_synchronise(m, sync, false, true, false);
    }
}

static void
finish(rr_machine *m, const rr_instr *in, int32_t *frame, int32_t result)
{
    rr_forget_reads(m);
    order_kept_lock(m);
    frame[RR_FRAME_PLACE]++;
    if (in->result >= 0) {
        frame[RR_FRAME_LOCALS + in->result] = result;
        m->seen.has_result = true;
        m->seen.result = result;
    }
}

/* Did try_incref succeed on an object without references, in a mode whose try_incref
 * writes first?  The count does not show it, since other attempts are in it; the ledger
 * does. */
static bool
is_taken_from_the_dead(const rr_machine *m)
{
    return m->mode->tries_first && rr_status_of(m, m->object) != RR_ALIVE &&
           rr_object_words(m, m->object)[RR_OBJECT_LEDGER] <= 0;
}

/* Is it the mode's `decref`, also where the count is not a word to subtract from? */
static bool
is_decref(const rr_machine *m, int op)
{
    return op == RR_OP_DECREF || op == RR_OP_DECREF_RLX ||
           (op == RR_OP_RESURRECT_END && m->mode->count_add == NULL);
}

/* In a mode whose words are no evidence between accesses, the ledger shows a decrement
 * without a reference. */
static bool
has_gone_below(const rr_machine *m, int object)
{
    return m->mode->settles && !m->counts_on && is_decref(m, m->op) &&
           rr_object_words(m, object)[RR_OBJECT_LEDGER] < 0;
}

/* Do others hold references?  A decrement that is put off shows it only later, so until
 * then they do. */
static bool
is_kept(const rr_machine *m)
{
    return m->mode->count_add != NULL ? m->answer > 0 : !m->is_dealloc;
}

/* The collector forgets an immortal object, as in CPython. */
static void
become_immortal(rr_machine *m, int object)
{
    int32_t *status = &rr_object_words(m, object)[RR_OBJECT_STATUS];
    *status = (*status & ~(RR_TRACKED | RR_GARBAGE)) | RR_IMMORTALISED;
}

static rr_progress
complete(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    int object = m->object;
    int32_t result = 0;
    bool has_taken = m->op == RR_OP_INCREF;
    switch (m->op) {
    case RR_OP_TRY_INCREF:
        has_taken = m->answer != 0;
        result = rr_word_of_integer(m->answer);
        break;
    case RR_OP_UPGRADE:
        has_taken = m->answer != 0;
        result = has_taken ? rr_word_of_object(object) : 0;
        break;
    case RR_OP_UNIQUE:
    case RR_OP_RC:
    case RR_OP_CASRC:
    case RR_OP_MERGE:
        result = rr_word_of_integer(m->answer);
        break;
    case RR_OP_INCFETCH:
    case RR_OP_DECFETCH:
        result = rr_word_of_integer(rr_wrapped(m, object, m->answer));
        break;
    case RR_OP_RESURRECT_END:
        result = rr_word_of_integer(is_kept(m));
        break;
    case RR_OP_IMMORTALISE:
        become_immortal(m, object);
        break;
    default:
        break;
    }
    if (m->op == RR_OP_TRY_INCREF && has_taken && is_taken_from_the_dead(m) &&
        !m->counts_on) {
        return rr_find(m, RR_REVIVAL, object);
    }
    if (has_taken) {
        rr_add_to_ledger(m, object, 1);
    }
    finish(m, in, frame, result);
    if (has_gone_below(m, object)) {
        return rr_find(m, RR_UNDERFLOW, object);
    }
    if (m->op == RR_OP_RESURRECT_END) {
        return is_kept(m) ? rr_keep_resurrected(m, m->thread, in, object) : RR_RAN;
    }
    return m->is_dealloc && !m->was_dealloc ? rr_destroy(m, m->thread, object) : RR_RAN;
}

/* The operation goes on: store its position and what it has read. */
static rr_progress
keep(rr_machine *m)
{
    int32_t n_words = m->reads + m->n_read - m->layout.threads[m->thread].operation;
    if (m->layout.threads[m->thread].operation < 0 ||
        n_words + m->has_fresh - m->has_failed > m->layout.capacity[RR_CAPACITY_READS]) {
        return rr_needs_more(m, RR_CAPACITY_READS);
    }
    if (rr_finds_object(m->op)) {
        m->w[m->reads - 1] = m->object + 1;
    }
    if (m->has_fresh) {
        m->w[m->reads + m->n_read - m->has_failed] = m->fresh;
    }
    m->w[m->layout.threads[m->thread].operation] = m->n_done + !m->has_failed;
    /* An object that dies inside an operation dies at once, with its memory. */
    return m->is_dealloc && !m->was_dealloc ? rr_free_memory(m, m->object) : RR_RAN;
}

/* The object is dying or freed: the result is null, at this step. */
static rr_progress
upgrade_to_null(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    const rr_layout *l = &m->layout;
    int32_t me = m->thread + 1;
    if (l->count_mutex_offset >= 0) {
        int32_t *mutex = &rr_object_words(m, m->object)[l->count_mutex_offset];
        *mutex = *mutex == me ? 0 : *mutex;
    }
    if (l->count_lock >= 0 && m->w[l->count_lock] == me) {
        m->w[l->count_lock] = 0;
    }
    m->seen.place = RR_PLACE_COUNT;
    m->seen.object = m->object;
    finish(m, in, frame, 0);
    return RR_RAN;
}

/* Under C11: loads the pointer of an `upgrade`. */
static rr_progress
load_place(rr_machine *m, const rr_instr *in, const int32_t *place, int32_t *word)
{
    rc_order order = (rc_order)in->order;
    const rr_wish wish = {.kind = RR_WANTS_VALUE, .order = order, .failure = order};
    int32_t location = m->shape.location_of[place - m->w];
    if (m->shape.sync_of[place - m->w] >= 0) { /* of no other cell or field */
        return rr_load_weak_reference(m, location, word);
    }
    rr_progress progress = rr_begin_access(m, location, &wish, true);
    *word = m->pick.value;
    return progress;
}

/* Finds the object of an operation that begins.  RR_NOTHING: it was an upgrade of null,
 * and is complete. */
static rr_progress
begin(rr_machine *m, const rr_instr *in, int32_t *frame)
{
    if (rr_op_is_hook(in->op)) {
        m->object = -1;
        return RR_RAN;
    }
    int32_t word = frame[RR_FRAME_LOCALS + (in->op == RR_OP_UPGRADE ? 0 : in->p[0])];
    if (in->op == RR_OP_UPGRADE) {
        int32_t *place;
        rr_progress progress =
            rr_variable(m, frame + RR_FRAME_LOCALS, in->p, &place);
        if (progress != RR_RAN) {
            return progress;
        }
        word = *place;
        if (m->is_weak) {
            progress = load_place(m, in, place, &word);
            if (progress != RR_RAN) {
                return progress;
            }
        }
        if (word == 0) {
            finish(m, in, frame, 0);
            return RR_NOTHING;
        }
    }
    int object = -1; /* some compilers do not see that it is set */
    rr_progress progress = rr_pointer(m, word, &object);
    m->object = object;
    if (progress == RR_RAN && rr_is_uncounted(m, object)) {
        return rr_misused(m, RR_MISUSE_UNCOUNTED);
    }
    if (progress == RR_RAN && in->op == RR_OP_IMMORTALISE &&
        rr_wrapped(m, object, RR_MAX_INTEGER) != RR_MAX_INTEGER) {
        return rr_misused(m, RR_MISUSE_NARROW_IMMORTAL);
    }
    if (progress == RR_RAN && is_decref(m, in->op)) {
        rr_add_to_ledger(m, object, -1);
    }
    return progress;
}

/* Under C11: notes what a complete operation has not done. */
static void
note_end(rr_machine *m)
{
    if (m->n_done > 0 || !m->has_changed) {
        rr_note_way(m, RR_CLASS_REFCNT, RR_MAY_NOT_CHANGE);
    }
}

rr_progress
rr_count_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame)
{
    const rr_thread_layout *t = &m->layout.threads[thread];
    m->thread = thread;
    m->op = in->op;
    m->n_done = t->operation >= 0 ? m->w[t->operation] : 0;
    m->reads = t->operation + 1 + rr_finds_object(in->op);
    m->seen.begins = m->n_done == 0;
    if (!rr_mode_has(m, in->op)) {
        return rr_misused(m, RR_MISUSE_NO_OPERATION);
    }
    if (in->op == RR_OP_RESURRECT_END && rr_is_finalising_garbage(m, thread)) {
        return rr_end_of_garbage(m, thread, in, frame);
    }
    if (m->n_done > 0) {
        m->object = rr_operand_of(m, thread);
    }
    else {
        bool names_object = !rr_op_is_hook(in->op) && in->op != RR_OP_UPGRADE;
        rr_progress progress = rr_check_attachment(
            m, thread, in->op, names_object ? frame[RR_FRAME_LOCALS + in->p[0]] : 0);
        if (progress == RR_RAN) {
            progress = begin(m, in, frame);
        }
        if (progress != RR_RAN) {
            return progress == RR_NOTHING ? RR_RAN : progress;
        }
    }
    if (m->op == RR_OP_UPGRADE && rr_status_of(m, m->object) != RR_ALIVE &&
        !m->counts_on) {
        return upgrade_to_null(m, in, frame);
    }
    /* A blocked step is no step, so its operands are read only once it can run. */
    rr_progress operands = read_operands(m, in, frame + RR_FRAME_LOCALS);
    int left = rr_model_run(m, 1);
    if (left == RR_WAITS) {
        return RR_WAITS;
    }
    if (operands != RR_RAN) {
        return operands;
    }
    bool is_elsewhere = m->op == RR_OP_RESURRECT_END &&
                        !rr_is_in_finaliser_of(m, thread, m->object);
    bool is_freed = m->object >= 0 && rr_status_of(m, m->object) == RR_FREED;
    if (left >= 0 && (!is_elsewhere || is_freed)) {
        return (rr_progress)left;
    }
    if (is_elsewhere) {
        return rr_misused(m, RR_MISUSE_NOT_FINALISING);
    }
    if (left != RR_LEFT_COMPLETE) {
        return keep(m);
    }
    if (m->is_weak) {
        note_end(m);
    }
    return rr_op_is_hook(m->op) ? rr_complete_hook(m, frame) : complete(m, in, frame);
}

/* pre: the caller has checked that a locking mode would not wait. */
rr_progress
rr_decref_whole(rr_machine *m, int thread, int object)
{
    rr_seen seen = m->seen;
    m->thread = thread;
    m->op = RR_OP_DECREF;
    m->object = object;
    m->n_done = 0;
    int left = rr_model_run(m, INT32_MAX);
    m->seen = seen;
    if (left >= 0) {
        return (rr_progress)left;
    }
    order_kept_lock(m);
    if (has_gone_below(m, object)) {
        return rr_find(m, RR_UNDERFLOW, object);
    }
    return m->is_dealloc ? rr_destroy(m, thread, object) : RR_RAN;
}
